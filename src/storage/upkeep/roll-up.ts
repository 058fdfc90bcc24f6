/** A live pack, as its row tells it. */
export interface PackSize {
  readonly name: string;
  readonly objects: number;
  readonly bytes: number;
}

/** When packs are rolled up, and which never are. */
export interface RollUpRule {
  /** Fewer packs than this are not worth a rewrite: a reader searches ten as fast as one. */
  readonly minimumPacks: number;
  /** Packs from this size on stay as they are: rewriting them costs more than searching one pack more. */
  readonly maxPackBytes: number;
}

/** What the background work goes by: below 16 + log2(objects) packs a repository, and one more for each 512 MB. */
export const DEFAULT_ROLL_UP: RollUpRule = { minimumPacks: 16, maxPackBytes: 512 << 20 };

/** Each pack has at least so many times the objects of the next smaller one. */
const FACTOR = 2;

/**
 * The packs to be replaced by one, so that what remains is a geometric progression by number of objects (`git repack
 * --geometric` in git-repack's documentation): all that are smaller than the longest run of large packs in which each has at
 * least twice the objects of the one before it, and as many of that run as the sum outgrows. An object is so rewritten
 * about log2(objects) times in all. Empty when the packs are a progression already, or too few to matter.
 */
export function packsToRollUp(packs: readonly PackSize[], { minimumPacks, maxPackBytes }: RollUpRule): string[] {
  const sizes = packs.filter(({ bytes }) => bytes < maxPackBytes).sort((a, b) => a.objects - b.objects);
  const objectsAt = (at: number): number => sizes[at]?.objects ?? 0;
  let first = sizes.length - 1;
  while (first > 0 && objectsAt(first) >= FACTOR * objectsAt(first - 1)) first--;
  if (first <= 0) return [];
  let end = first + 1;
  let objects = 0;
  for (let at = 0; at < end; at++) objects += objectsAt(at);
  for (; end < sizes.length && objectsAt(end) < FACTOR * objects; end++) objects += objectsAt(end);
  return end < minimumPacks ? [] : sizes.slice(0, end).map(({ name }) => name);
}
