import { BodyTooLarge, readBody } from './body.js';
import { READ_AHEAD_BYTES } from './node-adapter.js';

/** A body that has come. */
export interface ReceivedBody {
  /** Its bytes; null where it is longer than this route takes. */
  readonly bytes: Buffer | null;
  /** Gives back what the body took of the room. Idempotent. */
  release(): void;
}

class RoomFull extends Error {
  override readonly name = 'RoomFull';
}

/**
 * Memory for bodies that come before their requests are begun, all together. What has come is counted, not what was announced: a client
 * that sends a byte now and then takes a byte now and then, and nothing that others need, however many such clients there are.
 */
export class BodyRoom {
  #free: number;

  constructor(bytes: number) {
    this.#free = bytes;
  }

  /**
   * Waits for the whole body, of `maximum` bytes at most; null where there is no room for more of it. The first bytes, as many as
   * requests are read ahead by, are not counted. Rejects as the body does when it breaks off.
   */
  async receive(request: Request, maximum: number): Promise<ReceivedBody | null> {
    let taken = 0;
    const release = (): void => {
      this.#free += taken;
      taken = 0;
    };
    try {
      const bytes = await readBody(request, maximum, (came) => {
        const more = Math.max(0, came - READ_AHEAD_BYTES) - taken;
        if (more > this.#free) throw new RoomFull();
        this.#free -= more;
        taken += more;
      });
      return { bytes, release };
    } catch (error) {
      release();
      if (error instanceof RoomFull) return null;
      if (error instanceof BodyTooLarge) return { bytes: null, release };
      throw error;
    }
  }
}
