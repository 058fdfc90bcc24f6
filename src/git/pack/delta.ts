import { BudgetExceeded, PackInvalid } from '../objects/errors.js';
import { Pace } from '../objects/pace.js';

/** What a delta declares before its instructions: sizes in bytes, and where the instructions begin. */
export interface DeltaHeader {
  readonly baseSize: number;
  readonly resultSize: number;
  readonly instructions: number;
}

/** How much a paced application copies before it lets the event loop in: about 2 ms of memory bandwidth. */
const PACED_BYTES = 8 << 20;

/** Copies to this many bytes are made byte by byte: a call costs as much as 40 of them. */
const SHORT_COPY = 32;

/** Parses the two sizes in front of a delta (gitformat-pack, "Deltified representation"). Throws {@link PackInvalid}. */
export function parseDeltaHeader(delta: Buffer): DeltaHeader {
  const base = parseSize(delta, 0);
  const result = parseSize(delta, base.end);
  return { baseSize: base.size, resultSize: result.size, instructions: result.end };
}

function parseSize(delta: Buffer, from: number): { size: number; end: number } {
  let size = 0;
  let scale = 1;
  for (let at = from; at < from + 8; at++) {
    const byte = delta[at];
    if (byte === undefined) break;
    size += (byte & 0x7f) * scale;
    if ((byte & 0x80) === 0) return { size, end: at + 1 };
    scale *= 128;
  }
  throw new PackInvalid('a delta without its sizes');
}

/**
 * The object that `delta` makes of `base`. The declared sizes are compared with the base and with `maxBytes` before
 * anything is allocated. Throws {@link PackInvalid} for an instruction that leaves base, delta or result, and
 * {@link BudgetExceeded} for a result over `maxBytes`.
 */
export function applyDelta(base: Buffer, delta: Buffer, maxBytes: number): Buffer {
  const application = new DeltaApplication(base, delta, maxBytes);
  application.run(Infinity);
  return application.result;
}

/** As {@link applyDelta}, letting the event loop breathe on results of many megabytes. */
export async function applyDeltaPaced(base: Buffer, delta: Buffer, maxBytes: number): Promise<Buffer> {
  const application = new DeltaApplication(base, delta, maxBytes);
  const pace = new Pace();
  while (!application.run(PACED_BYTES)) await pace.breathe();
  return application.result;
}

/** One application of a delta, which can pause between instructions. */
class DeltaApplication {
  readonly result: Buffer;
  readonly #base: Buffer;
  readonly #delta: Buffer;
  #at: number;
  #made = 0;

  constructor(base: Buffer, delta: Buffer, maxBytes: number) {
    const { baseSize, resultSize, instructions } = parseDeltaHeader(delta);
    if (baseSize !== base.length) throw new PackInvalid(`a delta for a base of ${baseSize} bytes meets one of ${base.length}`);
    if (resultSize > maxBytes) throw new BudgetExceeded('object bytes', maxBytes, resultSize);
    // Three bytes of delta copy at most 16 MB - 1: what declares more than that is refused before memory is taken.
    if (resultSize > (delta.length - instructions) * 0xffffff) throw new PackInvalid('a delta declares more than its instructions can make');
    this.#base = base;
    this.#delta = delta;
    this.#at = instructions;
    this.result = Buffer.allocUnsafe(resultSize);
  }

  /** Works until about `bytes` were made; true when the result is whole. */
  run(bytes: number): boolean {
    const delta = this.#delta;
    const result = this.result;
    const base = this.#base;
    const stop = this.#made + bytes;
    let at = this.#at;
    let made = this.#made;
    while (at < delta.length && made < stop) {
      const opcode = delta[at++] ?? 0;
      if (opcode === 0) throw new PackInvalid('a delta with the reserved instruction 0');
      if ((opcode & 0x80) === 0) {
        if (at + opcode > delta.length || made + opcode > result.length) throw new PackInvalid('a delta inserts past its end');
        if (opcode <= SHORT_COPY) for (let byte = 0; byte < opcode; byte++) result[made + byte] = delta[at + byte] ?? 0;
        else delta.copy(result, made, at, at + opcode);
        at += opcode;
        made += opcode;
        continue;
      }
      let from = 0;
      let size = 0;
      if ((opcode & 0x01) !== 0) from = delta[at++] ?? 0;
      if ((opcode & 0x02) !== 0) from |= (delta[at++] ?? 0) << 8;
      if ((opcode & 0x04) !== 0) from |= (delta[at++] ?? 0) << 16;
      if ((opcode & 0x08) !== 0) from += (delta[at++] ?? 0) * 0x1000000;
      if ((opcode & 0x10) !== 0) size = delta[at++] ?? 0;
      if ((opcode & 0x20) !== 0) size |= (delta[at++] ?? 0) << 8;
      if ((opcode & 0x40) !== 0) size |= (delta[at++] ?? 0) << 16;
      if (size === 0) size = 0x10000;
      if (at > delta.length || from + size > base.length || made + size > result.length) throw new PackInvalid('a delta copies past an end');
      if (size <= SHORT_COPY) for (let byte = 0; byte < size; byte++) result[made + byte] = base[from + byte] ?? 0;
      else base.copy(result, made, from, from + size);
      made += size;
    }
    this.#at = at;
    this.#made = made;
    if (at < delta.length) return false;
    if (made !== result.length) throw new PackInvalid('a delta makes less than it declares');
    return true;
  }
}
