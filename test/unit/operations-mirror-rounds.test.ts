import { describe, expect, it } from 'vitest';
import { pauseAfter } from '../../src/operations/mirror/mirror-rounds.js';

describe('the pause between two looks for mirrors', () => {
  it.each([
    ['is the least where looks are quick', 0.4, 2_000],
    ['grows with what a look takes, to a fiftieth of the time at most', 84, 4_200],
    ['ends at five times the least, where the database was away for a while', 60_000, 10_000],
  ])('%s', (_, lookedMs, pauseMs) => expect(pauseAfter(lookedMs, 2_000)).toBe(pauseMs));
});
