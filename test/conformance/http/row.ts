import type { Side } from './sides.js';

/** One behaviour: the same is done at both servers, and what comes of it compared. */
export interface Row {
  readonly name: string;
  /** Values that compare by their content. */
  readonly ask: (side: Side) => Promise<unknown>;
  /** It changes the repository, and has one of its own. */
  readonly writes?: true;
  /** It is one of the few that every run of the suite asks: a twentieth of a second, or something that was wrong once. */
  readonly smoke?: true;
  /** Where the gateway answers otherwise on purpose: why, and what. */
  readonly differs?: { readonly why: string; readonly here: unknown };
}
