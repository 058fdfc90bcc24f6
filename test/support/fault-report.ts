/** What a run of a fault came to, as far as a test can say it in numbers. */
export interface FaultReport {
  readonly lost?: number;
  readonly corrupt?: number;
  readonly gaps?: number;
  /** The longest time until work went on, in milliseconds. */
  readonly recoveryMs?: number;
}

const MARK = 'fault-report ';

/** Tells `npm run faults` what a test has found; read by nobody in the suite. */
export function report(found: FaultReport): void {
  if (process.env['WEIR_TEST_RUNS'] !== undefined) process.stdout.write(`${MARK}${JSON.stringify(found)}\n`);
}

/** Everything that a run has told: numbers of damage together, the longest of the times. Null: it has told nothing. */
export function reported(output: string): Required<FaultReport> | null {
  const lines = output.split('\n').filter((line) => line.startsWith(MARK));
  if (lines.length === 0) return null;
  const found = lines.map((line): FaultReport => JSON.parse(line.slice(MARK.length)));
  const sum = (pick: (one: FaultReport) => number | undefined): number => found.reduce((all, one) => all + (pick(one) ?? 0), 0);
  return { lost: sum(({ lost }) => lost), corrupt: sum(({ corrupt }) => corrupt), gaps: sum(({ gaps }) => gaps), recoveryMs: Math.max(...found.map(({ recoveryMs }) => recoveryMs ?? 0)) };
}
