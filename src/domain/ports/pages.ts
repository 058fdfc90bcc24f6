/**
 * A request for a page by keyset. `after` is a key that an earlier page answered (of the row after which, or backwards
 * before which, the page begins); `count` rows at most; `backward` walks towards the beginning (Relay's last/before).
 */
export interface PageRequest {
  readonly count: number;
  readonly after: string | null;
  readonly backward: boolean;
}

/** A row and its keyset key, opaque to everyone but the store that made it. */
export interface PageEdge<T> {
  readonly node: T;
  readonly key: string;
}

/** A page in the connection's natural order, whichever direction was asked for. */
export interface Page<T> {
  readonly edges: readonly PageEdge<T>[];
  readonly hasNext: boolean;
  readonly hasPrevious: boolean;
}

/** A page without rows. */
export const EMPTY_PAGE: Page<never> = { edges: [], hasNext: false, hasPrevious: false };
