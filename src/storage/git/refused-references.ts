import { StringDecoder } from 'node:string_decoder';

/** A branch or tag that the other side did not take, by its full name there, and what it says of that. */
export interface RefusedReference {
  readonly name: string;
  readonly reason: string;
}

/** Flag, `from:to` and summary, set apart by tabs; a flag of "!" is a refusal, whose reason stands in brackets behind the kind. Names of references hold no colon. */
const REFUSED = /^!\t[^\t]*:(?<name>[^\t:]+)\t\[[^\]]*\](?: \((?<reason>.*)\))?$/u;

/** Finds in what `git push --porcelain` prints (git-push(1), "Output") how many references were refused, and the first of them. Holds one line at a time. */
export class RefusedReferences {
  count = 0;
  first: RefusedReference | null = null;
  readonly #decoder = new StringDecoder('utf8');
  #line = '';

  /** What was printed next. A line counts once its end is there. */
  add(printed: Buffer): void {
    const lines = (this.#line + this.#decoder.write(printed)).split('\n');
    this.#line = lines.pop() ?? '';
    for (const line of lines) {
      const { name, reason } = REFUSED.exec(line)?.groups ?? {};
      if (name === undefined) continue;
      this.count += 1;
      this.first ??= { name, reason: reason ?? '' };
    }
  }
}
