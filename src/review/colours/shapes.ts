/** What a piece of a line is, as far as its colour goes. */
export type ColourKind = 'comment' | 'keyword' | 'string' | 'number' | 'title' | 'type';

/** Where a colour begins and ends within a line, in UTF-16 code units; in order, none overlaps another. */
export interface Colour {
  readonly start: number;
  readonly end: number;
  readonly kind: ColourKind;
}

/** Lines to colour, in the language that the end of a file's name stands for. */
export interface ColourRequest {
  readonly id: number;
  readonly path: string;
  readonly lines: readonly string[];
}

/** The colours of each line; empty where the language is not known. */
export interface ColourAnswer {
  readonly id: number;
  readonly colours: readonly (readonly Colour[])[];
}
