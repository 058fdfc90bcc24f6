/** A push has sent next to nothing for as long as it may. */
export class BodyTooSlow extends Error {
  override readonly name = 'BodyTooSlow';
  constructor(readonly idleMs: number) {
    super(`less than ${BYTES_PER_SECOND} bytes a second came for ${idleMs} ms`);
  }
}

/** Slower than any line that a repository is pushed over; a client that keeps a slot for less than that keeps it for nothing. */
export const BYTES_PER_SECOND = 1024;

/**
 * The pieces of a body as they come, for as long as they come: throws {@link BodyTooSlow} when less than a kibibyte a second has come while
 * `idleMs` were spent waiting for it. Time in which nobody asks for the next piece does not count, and there is no limit to the whole.
 */
export async function* paced(pieces: AsyncIterable<Uint8Array>, idleMs: number): AsyncGenerator<Uint8Array, void, undefined> {
  const iterator = pieces[Symbol.asyncIterator]();
  let waited = 0;
  let bytes = 0;
  for (let next = iterator.next(); ; next = iterator.next()) {
    for (let result: IteratorResult<Uint8Array> | null = null; result === null;) {
      const started = performance.now();
      result = await within(next, idleMs - waited);
      waited += performance.now() - started;
      if (result?.done === true) return;
      bytes += result?.value.length ?? 0;
      if (waited >= idleMs) {
        if (bytes < (idleMs / 1000) * BYTES_PER_SECOND) throw new BodyTooSlow(idleMs);
        [waited, bytes] = [0, 0];
      }
      if (result !== null) yield result.value;
    }
  }
}

/** What is awaited, or null when it takes longer. */
async function within<T>(awaited: Promise<T>, milliseconds: number): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    // A timer may come a moment early; one that comes late only lets the client wait longer.
    timer = setTimeout(() => resolve(null), Math.max(0, milliseconds) + 1);
  });
  try {
    return await Promise.race([awaited, late]);
  } finally {
    clearTimeout(timer);
  }
}
