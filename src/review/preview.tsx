import type { JSX } from 'preact';
import type { AcceptInput, ConflictResolution, Weir } from '../client/index.js';
import { DiffView } from './diff/diff-view.js';
import { ResolvedPreview } from './documents.js';
import { useLoaded } from './loading.js';
import { Dialog, plain, Progress, Trouble } from './words.js';

interface PreviewProps {
  readonly weir: Weir;
  readonly repo: string;
  readonly number: number;
  /** Files and hunks to accept; everything when empty. */
  readonly only: readonly AcceptInput[];
  readonly resolutions: readonly ConflictResolution[];
  readonly onClose: () => void;
}

/** What the target would get from merging just this much, settled like this. Nothing is written. */
export function Preview({ weir, repo, number, only, resolutions, onClose }: PreviewProps): JSX.Element {
  const name = JSON.stringify([repo, number, only, resolutions]);
  const { value, error, busy } = useLoaded(name, (signal) => weir.query(ResolvedPreview, { repo, number, only: only.length === 0 ? null : only, resolutions: resolutions.length === 0 ? null : resolutions }, { signal }));
  const preview = value?.repo?.proposal?.mergePreview ?? null;
  return (
    <Dialog title="What the target would get" onClose={onClose}>
      <Progress busy={busy} />
      <Trouble said={error ?? (value !== null && preview === null ? 'There is nothing to merge any more.' : null)} />
      {preview !== null && preview.conflicts.nodes.length > 0 && <p>Still in conflict: {preview.conflicts.nodes.map(({ path, kind }) => `${path} (${plain(kind)})`).join(', ')}</p>}
      {preview?.diff !== null && preview?.diff !== undefined && <DiffView weir={weir} diffId={preview.diff.id} />}
      <form method="dialog" class="row"><button class="primary">Close</button></form>
    </Dialog>
  );
}
