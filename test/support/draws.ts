import { SEED } from './seed.js';

/** Draws whole numbers from 0 up to and without `below`, the same ones in every run of one seed (mulberry32). */
export function drawsOfTheRun(): (below: number) => number {
  let state = SEED;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below);
  };
}
