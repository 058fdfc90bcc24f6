import { describe, expect, it } from 'vitest';
import { PackWindow } from '../../../src/git/pack/pack-window.js';
import { BufferAccess } from '../../../src/git/pack/random-access.js';
import { PackInvalid } from '../../../src/git/objects/errors.js';

const SIZE = 100_000;
const content = Buffer.from(Array.from({ length: SIZE }, (_, at) => Math.imul(at + 1, 0x9e3779b1) >>> 24));

/** Counts what is read of it. */
class CountingAccess extends BufferAccess {
  reads = 0;

  override readInto(target: Buffer, position: number, length: number): void {
    this.reads++;
    super.readInto(target, position, length);
  }
}

function shows(window: PackWindow, position: number, length: number): boolean {
  const at = position - window.start;
  return at >= 0 && window.bytes.subarray(at, at + length).equals(content.subarray(position, position + length));
}

describe('a window on a pack', () => {
  it('shows the bytes at every place, narrow or wide, to the last one', () => {
    const access = new CountingAccess(content);
    for (const wide of [false, true]) {
      for (const position of [0, 1, 5000, 12_288, 50_000, SIZE - 4001, SIZE - 20]) {
        const window = new PackWindow();
        const length = Math.min(4000, SIZE - position);
        expect(window.show(access, position, length, SIZE, wide)).toBe(true);
        expect(shows(window, position, length)).toBe(true);
      }
    }
  });

  it('reads once for neighbours, those in front of a base included', () => {
    const access = new CountingAccess(content);
    const window = new PackWindow();
    window.show(access, 60_000, 28, SIZE, true);
    for (const position of [59_000, 52_000, 48_000, 62_000]) {
      window.show(access, position, 28, SIZE, true);
      expect(shows(window, position, 28)).toBe(true);
    }
    expect(access.reads).toBe(1);
    window.show(access, 40_000, 28, SIZE, true);
    expect(shows(window, 40_000, 28)).toBe(true);
    expect(access.reads).toBe(2);
  });

  it('shows no byte behind the end that it was told', () => {
    const window = new PackWindow();
    window.show(new BufferAccess(content), 900, 28, 1000, true);
    expect(window.start + window.bytes.length).toBe(1000);
  });

  it('never shows one pack’s bytes for another’s, nor old ones when it was told to forget', () => {
    const changing = Buffer.from(content);
    const one = new BufferAccess(changing);
    const window = new PackWindow();
    window.show(one, 0, 100, SIZE, false);
    window.show(new BufferAccess(Buffer.alloc(SIZE, 7)), 0, 100, SIZE, false);
    expect(window.bytes.every((byte) => byte === 7)).toBe(true);
    window.show(one, 0, 100, SIZE, false);
    changing.fill(9);
    expect(shows(window, 0, 100)).toBe(true);
    window.forget();
    window.show(one, 0, 100, SIZE, false);
    expect(window.bytes.every((byte) => byte === 9)).toBe(true);
  });

  it('leaves to others what is larger than itself, and shows nothing where a read has failed', () => {
    const window = new PackWindow();
    const access = new BufferAccess(content);
    expect(window.show(access, 0, 20_000, SIZE, false)).toBe(false);
    window.show(access, 0, 100, SIZE, false);
    expect(() => window.show(access, SIZE - 10, 20, SIZE, false)).toThrow(PackInvalid);
    const again = new CountingAccess(content);
    expect(window.show(again, 0, 100, SIZE, false)).toBe(true);
    expect(again.reads).toBe(1);
    expect(shows(window, 0, 100)).toBe(true);
  });
});
