/** Bounds within which a foreign pack is taken; each refusal names the one that it broke. */
export interface IndexPackLimits {
  readonly maxObjects: number;
  /** Bytes of one object, or of one delta. */
  readonly maxObjectBytes: number;
  /** Bytes that all objects may take together when inflated, work done twice counted twice: what ends a bomb of deltas. */
  readonly maxTotalBytes: number;
  /** Bytes of bases kept in memory while deltas are resolved; three objects beside them are held at a time. */
  readonly memoryBytes: number;
  /** From this size on an object is inflated and hashed off the event loop. */
  readonly largeObjectBytes: number;
}

/** What suits the import of a real history: ten million objects, files to a gigabyte. */
export const DEFAULT_INDEX_LIMITS: IndexPackLimits = {
  maxObjects: 10_000_000,
  maxObjectBytes: 1 << 30,
  maxTotalBytes: 2 ** 40,
  memoryBytes: 128 << 20,
  largeObjectBytes: 1 << 20,
};
