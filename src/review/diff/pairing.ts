import type { DiffLine } from './shapes.js';

/** Two lines beside each other, or one beside nothing. */
export type Pair = readonly [left: DiffLine | null, right: DiffLine | null];

/** Lines side by side: what was deleted beside what was added in its place, and each alone where the other has no more. */
export function paired(lines: readonly DiffLine[]): Pair[] {
  const rows: Pair[] = [];
  let deleted: DiffLine[] = [];
  let added: DiffLine[] = [];
  const flush = (): void => {
    for (let index = 0; index < Math.max(deleted.length, added.length); index++) rows.push([deleted[index] ?? null, added[index] ?? null]);
    [deleted, added] = [[], []];
  };
  for (const line of lines) {
    if (line.kind === 'DELETED') {
      if (added.length > 0) flush();
      deleted.push(line);
    } else if (line.kind === 'ADDED') added.push(line);
    else {
      flush();
      rows.push([line, line]);
    }
  }
  flush();
  return rows;
}
