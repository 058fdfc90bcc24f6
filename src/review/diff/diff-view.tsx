import { Component, type JSX } from 'preact';
import { useCallback, useEffect, useMemo, useState } from 'preact/hooks';
import type { Weir } from '../../client/index.js';
import { FilePage, type FilePageQuery } from '../documents.js';
import { moveInto, useShortcuts } from '../keys.js';
import { sentenceOf } from '../loading.js';
import { Progress, Trouble } from '../words.js';
import { FileTree } from './file-tree.js';
import { FileView } from './file-view.js';
import type { Around, DiffFile } from './shapes.js';

const NOTHING: Around = {};

/** A diff: the tree of files with counts beside the files, whose lines are read when they come into sight. */
export function DiffView({ weir, diffId, around = NOTHING }: { readonly weir: Weir; readonly diffId: string; readonly around?: Around }): JSX.Element {
  const { pages, busy, error } = useFiles(weir, diffId);
  const files = useMemo(() => pages.flat(), [pages]);
  const [isSplit, setSplit] = useState(false);
  const [viewed, setViewed] = useState<ReadonlySet<string>>(new Set());
  const mark = useCallback((path: string): void => setViewed((before) => (before.has(path) ? new Set([...before].filter((other) => other !== path)) : new Set([...before, path]))), []);
  useShortcuts({
    j: () => moveInto('.file', '.fold', 1),
    k: () => moveInto('.file', '.fold', -1),
    s: () => setSplit((before) => !before),
    v: () => {
      const path = document.activeElement?.closest<HTMLElement>('.file')?.dataset['path'];
      if (path !== undefined) mark(path);
    },
  });
  return (
    <section class="diff" aria-label="Changes">
      <div class="row">
        <span class="soft" role="status">{files.length} files{busy ? ' so far' : ''}, {viewed.size} viewed</span>
        <span class="grow" />
        <button type="button" aria-pressed={isSplit} onClick={() => setSplit(!isSplit)}>Split</button>
      </div>
      <Trouble said={error} />
      <Progress busy={busy && files.length === 0} />
      <div class="panes">
        <FileTree files={files} viewed={viewed} />
        <div class="files">
          {pages.map((page) => <FileGroup key={page[0]?.id} weir={weir} files={page} isSplit={isSplit} viewed={viewed} onViewed={mark} around={around} />)}
        </div>
      </div>
    </section>
  );
}

interface GroupProps {
  readonly weir: Weir;
  readonly files: readonly DiffFile[];
  readonly isSplit: boolean;
  readonly viewed: ReadonlySet<string>;
  readonly onViewed: (path: string) => void;
  readonly around: Around;
}

/** A page of files, which is left alone while further pages arrive: otherwise 5,000 files would be gone through fifty times. */
class FileGroup extends Component<GroupProps> {
  override shouldComponentUpdate(next: GroupProps): boolean {
    const { files, isSplit, viewed, around } = this.props;
    return next.files !== files || next.isSplit !== isSplit || next.viewed !== viewed || next.around !== around;
  }

  override render({ weir, files, isSplit, viewed, onViewed, around }: GroupProps): JSX.Element {
    return <>{files.map((file) => <FileView key={file.id} weir={weir} file={file} isSplit={isSplit} isViewed={viewed.has(file.path)} onViewed={() => onViewed(file.path)} around={around} />)}</>;
  }
}

interface Files {
  readonly pages: readonly (readonly DiffFile[])[];
  readonly busy: boolean;
  readonly error: string | null;
}

/** All files, page after page, so that the first stand there while the rest is on its way. */
function useFiles(weir: Weir, diffId: string): Files {
  const [state, setState] = useState<Files>({ pages: [], busy: true, error: null });
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      for (let after: string | null = null, more = true; more; ) {
        const { node }: FilePageQuery = await weir.query(FilePage, { id: diffId, after }, { signal: stop.signal });
        const page = node?.files?.nodes ?? [];
        more = node?.files?.pageInfo.hasNextPage ?? false;
        after = node?.files?.pageInfo.endCursor ?? null;
        const busy = more;
        setState(({ pages }) => ({ pages: [...pages, page], busy, error: null }));
      }
    };
    setState({ pages: [], busy: true, error: null });
    read().catch((error: unknown) => stop.signal.aborted || setState((before) => ({ ...before, busy: false, error: sentenceOf(error) })));
    return () => stop.abort();
  }, [weir, diffId]);
  return state;
}
