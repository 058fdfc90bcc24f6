import { useMemo, useState } from 'preact/hooks';
import type { AcceptInput } from '../client/index.js';
import type { Choice } from './diff/shapes.js';

/** What a reader has chosen to accept, and how mergeProposal takes it; an empty list stands for everything. */
export interface Chosen extends Choice {
  readonly accepted: readonly AcceptInput[];
}

/** Files by path: all of it, or some of its hunks. */
type Picks = ReadonlyMap<string, ReadonlySet<string> | 'WHOLE'>;

/** The picks after one more click. A hunk of a file that was chosen whole leaves only that hunk chosen. */
export function toggled(picks: Picks, path: string, hunk?: string): Picks {
  const next = new Map(picks);
  const now = picks.get(path);
  if (hunk === undefined) {
    if (now === 'WHOLE') next.delete(path);
    else next.set(path, 'WHOLE');
    return next;
  }
  const hunks = new Set(now === 'WHOLE' ? [] : now);
  if (!hunks.delete(hunk)) hunks.add(hunk);
  if (hunks.size === 0) next.delete(path);
  else next.set(path, hunks);
  return next;
}

/** The picks as mergeProposal takes them. */
export function acceptedOf(picks: Picks): AcceptInput[] {
  return [...picks].map(([path, hunks]) => (hunks === 'WHOLE' ? { path } : { path, hunks: [...hunks] }));
}

/** Keeps what the reader chooses. */
export function useChoice(): Chosen {
  const [picks, setPicks] = useState<Picks>(new Map());
  return useMemo(
    () => ({
      accepted: acceptedOf(picks),
      isChosen: (path, hunk) => {
        const now = picks.get(path);
        return now === 'WHOLE' || (hunk !== undefined && now?.has(hunk) === true);
      },
      toggle: (path, hunk) => setPicks((before) => toggled(before, path, hunk)),
    }),
    [picks],
  );
}
