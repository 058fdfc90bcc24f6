/** One frame of a stream of server-sent events (HTML standard, 9.2.6). A frame without `data` is a sign of life. */
export interface EventFrame {
  readonly event: string;
  readonly data: string;
  /** The id, where the frame has one. */
  readonly id: string | null;
}

/** Puts frames together from pieces of text, wherever these are cut. */
export class FrameReader {
  #line = '';
  #event = '';
  #data: string[] = [];
  #id: string | null = null;
  #touched = false;

  /** The frames that end in this piece. */
  *read(piece: string): Generator<EventFrame> {
    const lines = (this.#line + piece).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const frame = this.#take(line.endsWith('\r') ? line.slice(0, -1) : line);
      if (frame !== null) yield frame;
    }
  }

  #take(line: string): EventFrame | null {
    if (line === '') return this.#ended();
    this.#touched = true;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + (line[colon + 1] === ' ' ? 2 : 1));
    if (field === 'event') this.#event = value;
    if (field === 'data') this.#data.push(value);
    if (field === 'id') this.#id = value;
    return null;
  }

  #ended(): EventFrame | null {
    const frame = this.#touched ? { event: this.#event, data: this.#data.join('\n'), id: this.#id } : null;
    [this.#event, this.#data, this.#id, this.#touched] = ['', [], null, false];
    return frame;
  }
}
