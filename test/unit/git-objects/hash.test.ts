import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashObject, hashObjectPaced } from '../../../src/git/objects/hash.js';

describe('the id of an object', () => {
  it('is git’s of the empty blob and the empty tree', () => {
    expect(hashObject('blob', Buffer.alloc(0))).toBe('e69de29bb2d1d6434b8b29ae775ad8c2e48c5391');
    expect(hashObject('tree', Buffer.alloc(0))).toBe('4b825dc642cb6eb9a060e54bf8d69288fbee4904');
  });

  it('is the same in one call and in pieces, at every size around the one that decides', async () => {
    for (const size of [1, 31, 32, 1000, 8191, 8192, 8193, 100_000]) {
      for (const type of ['blob', 'tree', 'commit', 'tag'] as const) {
        const content = Buffer.alloc(size, `${type} ${size}`);
        const expected = createHash('sha1').update(Buffer.concat([Buffer.from(`${type} ${size}\0`), content])).digest('hex');
        expect(hashObject(type, content)).toBe(expected);
        expect(await hashObjectPaced(type, content)).toBe(expected);
      }
    }
  });
});
