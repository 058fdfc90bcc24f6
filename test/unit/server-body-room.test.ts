import { describe, expect, it } from 'vitest';
import { BodyRoom } from '../../src/server/http/body-room.js';

const KIB = 1024;
/** What comes with any request and is not counted. */
const AHEAD = 64 * KIB;
const LONGEST = 512 * KIB;

/** A request whose body comes as it is told to. */
function coming(): { readonly request: Request; send(bytes: number): Promise<void>; end(): void; breakOff(): void } {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>(undefined, { highWaterMark: 100 });
  const writer = writable.getWriter();
  const init = { method: 'POST', body: readable, duplex: 'half' };
  return {
    request: new Request('http://weir.test/graphql', init),
    send: (bytes) => writer.write(new Uint8Array(bytes)).catch(() => undefined),
    end: () => void writer.close(),
    breakOff: () => void writer.abort(new TypeError('gone')).catch(() => undefined),
  };
}

/** One whose body has come. */
function whole(bytes: number): Request {
  const { request, send, end } = coming();
  void send(bytes);
  end();
  return request;
}

describe('the room for bodies', () => {
  it('hands on what has come, byte for byte', async () => {
    const { request, send, end } = coming();
    void send(3);
    void send(5);
    end();
    const received = await new BodyRoom(0).receive(request, LONGEST);
    expect(received?.bytes?.length).toBe(8);
  });

  it('counts what has come beyond the beginning, refuses what does not fit, and has it back once', async () => {
    const room = new BodyRoom(100 * KIB);
    const first = await room.receive(whole(AHEAD + 100 * KIB), LONGEST);
    expect(first).not.toBeNull();
    expect(await room.receive(whole(AHEAD + 1), LONGEST)).toBeNull();
    expect(await room.receive(whole(AHEAD), LONGEST)).not.toBeNull();
    first?.release();
    first?.release();
    expect(await room.receive(whole(AHEAD + 101 * KIB), LONGEST)).toBeNull();
    expect(await room.receive(whole(AHEAD + 100 * KIB), LONGEST)).not.toBeNull();
  });

  it('has room for others while hundreds come slowly', async () => {
    const room = new BodyRoom(KIB);
    const slow = Array.from({ length: 300 }, coming);
    const received = slow.map(({ request, send }) => {
      void send(1);
      return room.receive(request, LONGEST);
    });
    expect(await room.receive(whole(AHEAD + KIB), LONGEST)).not.toBeNull();
    for (const { end } of slow) end();
    expect((await Promise.all(received)).filter((one) => one === null)).toEqual([]);
  });

  it('has back what a body took that breaks off', async () => {
    const room = new BodyRoom(KIB);
    const { request, send, breakOff } = coming();
    const broken = room.receive(request, LONGEST);
    await send(AHEAD + KIB);
    // Taken when the first has been.
    await send(0);
    breakOff();
    await expect(broken).rejects.toThrow('gone');
    expect(await room.receive(whole(AHEAD + KIB), LONGEST)).not.toBeNull();
  });

  it('reads no further than it takes to know that a body is too long', async () => {
    const { request, send } = coming();
    void send(AHEAD);
    void send(1);
    // It never ends.
    expect(await new BodyRoom(KIB).receive(request, AHEAD)).toMatchObject({ bytes: null });
  });
});
