import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { seedFrom, SEED } from '../support/seed.js';
import { ROOT, sourceFiles } from './imports.js';

const FILES = sourceFiles('test').filter((file) => file !== 'test/architecture/seeds.test.ts');

function holding(words: RegExp): string[] {
  return FILES.filter((file) => words.test(readFileSync(`${ROOT}/${file}`, 'utf8')));
}

it('no test draws cases from anywhere but the seed of the run', () => {
  expect(holding(/'fast-check'/u)).toEqual(['test/support/fast-check.ts']);
  expect(holding(/\bMath\.random\b|\brandomInt\b/u)).toEqual(['test/support/seed.ts']);
});

it('the seed is the usual one, a number that is given, or another one each time when asked for', () => {
  expect(seedFrom(undefined)).toBe(seedFrom(''));
  expect(seedFrom('-792880832')).toBe(-792_880_832);
  expect(seedFrom('random')).not.toBe(seedFrom('random'));
  for (const wrong of ['x', '1.5', '1e99', 'NaN']) expect(() => seedFrom(wrong)).toThrow(RangeError);
  expect(Number.isSafeInteger(SEED)).toBe(true);
});
