import { describe, expect, it } from 'vitest';
import { ByteLru } from '../../../src/git/memory/byte-lru.js';
import { MemoryObjects } from '../../../src/git/memory/memory-objects.js';
import { ObjectMissing } from '../../../src/git/objects/errors.js';
import { StagedObjects } from '../../../src/git/objects/staged-objects.js';
import { fc } from '../../support/fast-check.js';

describe('a cache bounded in bytes', () => {
  it('never passes its capacity, forgets the least recently used first, and never answers another value', () => {
    const action = fc.record({ key: fc.nat(12), bytes: fc.integer({ min: 1, max: 40 }), kind: fc.constantFrom('set', 'get', 'delete') });
    fc.assert(
      fc.property(fc.array(action, { maxLength: 200 }), (actions) => {
        const cache = new ByteLru<number, number>(100, 30);
        let model: { key: number; value: number; bytes: number }[] = [];
        for (const [value, { key, bytes, kind }] of actions.entries()) {
          const held = model.find((entry) => entry.key === key);
          const others = model.filter((entry) => entry.key !== key);
          if (kind === 'get') {
            const answer = cache.get(key);
            if (answer !== held?.value) throw new TypeError(`key ${key} answered ${answer} in place of ${held?.value}`);
            model = held === undefined ? others : [...others, held];
          } else if (kind === 'delete') {
            cache.delete(key);
            model = others;
          } else {
            cache.set(key, value, bytes);
            model = bytes > 30 ? others : [...others, { key, value, bytes }];
            while (model.reduce((sum, entry) => sum + entry.bytes, 0) > 100) model.shift();
          }
          expect(cache.bytes).toBe(model.reduce((sum, entry) => sum + entry.bytes, 0));
          expect(cache.size).toBe(model.length);
        }
        cache.clear();
        expect([cache.bytes, cache.size]).toEqual([0, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('of no capacity keeps nothing, and one large value does not empty it', () => {
    const none = new ByteLru<string, string>(0);
    none.set('a', 'a', 1);
    expect(none.get('a')).toBeUndefined();
    const some = new ByteLru<string, string>(800);
    some.set('a', 'a', 100);
    some.set('large', 'large', 101);
    expect([some.get('a'), some.get('large')]).toEqual(['a', undefined]);
  });
});

describe('objects in memory', () => {
  it('are found by id and prefix under what is staged over them', async () => {
    const memory = new MemoryObjects();
    const below = memory.put('blob', Buffer.from('below'));
    const staged = new StagedObjects(memory);
    const above = staged.put('blob', Buffer.from('above'));
    expect(await staged.putLarge('blob', Buffer.alloc(5 << 20))).toBe(memory.put('blob', Buffer.alloc(5 << 20)));
    expect((await staged.read(below)).content.toString()).toBe('below');
    expect(await staged.header(above)).toEqual({ type: 'blob', size: 5 });
    expect(await memory.has(above)).toBe(false);
    expect(await staged.withPrefix(below.slice(0, 8), 9)).toEqual([below]);
    expect(await staged.withPrefix(above.slice(0, 8), 9)).toEqual([above]);
    await expect(memory.read(above)).rejects.toThrow(ObjectMissing);
    await expect(staged.header('00'.repeat(20))).rejects.toThrow(ObjectMissing);
  });
});
