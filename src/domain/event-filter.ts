import type { EventKind } from './operation.js';

/**
 * Which events a subscriber wants; null members do not filter. A repository that is known is named by its id, so that it may be
 * renamed meanwhile; one that is not (yet) by its exact name. `branch.stream` is the repository of a branch given by its node id.
 */
export interface EventFilter {
  readonly repos: readonly (number | string)[] | null;
  readonly kinds: readonly EventKind[] | null;
  readonly branch: { readonly name: string; readonly stream: number | null } | null;
  readonly proposal: number | null;
  readonly runId: string | null;
  readonly actor: string | null;
}
