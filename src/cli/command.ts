/** One command of the command line. */
export interface Command {
  /** What `weir NAME --help` prints: usage line, what it does, options; ends with a newline. */
  readonly help: string;
  /** Runs it on the arguments after its name and answers the exit code: 0 done, 1 refused, 2 wrong usage. */
  run(args: readonly string[], terminal: Terminal): Promise<number>;
}

/** Where a command writes: results to `out`, everything else to `err`, so that results can be piped. Whole lines, without the newline. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}

/** The arguments make no sense; `message` says which. The command line prints it with the way to the help and exits with 2. */
export class WrongUsage extends Error {
  override readonly name = 'WrongUsage';
}
