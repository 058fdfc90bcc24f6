import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BodyTooSlow, paced } from '../../src/server/git/paced-body.js';

const IDLE_MS = 10_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const later = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A piece of so many bytes after each pause. */
async function* sent(pieces: number, bytes: number, pauseMs: number): AsyncGenerator<Uint8Array> {
  for (let piece = 0; piece < pieces; piece++) {
    await later(pauseMs);
    yield new Uint8Array(bytes);
  }
}

/** Reads all, with a pause of the reader's own after each piece; answers how many bytes came, or the error. */
async function read(body: AsyncIterable<Uint8Array>, pauseMs = 0): Promise<number | unknown> {
  const reading = (async () => {
    let bytes = 0;
    try {
      for await (const piece of paced(body, IDLE_MS)) {
        bytes += piece.length;
        if (pauseMs > 0) await later(pauseMs);
      }
      return bytes;
    } catch (error) {
      return error;
    }
  })();
  await vi.runAllTimersAsync();
  return reading;
}

async function* broken(): AsyncGenerator<Uint8Array> {
  yield new Uint8Array(1);
  throw new RangeError('broken');
}

it('a body that comes slowly, and comes, is read to its end however long that takes', async () => {
  expect(await read(sent(1000, 4096, 3_000))).toBe(4096 * 1000);
});

it('a body that stops is given up', async () => {
  expect(await read(sent(3, 1 << 20, 2 * IDLE_MS + 1))).toBeInstanceOf(BodyTooSlow);
});

it('a body that trickles is given up, though it never stops', async () => {
  expect(await read(sent(1000, 1, 100))).toBeInstanceOf(BodyTooSlow);
});

it('the time in which nobody asks for the next piece is not the sender’s', async () => {
  expect(await read(sent(10, 100, 10), 5 * IDLE_MS)).toBe(1000);
});

it('what goes wrong with the body itself is told as it is', async () => {
  expect(await read(broken())).toBeInstanceOf(RangeError);
});
