import { Fragment, type JSX } from 'preact';
import type { Around, DiffHunk, DiffLine } from './shapes.js';
import { paired } from './pairing.js';

interface HunkProps {
  readonly path: string;
  readonly hunk: DiffHunk;
  readonly isSplit: boolean;
  readonly around: Around;
}

/** One hunk as a table. What is off the screen is neither laid out nor painted (`content-visibility` in the style). */
export function HunkView({ path, hunk, isSplit, around }: HunkProps): JSX.Element {
  const { choice } = around;
  const columns = isSplit ? 4 : 3;
  return (
    <div class="hunk" style={{ containIntrinsicSize: `auto ${22 * (hunk.lines.length + 1)}px` }}>
      <table class={isSplit ? 'split' : ''}>
        {isSplit && <colgroup><col class="narrow" /><col /><col class="narrow" /><col /></colgroup>}
        <tbody>
          <tr class="section">
            <td colSpan={columns}>
              {choice !== undefined && <input type="checkbox" aria-label={`Accept the hunk at line ${hunk.newStart} of ${path}`} checked={choice.isChosen(path, hunk.id)} onChange={() => choice.toggle(path, hunk.id)} />}
              <code>lines {hunk.newStart} and on {hunk.section ?? ''}</code>
            </td>
          </tr>
          {isSplit ? <SplitLines path={path} lines={hunk.lines} around={around} /> : hunk.lines.map((line) => <UnifiedLine key={`${line.kind} ${line.oldNumber} ${line.newNumber}`} path={path} line={line} around={around} />)}
          {hunk.lines.length < hunk.lineCount && <tr><td colSpan={columns} class="soft">{hunk.lineCount - hunk.lines.length} further lines</td></tr>}
        </tbody>
      </table>
    </div>
  );
}

const SIGNS = { ADDED: '+', DELETED: '−', CONTEXT: ' ' } as const;

function UnifiedLine({ path, line, around }: { readonly path: string; readonly line: DiffLine; readonly around: Around }): JSX.Element {
  const side = line.kind === 'DELETED' ? 'OLD' : 'NEW';
  const number = side === 'OLD' ? line.oldNumber : line.newNumber;
  return (
    <>
      <tr class={line.kind.toLowerCase()}>
        <td class="number">{line.oldNumber}</td>
        <td class="number"><LineNumber path={path} side={side} number={number} shown={line.newNumber} around={around} /></td>
        <td class="text"><Text line={line} /></td>
      </tr>
      <Below path={path} side={side} number={number} columns={3} around={around} />
    </>
  );
}

function SplitLines({ path, lines, around }: { readonly path: string; readonly lines: readonly DiffLine[]; readonly around: Around }): JSX.Element {
  return (
    <>
      {paired(lines).map(([left, right]) => (
        <Fragment key={`${left?.oldNumber} ${right?.newNumber}`}>
          <tr>
            <td class={`number ${left?.kind.toLowerCase() ?? 'empty'}`}>{left !== null && <LineNumber path={path} side="OLD" number={left.oldNumber} shown={left.oldNumber} around={around} />}</td>
            <td class={`text ${left?.kind.toLowerCase() ?? 'empty'}`}>{left !== null && <Text line={left} />}</td>
            <td class={`number ${right?.kind.toLowerCase() ?? 'empty'}`}>{right !== null && <LineNumber path={path} side="NEW" number={right.newNumber} shown={right.newNumber} around={around} />}</td>
            <td class={`text ${right?.kind.toLowerCase() ?? 'empty'}`}>{right !== null && <Text line={right} />}</td>
          </tr>
          <Below path={path} side="OLD" number={left?.kind === 'DELETED' ? left.oldNumber : null} columns={4} around={around} />
          <Below path={path} side="NEW" number={right?.newNumber ?? null} columns={4} around={around} />
        </Fragment>
      ))}
    </>
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

/** A line with what changed within it marked; offsets are in UTF-16 code units, as JavaScript counts. */
function Text({ line: { kind, text, spans, noNewline } }: { readonly line: DiffLine }): JSX.Element {
  const parts: (string | JSX.Element)[] = [];
  let at = 0;
  for (const { start, end } of spans) {
    parts.push(text.slice(at, start), <mark key={start}>{text.slice(start, end)}</mark>);
    at = end;
  }
  parts.push(text.slice(at));
  return (
    <code>
      <span class="sign">{SIGNS[kind]}</span>
      {parts}
      {noNewline && <span class="soft" title="No newline at the end of the file"> ⊘</span>}
    </code>
  );
}
