import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Weir } from '../../client/index.js';
import { HunkPageOf, type HunkPageOfQuery } from '../documents.js';
import { sentenceOf } from '../loading.js';
import { plain, Progress, Trouble } from '../words.js';
import { anchorOf, type Around, type DiffFile, type DiffHunk } from './shapes.js';
import { HunkView } from './hunk-view.js';

interface FileProps {
  readonly weir: Weir;
  readonly file: DiffFile;
  readonly isSplit: boolean;
  readonly isViewed: boolean;
  readonly onViewed: () => void;
  readonly around: Around;
}

/** One file of a diff; its lines are read once it is open and near the screen. */
export function FileView({ weir, file, isSplit, isViewed, onViewed, around }: FileProps): JSX.Element {
  const frame = useRef<HTMLElement>(null);
  const isNear = useNear(frame);
  const [isFolded, setFolded] = useState(false);
  const isOpen = !isFolded && !isViewed;
  const { hunks, more, busy, error } = useHunks(weir, file, isNear && isOpen);
  const { path, oldPath } = file;
  const { choice } = around;
  return (
    <section class="file" id={anchorOf(path)} data-path={path} ref={frame} aria-label={path}>
      <div class="filehead">
        {choice !== undefined && <input type="checkbox" aria-label={`Accept ${path}`} checked={choice.isChosen(path)} onChange={() => choice.toggle(path)} />}
        <button type="button" class="fold" aria-expanded={isOpen} onClick={() => (isViewed ? onViewed() : setFolded(!isFolded))}>
          <span class="path">{oldPath === null || oldPath === path ? path : `${oldPath} → ${path}`}</span>{' '}
          <span class="soft">{plain(file.status)}</span>{' '}
          <span class="plus">{file.additions === null ? '' : `+${file.additions}`}</span>{' '}
          <span class="minus">{file.deletions === null ? '' : `−${file.deletions}`}</span>
        </button>
        <button type="button" aria-pressed={isViewed} onClick={onViewed}>Viewed</button>
      </div>
      {isOpen && (
        <>
          <Trouble said={error} />
          <Progress busy={busy} />
          {file.omitted !== null && <p class="soft">Not shown: {plain(file.omitted)}.</p>}
          {file.oldMode !== null && file.newMode !== null && file.oldMode !== file.newMode && <p class="soft">{plain(file.oldMode)} became {plain(file.newMode)}</p>}
          {hunks.map((hunk) => <HunkView key={hunk.id} path={path} hunk={hunk} isSplit={isSplit} around={around} />)}
          {more !== null && <button type="button" onClick={more}>Further hunks</button>}
        </>
      )}
    </section>
  );
}

/** True from the moment that the element comes within a screen of what is seen. */
function useNear(of: { readonly current: Element | null }): boolean {
  const [isNear, setNear] = useState(false);
  useEffect(() => {
    if (of.current === null) return undefined;
    const watch = new IntersectionObserver(([entry]) => {
      if (entry?.isIntersecting !== true) return;
      setNear(true);
      watch.disconnect();
    }, { rootMargin: '100% 0px' });
    watch.observe(of.current);
    return () => watch.disconnect();
  }, [of]);
  return isNear;
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
      setRead((before) => ({ hunks: [...before.hunks, ...(page?.nodes ?? [])], after: page?.pageInfo.endCursor ?? null, isWhole: page?.pageInfo.hasNextPage !== true }));
    };
    readPage().catch((cause: unknown) => stop.signal.aborted || setError(sentenceOf(cause)));
    return () => stop.abort();
  }, [isDue, round]);
  const more = !read.isWhole && read.hunks.length > 0 ? () => setRound((before) => before + 1) : null;
  return { hunks: read.hunks, more, busy: isDue, error };
}
