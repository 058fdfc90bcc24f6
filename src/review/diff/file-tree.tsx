import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { anchorOf, type DiffFile } from './shapes.js';

/** How high an entry is, in pixels, as the style has it. */
const ENTRY = 24;

/** Entries above and below what is seen, so that the Tab key finds the next. */
const MARGIN = 10;

/** All files with their counts, of which only those that the pane shows are on the page. */
export function FileTree({ files, viewed }: { readonly files: readonly DiffFile[]; readonly viewed: ReadonlySet<string> }): JSX.Element {
  const pane = useRef<HTMLElement>(null);
  const [seen, setSeen] = useState({ top: 0, height: innerHeight });
  const look = (): void => {
    if (pane.current !== null) setSeen({ top: pane.current.scrollTop, height: pane.current.clientHeight });
  };
  useEffect(look, [files.length]);
  useEffect(() => {
    addEventListener('resize', look);
    return () => removeEventListener('resize', look);
  }, []);
  const first = Math.max(0, Math.floor(seen.top / ENTRY) - MARGIN);
  const shown = files.slice(first, Math.ceil((seen.top + seen.height) / ENTRY) + MARGIN);
  return (
    <nav class="tree" aria-label="Files" ref={pane} onScroll={look}>
      <ul style={{ height: `${ENTRY * files.length}px`, paddingTop: `${ENTRY * first}px` }}>
        {shown.map(({ id, path, additions, deletions }, index) => (
          <li key={id} class={viewed.has(path) ? 'viewed' : ''} aria-setsize={files.length} aria-posinset={first + index + 1}>
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
