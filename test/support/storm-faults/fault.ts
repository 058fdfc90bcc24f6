import type { Storm } from '../storm.js';

/** Draws a whole number below the given one. */
export type Draw = (below: number) => number;

/** Something that happens to a gateway, its database or its disk while clients write. */
export interface Fault {
  readonly what: string;
  /** How often the whole matrix asks for it, and how often at a time. */
  readonly rounds: number;
  readonly shard: number;
  /** Rounds that the suite makes. */
  readonly smoke: number;
  /** Reading goes on while it lasts. */
  readonly readsOn?: boolean;
  /** Makes the place for it in a new data directory. */
  prepare?(dataDir: string): void;
  /** Begins it; answers what ends it. */
  hit(storm: Storm, draw: Draw): Promise<() => Promise<void>>;
}

/** What ends a fault that is over by itself. */
export const NOTHING = async (): Promise<void> => undefined;

/** A gateway is frozen, and a database, for so long at most: the leases of both are longer. */
export const FROZEN_MS = 1_500;
/** While a disk or a limit fails, for so long. */
export const FAILING_MS = 250;
