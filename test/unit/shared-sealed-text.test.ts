import { expect, test } from 'vitest';
import { seal, SealBroken, SEALING_KEY_BYTES, unseal } from '../../src/shared/sealed-text.js';
import { fc } from '../support/fast-check.js';

const KEY = Buffer.alloc(SEALING_KEY_BYTES, 7);

test('what was sealed is opened by the same key for the same purpose', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme' }), (text) => {
    expect(unseal(KEY, 'a', seal(KEY, 'a', text))).toBe(text);
  }));
});

test('and by no other, for no other', () => {
  const sealed = seal(KEY, 'a', 'secret');
  expect(() => unseal(Buffer.alloc(SEALING_KEY_BYTES, 8), 'a', sealed)).toThrow(SealBroken);
  expect(() => unseal(KEY, 'b', sealed)).toThrow(SealBroken);
});

test('neither the text nor twice the same bytes come out', () => {
  const [one, other] = [seal(KEY, 'a', 'secret'), seal(KEY, 'a', 'secret')];
  expect(one.includes('secret')).toBe(false);
  expect(one.equals(other)).toBe(false);
});

test('any flipped bit, and any cut, is noticed', () => {
  const sealed = seal(KEY, 'a', 'secret');
  for (let bit = 0; bit < sealed.length * 8; bit++) {
    const broken = Buffer.from(sealed);
    broken.writeUInt8(broken.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
    expect(() => unseal(KEY, 'a', broken)).toThrow(SealBroken);
  }
  for (let length = 0; length < sealed.length; length++) expect(() => unseal(KEY, 'a', sealed.subarray(0, length))).toThrow(SealBroken);
});
