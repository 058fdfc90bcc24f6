import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BudgetExceeded, ObjectCorrupt } from '../../../src/git/objects/errors.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { decodeLooseObject, loosePath } from '../../../src/git/pack/loose-object.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';

let repository = '';
beforeAll(() => {
  repository = makeRepository();
});
afterAll(() => removeRepository(repository));

describe('a loose object', () => {
  it.each([['empty', Buffer.alloc(0)], ['short', Buffer.from('hello\n')], ['random', randomBytes(100_000)], ['long and repetitive', Buffer.alloc(3 << 20, 'abc')]])(
    'that git wrote is read back: %s',
    async (_, content) => {
      const oid = git(repository, ['hash-object', '-w', '--stdin'], content);
      const file = readFileSync(join(repository, 'objects', loosePath(oid)));
      const object = await decodeLooseObject(oid, file, 4 << 20);
      expect(object.type).toBe('blob');
      expect(object.content.equals(content)).toBe(true);
      for (const length of [0, 1, Math.floor(file.length / 2), file.length - 1]) {
        await expect(decodeLooseObject(oid, file.subarray(0, length), 4 << 20)).rejects.toThrow(ObjectCorrupt);
      }
    },
  );

  it.each([
    ['an unknown type', 'stick 1\0x'],
    ['no size', 'blob \0x'],
    ['a size with leading zeros', 'blob 01\0x'],
    ['a size too large', 'blob 2\0x'],
    ['a size too small', 'blob 0\0x'],
    ['a size that cannot be', 'blob 9999999\0x'],
    ['no end of its header', 'blob 1'],
  ])('with %s is corrupt', async (_, text) => {
    await expect(decodeLooseObject(hashObject('blob', Buffer.from('x')), deflateSync(Buffer.from(text, 'latin1')), 1 << 30)).rejects.toThrow(ObjectCorrupt);
  });

  it('that is another than its name says is corrupt, and one over the bound is refused before it is inflated', async () => {
    const file = deflateSync(Buffer.from('blob 1\0x'));
    await expect(decodeLooseObject('ab'.repeat(20), file, 10)).rejects.toThrow(ObjectCorrupt);
    await expect(decodeLooseObject('ab'.repeat(20), deflateSync(Buffer.from('blob 99999999999\0x')), 10)).rejects.toThrow(BudgetExceeded);
  });
});
