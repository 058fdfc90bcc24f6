import { Fragment, type JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Colour } from '../colours/shapes.js';
import type { Pair } from './pairing.js';
import { piecesOf, type Piece } from './pieces.js';
import type { Around, DiffLine } from './shapes.js';

type Colours = ReadonlyMap<DiffLine, readonly Colour[]>;

interface RowsProps {
  readonly path: string;
  /** A line on either side; unified, the same one twice. */
  readonly rows: readonly Pair[];
  readonly isSplit: boolean;
  readonly colours: Colours;
  readonly onShown: () => void;
  readonly around: Around;
}

/** Some rows of a hunk as a table. */
export function LineRows({ path, rows, isSplit, colours, onShown, around }: RowsProps): JSX.Element {
  useEffect(onShown, []);
  return (
    <table class={isSplit ? 'split' : ''}>
      <colgroup><col class="narrow" />{isSplit ? <col /> : <col class="narrow" />}{isSplit && <col class="narrow" />}<col /></colgroup>
      <tbody>
        {rows.map(([left, right]) => {
          const key = `${left?.oldNumber} ${right?.newNumber}`;
          if (isSplit) return <SplitRow key={key} path={path} left={left} right={right} colours={colours} around={around} />;
          return left === null ? null : <UnifiedRow key={key} path={path} line={left} colours={colours} around={around} />;
        })}
      </tbody>
    </table>
  );
}

function UnifiedRow({ path, line, colours, around }: { readonly path: string; readonly line: DiffLine; readonly colours: Colours; readonly around: Around }): JSX.Element {
  const side = line.kind === 'DELETED' ? 'OLD' : 'NEW';
  const number = side === 'OLD' ? line.oldNumber : line.newNumber;
  return (
    <>
      <tr class={line.kind.toLowerCase()}>
        <td class="number">{line.oldNumber}</td>
        <td class="number"><LineNumber path={path} side={side} number={number} shown={line.newNumber} around={around} /></td>
        <td class="text"><Text line={line} colours={colours} /></td>
      </tr>
      <Below path={path} side="OLD" number={line.oldNumber} columns={3} around={around} />
      <Below path={path} side="NEW" number={line.newNumber} columns={3} around={around} />
    </>
  );
}

interface SplitProps {
  readonly path: string;
  readonly left: DiffLine | null;
  readonly right: DiffLine | null;
  readonly colours: Colours;
  readonly around: Around;
}

function SplitRow({ path, left, right, colours, around }: SplitProps): JSX.Element {
  const half = (line: DiffLine | null, side: 'OLD' | 'NEW'): JSX.Element => {
    const kind = line?.kind.toLowerCase() ?? 'empty';
    const number = (side === 'OLD' ? line?.oldNumber : line?.newNumber) ?? null;
    return (
      <>
        <td class={`number ${kind}`}>{line !== null && <LineNumber path={path} side={side} number={number} shown={number} around={around} />}</td>
        <td class={`text ${kind}`}>{line !== null && <Text line={line} colours={colours} />}</td>
      </>
    );
  };
  return (
    <Fragment>
      <tr>{half(left, 'OLD')}{half(right, 'NEW')}</tr>
      <Below path={path} side="OLD" number={left?.oldNumber ?? null} columns={4} around={around} />
      <Below path={path} side="NEW" number={right?.newNumber ?? null} columns={4} around={around} />
    </Fragment>
  );
}

interface Place {
  readonly path: string;
  readonly side: 'OLD' | 'NEW';
  readonly number: number | null;
  readonly around: Around;
}

function LineNumber({ path, side, number, shown, around }: Place & { readonly shown: number | null }): JSX.Element {
  const { onLine } = around;
  if (onLine === undefined || number === null) return <>{shown}</>;
  return <button type="button" class="comment" aria-label={`Comment on line ${number}, ${side === 'OLD' ? 'before' : 'after'}`} onClick={() => onLine(path, side, number)}>{shown ?? '·'}</button>;
}

function Below({ path, side, number, columns, around }: Place & { readonly columns: number }): JSX.Element | null {
  const content = number === null ? null : around.below?.(path, side, number);
  return content === null || content === undefined ? null : <tr class="below"><td colSpan={columns}>{content}</td></tr>;
}

const SIGNS = { ADDED: '+', DELETED: '−', CONTEXT: ' ' } as const;

const NONE: readonly Colour[] = [];

/** A line with its colours, and what changed within it marked. */
function Text({ line, colours }: { readonly line: DiffLine; readonly colours: Colours }): JSX.Element {
  const { kind, text, spans, noNewline } = line;
  return (
    <code>
      <span class="sign">{SIGNS[kind]}</span>
      {piecesOf(text.length, spans, colours.get(line) ?? NONE).map((piece) => shown(text, piece))}
      {noNewline && <span class="soft" title="No newline at the end of the file"> ⊘</span>}
    </code>
  );
}

function shown(text: string, { start, end, kind, isMarked }: Piece): JSX.Element | string {
  const part = text.slice(start, end);
  if (isMarked) return <mark key={start} class={inkOf(kind)}>{part}</mark>;
  return kind === null ? part : <span key={start} class={inkOf(kind)}>{part}</span>;
}

function inkOf(kind: Piece['kind']): string {
  return kind === null ? '' : `ink-${kind}`;
}
