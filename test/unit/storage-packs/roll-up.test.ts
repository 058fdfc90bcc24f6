import { describe, expect, it } from 'vitest';
import { DEFAULT_ROLL_UP, packsToRollUp, type PackSize } from '../../../src/storage/upkeep/roll-up.js';
import { fc } from '../../support/fast-check.js';

const EVERYTHING = { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER };

function packs(...objects: readonly number[]): PackSize[] {
  return objects.map((count, at) => ({ name: `p${at}`, objects: count, bytes: count * 100 }));
}

function countsOf(all: readonly PackSize[], names: readonly string[]): number[] {
  return all.filter(({ name }) => names.includes(name)).map(({ objects }) => objects).sort((a, b) => a - b);
}

describe('the packs to roll up', () => {
  it.each([
    { objects: [], chosen: [] },
    { objects: [7], chosen: [] },
    { objects: [1, 2, 4, 8], chosen: [] },
    { objects: [3, 3], chosen: [3, 3] },
    { objects: [100, 1, 1], chosen: [1, 1] },
    { objects: [100, 3, 1, 1], chosen: [1, 1, 3] },
    { objects: [1, 1, 2, 4, 8, 16], chosen: [1, 1, 2, 4, 8, 16] },
    { objects: [1, 1, 4, 1000], chosen: [1, 1] },
  ])('of $objects objects are those of $chosen', ({ objects, chosen }) => {
    const all = packs(...objects);
    expect(countsOf(all, packsToRollUp(all, EVERYTHING))).toEqual(chosen);
  });

  it('leave a geometric progression behind, once merged, whatever there was', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 1_000_000 }), { maxLength: 60 }), (objects) => {
        const all = packs(...objects);
        const names = new Set(packsToRollUp(all, EVERYTHING));
        const merged = countsOf(all, [...names]).reduce((sum, each) => sum + each, 0);
        const left = [...all.filter(({ name }) => !names.has(name)).map((each) => each.objects), ...(merged > 0 ? [merged] : [])].sort((a, b) => a - b);
        expect(left.filter((each, at) => at > 0 && each < 2 * (left[at - 1] ?? 0))).toEqual([]);
      }),
    );
  });

  it('stay below 16 packs and the logarithm of the objects over ten thousand small writes, each rewritten a logarithm of times', () => {
    let all: PackSize[] = [];
    let rewritten = 0;
    let most = 0;
    const writes = 10_000;
    for (let at = 0; at < writes; at++) {
      all.push({ name: `w${at}`, objects: 4, bytes: 400 });
      const names = new Set(packsToRollUp(all, DEFAULT_ROLL_UP));
      if (names.size > 0) {
        const objects = all.filter(({ name }) => names.has(name)).reduce((sum, each) => sum + each.objects, 0);
        rewritten += objects;
        all = [...all.filter(({ name }) => !names.has(name)), { name: `m${at}`, objects, bytes: objects * 100 }];
      }
      most = Math.max(most, all.length);
    }
    expect(most).toBeLessThanOrEqual(16 + Math.log2(writes * 4));
    expect(rewritten / (writes * 4)).toBeLessThan(Math.log2(writes * 4));
  });

  it('are never those that are too large to be worth it', () => {
    const all = [...packs(1, 1, 1), { name: 'large', objects: 1, bytes: 600 << 20 }];
    expect(packsToRollUp(all, { ...EVERYTHING, maxPackBytes: 512 << 20 })).not.toContain('large');
    expect(packsToRollUp(all, EVERYTHING)).toContain('large');
  });
});
