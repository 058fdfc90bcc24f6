import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Weir } from '../../client/index.js';
import { FilePage, type FilePageQuery } from '../documents.js';
import { moveFocus, useShortcuts } from '../keys.js';
import { sentenceOf } from '../loading.js';
import { Progress, Trouble } from '../words.js';
import { FileView } from './file-view.js';
import { anchorOf, type Around, type DiffFile } from './shapes.js';

/** A diff: the tree of files with counts beside the files, whose lines are read when they come into sight. */
export function DiffView({ weir, diffId, around = {} }: { readonly weir: Weir; readonly diffId: string; readonly around?: Around }): JSX.Element {
  const { files, busy, error } = useFiles(weir, diffId);
  const [isSplit, setSplit] = useState(false);
  const [viewed, setViewed] = useState<ReadonlySet<string>>(new Set());
  const mark = (path: string): void => setViewed((before) => (before.has(path) ? new Set([...before].filter((other) => other !== path)) : new Set([...before, path])));
  useShortcuts({
    j: () => moveFocus('.file .fold', 1),
    k: () => moveFocus('.file .fold', -1),
    s: () => setSplit((before) => !before),
    v: () => {
      const path = document.activeElement?.closest<HTMLElement>('.file')?.dataset['path'];
      if (path !== undefined) mark(path);
    },
  });
  return (
    <section class="diff" aria-label="Changes">
      <div class="row">
        <span class="soft">{files.length} files{busy ? ' so far' : ''}, {viewed.size} viewed</span>
        <span class="grow" />
        <button type="button" aria-pressed={isSplit} onClick={() => setSplit(!isSplit)}>Split</button>
      </div>
      <Trouble said={error} />
      <Progress busy={busy && files.length === 0} />
      <div class="panes">
        <FileTree files={files} viewed={viewed} />
        <div class="files">
          {files.map((file) => (
            <FileView key={file.id} weir={weir} file={file} isSplit={isSplit} isViewed={viewed.has(file.path)} onViewed={() => mark(file.path)} around={around} />
          ))}
        </div>
      </div>
    </section>
  );
}

/** All files, page after page, so that the first stand there while the rest is on its way. */
function useFiles(weir: Weir, diffId: string): { readonly files: readonly DiffFile[]; readonly busy: boolean; readonly error: string | null } {
  const [state, setState] = useState<{ files: readonly DiffFile[]; busy: boolean; error: string | null }>({ files: [], busy: true, error: null });
  useEffect(() => {
    const stop = new AbortController();
    const read = async (): Promise<void> => {
      let files: readonly DiffFile[] = [];
      for (let after: string | null = null, more = true; more; ) {
        const { node }: FilePageQuery = await weir.query(FilePage, { id: diffId, after }, { signal: stop.signal });
        files = [...files, ...(node?.files?.nodes ?? [])];
        more = node?.files?.pageInfo.hasNextPage ?? false;
        after = node?.files?.pageInfo.endCursor ?? null;
        setState({ files, busy: more, error: null });
      }
    };
    setState({ files: [], busy: true, error: null });
    read().catch((error: unknown) => stop.signal.aborted || setState((before) => ({ ...before, busy: false, error: sentenceOf(error) })));
    return () => stop.abort();
  }, [weir, diffId]);
  return state;
}

function FileTree({ files, viewed }: { readonly files: readonly DiffFile[]; readonly viewed: ReadonlySet<string> }): JSX.Element {
  return (
    <nav class="tree" aria-label="Files">
      <ul>
        {files.map(({ id, path, additions, deletions }) => (
          <li key={id} class={viewed.has(path) ? 'viewed' : ''}>
            <button type="button" onClick={() => document.getElementById(anchorOf(path))?.scrollIntoView()} title={path}>
              <span class="path">{path}</span>
              <span class="plus">{additions === null ? '' : `+${additions}`}</span> <span class="minus">{deletions === null ? '' : `−${deletions}`}</span>
            </button>
          </li>
        ))}
      </ul>
    </nav>
  );
}
