import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Weir } from '../../client/index.js';
import { HunkPageOf, type HunkPageOfQuery } from '../documents.js';
import { sentenceOf } from '../loading.js';
import { plain, Progress, Trouble } from '../words.js';
import { HunkView } from './hunk-view.js';
import { anchorOf, ROW_HEIGHT, type Around, type DiffFile, type DiffHunk } from './shapes.js';
import { Sentinel, useWindow } from './windows.js';

interface FileProps {
  readonly weir: Weir;
  readonly file: DiffFile;
  readonly isSplit: boolean;
  readonly isViewed: boolean;
  readonly onViewed: () => void;
  readonly around: Around;
}

/** One file of a diff. Away from the screen it is an empty place; its lines are read once it is open and near. */
export function FileView({ weir, file, isSplit, isViewed, onViewed, around }: FileProps): JSX.Element {
  const frame = useRef<HTMLElement>(null);
  const { path } = file;
  const { isNear, height } = useWindow(frame, guessedHeight(file));
  const [isFolded, setFolded] = useState(false);
  const isOpen = !isFolded && !isViewed;
  const read = useHunks(weir, file, isNear && isOpen);
  return (
    <section class="file" id={anchorOf(path)} data-path={path} ref={frame} aria-label={path} style={{ height: isNear ? '' : `${height}px` }}>
      {isNear && <FileHead file={file} isOpen={isOpen} isViewed={isViewed} onViewed={onViewed} onFold={() => setFolded(!isFolded)} around={around} />}
      {isNear && isOpen && <FileBody weir={weir} file={file} isSplit={isSplit} read={read} around={around} />}
    </section>
  );
}

/** What a file takes, in pixels, as long as nobody has seen it: its head and a row for each change, as many as a page of hunks may have. */
function guessedHeight({ additions, deletions }: DiffFile): number {
  return 42 + ROW_HEIGHT * Math.min(1_000, (additions ?? 0) + (deletions ?? 0) + 6);
}

interface HeadProps {
  readonly file: DiffFile;
  readonly isOpen: boolean;
  readonly isViewed: boolean;
  readonly onViewed: () => void;
  readonly onFold: () => void;
  readonly around: Around;
}

function FileHead({ file: { path, oldPath, status, additions, deletions }, isOpen, isViewed, onViewed, onFold, around: { choice } }: HeadProps): JSX.Element {
  return (
    <div class="filehead">
      {choice !== undefined && <input type="checkbox" aria-label={`Accept ${path}`} checked={choice.isChosen(path)} onChange={() => choice.toggle(path)} />}
      <button type="button" class="fold" aria-expanded={isOpen} onClick={isViewed ? onViewed : onFold}>
        <span class="path">{oldPath === null || oldPath === path ? path : `${oldPath} → ${path}`}</span>{' '}
        <span class="soft">{plain(status)}</span>{' '}
        <span class="plus">{additions === null ? '' : `+${additions}`}</span>{' '}
        <span class="minus">{deletions === null ? '' : `−${deletions}`}</span>
      </button>
      <button type="button" aria-pressed={isViewed} onClick={onViewed}>Viewed</button>
    </div>
  );
}

interface BodyProps {
  readonly weir: Weir;
  readonly file: DiffFile;
  readonly isSplit: boolean;
  readonly read: ReturnType<typeof useHunks>;
  readonly around: Around;
}

function FileBody({ weir, file, isSplit, read: { hunks, more, busy, error }, around }: BodyProps): JSX.Element {
  return (
    <>
      <Trouble said={error} />
      {file.omitted !== null && <p class="soft">Not shown: {plain(file.omitted)}.</p>}
      {file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode && <p class="soft">{plain(file.oldMode)} became {plain(file.newMode)}</p>}
      {hunks.map((hunk) => <HunkView key={hunk.id} weir={weir} fileId={file.id} path={file.path} hunk={hunk} isSplit={isSplit} around={around} />)}
      {more !== null && <Sentinel key={hunks.length} reached={more} />}
      <Progress busy={busy} />
    </>
  );
}

interface Hunks {
  readonly hunks: readonly DiffHunk[];
  readonly after: string | null;
  readonly isWhole: boolean;
}

function useHunks(weir: Weir, { id, omitted }: DiffFile, isWanted: boolean): { readonly hunks: readonly DiffHunk[]; readonly more: (() => void) | null; readonly busy: boolean; readonly error: string | null } {
  const [read, setRead] = useState<Hunks>({ hunks: [], after: null, isWhole: omitted !== null && omitted !== 'TOO_LARGE' });
  const [error, setError] = useState<string | null>(null);
  const [round, setRound] = useState(0);
  const isDue = isWanted && !read.isWhole && error === null && read.hunks.length <= 50 * round;
  useEffect(() => {
    if (!isDue) return undefined;
    const stop = new AbortController();
    const readPage = async (): Promise<void> => {
      const { node }: HunkPageOfQuery = await weir.query(HunkPageOf, { id, after: read.after }, { signal: stop.signal });
      const page = node?.hunks;
      setRead((before) => ({ hunks: [...before.hunks, ...hunksOf(page?.edges ?? [], before.after)], after: page?.pageInfo.endCursor ?? null, isWhole: page?.pageInfo.hasNextPage !== true }));
    };
    readPage().catch((cause: unknown) => stop.signal.aborted || setError(sentenceOf(cause)));
    return () => stop.abort();
  }, [isDue, round]);
  const more = !read.isWhole && read.hunks.length > 0 ? () => setRound((before) => before + 1) : null;
  return { hunks: read.hunks, more, busy: isDue, error };
}

type Edges = NonNullable<NonNullable<HunkPageOfQuery['node']>['hunks']>['edges'];

/** The hunks of a page that was asked for behind `after`. */
function hunksOf(edges: Edges, after: string | null): DiffHunk[] {
  return edges.map(({ node }, index) => ({ ...node, before: edges[index - 1]?.cursor ?? after }));
}
