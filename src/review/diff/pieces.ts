import type { Colour } from '../colours/shapes.js';

/** A piece of a line that looks the same from end to end. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly kind: Colour['kind'] | null;
  readonly isMarked: boolean;
}

/** Cuts a line of `length` code units wherever its colour changes or a marked span begins or ends. Spans and colours are in order. */
export function piecesOf(length: number, spans: readonly { readonly start: number; readonly end: number }[], colours: readonly Colour[]): Piece[] {
  const edges = new Set([0, length]);
  for (const { start, end } of [...spans, ...colours]) edges.add(Math.min(start, length)).add(Math.min(end, length));
  const cuts = [...edges].sort((left, right) => left - right);
  let [span, colour] = [0, 0];
  return cuts.slice(1).map((end, index) => {
    const start = cuts[index] ?? 0;
    while ((spans[span]?.end ?? length) <= start && span < spans.length) span++;
    while ((colours[colour]?.end ?? length) <= start && colour < colours.length) colour++;
    const here = colours[colour];
    return { start, end, kind: here !== undefined && here.start <= start ? here.kind : null, isMarked: (spans[span]?.start ?? length) <= start && span < spans.length };
  });
}
