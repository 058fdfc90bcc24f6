import type { JSX } from 'preact';
import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Weir } from '../../client/index.js';
import { askColours } from '../colours/asking.js';
import type { Colour } from '../colours/shapes.js';
import { LinesOf } from '../documents.js';
import { sentenceOf } from '../loading.js';
import { Progress, Trouble } from '../words.js';
import { LineRows } from './line-rows.js';
import { paired, type Pair } from './pairing.js';
import { ROW_HEIGHT, type Around, type DiffHunk, type DiffLine } from './shapes.js';
import { Windowed } from './windows.js';

interface HunkProps {
  readonly weir: Weir;
  readonly fileId: string;
  readonly path: string;
  readonly hunk: DiffHunk;
  readonly isSplit: boolean;
  readonly around: Around;
}

/** Lines that are read, paired and coloured at once; a page of hunks has as many of each. */
const SLICE = 400;

/** Rows that come and go at once, about what a fast reader scrolls in a frame: 40 took a frame over its 33 ms now and then. */
const BLOCK = 20;

/** One hunk. Only rows near the screen are on the page, and only slices that came near were read, wherever in the hunk they are. */
export function HunkView(props: HunkProps): JSX.Element {
  const { path, hunk, around: { choice } } = props;
  const starts = Array.from({ length: Math.ceil(hunk.lineCount / SLICE) }, (_, index) => index * SLICE);
  return (
    <div class="hunk">
      <div class="section">
        {choice !== undefined && <input type="checkbox" aria-label={`Accept the hunk at line ${hunk.newStart} of ${path}`} checked={choice.isChosen(path, hunk.id)} onChange={() => choice.toggle(path, hunk.id)} />}
        <code>lines {hunk.newStart} and on {hunk.section ?? ''}</code>
      </div>
      {starts.map((skip) => <Slice key={skip} skip={skip} {...props} />)}
    </div>
  );
}

/** Lines `skip` and on of a hunk. They stay once they are read; the rows of them do not. */
function Slice({ skip, ...props }: HunkProps & { readonly skip: number }): JSX.Element {
  const { hunk } = props;
  const [lines, setLines] = useState<readonly DiffLine[] | null>(skip === 0 ? hunk.lines : null);
  if (lines !== null) return <Rows lines={lines} {...props} />;
  return <Windowed guess={ROW_HEIGHT * Math.min(SLICE, hunk.lineCount - skip)} content={() => <Reading skip={skip} onLines={setLines} {...props} />} />;
}

/** Stands where lines will be, in the height that they will have. */
function Reading({ weir, fileId, hunk, skip, onLines }: HunkProps & { readonly skip: number; readonly onLines: (lines: readonly DiffLine[]) => void }): JSX.Element {
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    weir.query(LinesOf, { id: fileId, after: hunk.before, skip }, { signal: stop.signal }).then(
      ({ node }) => onLines(node?.hunks?.nodes[0]?.lines ?? []),
      (cause: unknown) => stop.signal.aborted || setError(sentenceOf(cause)),
    );
    return () => stop.abort();
  }, []);
  return <div style={{ height: `${ROW_HEIGHT * Math.min(SLICE, hunk.lineCount - skip)}px` }}><Trouble said={error} /><Progress busy={error === null} /></div>;
}

/** The rows of a slice, in blocks. */
function Rows({ path, lines, isSplit, around }: HunkProps & { readonly lines: readonly DiffLine[] }): JSX.Element {
  const rows = useMemo<readonly Pair[]>(() => (isSplit ? paired(lines) : lines.map((line) => [line, line])), [lines, isSplit]);
  const blocks = Array.from({ length: Math.ceil(rows.length / BLOCK) }, (_, index) => rows.slice(index * BLOCK, (index + 1) * BLOCK));
  const [colours, setColours] = useState<ReadonlyMap<DiffLine, readonly Colour[]>>(new Map());
  const colour = (): void => {
    void coloursFor(path, lines).then(setColours);
  };
  return (
    <>
      {blocks.map((block, index) => (
        <Windowed key={`${isSplit} ${index}`} guess={ROW_HEIGHT * block.length} content={() => <LineRows path={path} rows={block} isSplit={isSplit} colours={colours} onShown={colour} around={around} />} />
      ))}
    </>
  );
}

/** The slices whose colours were asked for, so that each is once. */
const asked = new WeakMap<readonly DiffLine[], Promise<ReadonlyMap<DiffLine, readonly Colour[]>>>();

function coloursFor(path: string, lines: readonly DiffLine[]): Promise<ReadonlyMap<DiffLine, readonly Colour[]>> {
  const before = asked.get(lines);
  if (before !== undefined) return before;
  const colours = bothSides(path, lines);
  asked.set(lines, colours);
  return colours;
}

/** Either side is coloured by itself: a deleted line and the one in its place make no sense in a row. */
async function bothSides(path: string, lines: readonly DiffLine[]): Promise<ReadonlyMap<DiffLine, readonly Colour[]>> {
  const sides = [lines.filter(({ kind }) => kind !== 'ADDED'), lines.filter(({ kind }) => kind !== 'DELETED')] as const;
  const [before, after] = await Promise.all(sides.map((side) => askColours(path, side.map(({ text }) => text))));
  const found = new Map<DiffLine, readonly Colour[]>();
  sides[0].forEach((line, index) => found.set(line, before?.[index] ?? []));
  sides[1].forEach((line, index) => found.set(line, after?.[index] ?? []));
  return found;
}
