/** The files of a commit: text by path. */
export type Files = Readonly<Record<string, string>>;

/** What one forward move left, and whether a run did it or it took one out. */
interface Entry {
  readonly files: Files;
  readonly run?: string;
  readonly reverts?: string;
}

/** How a verb ends: done, or the code of its refusal. */
export type Ending = 'done' | 'INVALID_INPUT' | 'NOT_FOUND' | 'MERGE_CONFLICTED' | 'STALE_HEAD';

/**
 * What a timeline is to its user: contents in a line, and a place in it. The first is the fork point's; what a forward move leaves beyond
 * the place is abandoned and can still be restored. Whether a pointer moves or a commit is written is no part of it, nor are crashes.
 */
export class TimelineModel {
  line: readonly Entry[];
  at = 0;
  deleted = false;

  constructor(files: Files) {
    this.line = [{ files }];
  }

  /** Another one in the same state. */
  copy(): TimelineModel {
    const copy = new TimelineModel({});
    [copy.line, copy.at, copy.deleted] = [this.line, this.at, this.deleted];
    return copy;
  }

  get files(): Files {
    return this.line[this.at]?.files ?? {};
  }

  forward(files: Files, by: Omit<Entry, 'files'> = {}): Ending {
    if (this.deleted) return 'NOT_FOUND';
    this.line = [...this.line.slice(0, this.at + 1), { files, ...by }];
    this.at++;
    return 'done';
  }

  /** Forward by so many when positive, back when negative; refused where the line ends before. */
  step(steps: number): Ending {
    if (this.deleted) return 'NOT_FOUND';
    if (this.line[this.at + steps] === undefined) return 'INVALID_INPUT';
    this.at += steps;
    return 'done';
  }

  /** Takes out what a run did, which writes a file of the run's name and nothing else, once more each time without a break. */
  revert(run: string): Ending {
    if (this.deleted) return 'NOT_FOUND';
    const past = this.line.slice(0, this.at + 1);
    const done = past.slice(past.findLastIndex(({ reverts }) => reverts === run) + 1).filter((entry) => entry.run === run);
    const { [run]: now, ...others } = this.files;
    if (done.length === 0 || now === undefined) return 'INVALID_INPUT';
    // Somebody has restored the file as it was at another time, and built on it: that is for a person to decide.
    return now === done.at(-1)?.files[run] ? this.forward(others, { reverts: run }) : 'MERGE_CONFLICTED';
  }
}
