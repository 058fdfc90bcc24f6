/** The body is longer than this route takes. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
  constructor(readonly maximum: number) {
    super(`The body is longer than ${maximum} bytes.`);
  }
}

/**
 * The whole body. Rejects with {@link BodyTooLarge} as soon as more than `maximum` bytes are announced or have come, and leaves the
 * rest unread: the client still gets its answer. `came` is told how many have, and ends the reading by throwing.
 */
export async function readBody(request: Request, maximum: number, came?: (bytes: number) => void): Promise<Buffer> {
  if (Number(request.headers.get('content-length') ?? 0) > maximum) throw new BodyTooLarge(maximum);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of bodyChunks(request)) {
    bytes += chunk.length;
    if (bytes > maximum) throw new BodyTooLarge(maximum);
    came?.(bytes);
    chunks.push(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength));
  }
  // One chunk is not copied: 3 MB of what is then refused cost as much as ten small operations.
  const [only] = chunks;
  return only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks, bytes);
}

/** The body's bytes as they come; nothing where there is none. */
export async function* bodyChunks(request: Request): AsyncGenerator<Uint8Array, void, undefined> {
  const reader = request.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      if (value instanceof Uint8Array) yield value;
    }
  } finally {
    reader.releaseLock();
  }
}
