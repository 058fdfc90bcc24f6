import { parseArgs } from 'node:util';

/** What `npm run load` was asked for. */
export interface LoadOptions {
  readonly gateways: number;
  /** How long 70 % of the knee is held at the end; 0 for not at all. */
  readonly minutes: number;
  /** A rate that is taken for the knee, without a search; null to search. */
  readonly knee: number | null;
  readonly smoke: boolean;
}

/** What `npm run load -- --help` prints, and every wrong usage. */
export const USAGE = `Drives gateways with a mix of agents at rising rates, finds the knee, then asks for five times as much.

  npm run load [-- --gateways 1|2] [--knee RATE] [--minutes N] [--smoke]

--gateways N   on one data directory and one private Postgres (1)
--knee RATE    operations a second that are taken for the knee, instead of a search
--minutes N    holds 70 % of the knee for so long and tells how memory develops; nothing else is measured when --knee is given, too
--smoke        a few seconds of everything, to see that it works: the figures say nothing

The table goes to standard output, everything as JSON to .cache/load. The driver shares the machine with what it drives.
`;

/** Reads the arguments; null when they are wrong, or help was asked for. */
export function loadOptions(args: readonly string[]): LoadOptions | null {
  try {
    const { values } = parseArgs({ args: [...args], options: { gateways: { type: 'string', default: '1' }, minutes: { type: 'string', default: '0' }, knee: { type: 'string' }, smoke: { type: 'boolean', default: false } } });
    const gateways = Number(values.gateways);
    const minutes = Number(values.minutes);
    const knee = values.knee === undefined ? null : Number(values.knee);
    if (!Number.isInteger(gateways) || gateways < 1 || gateways > 8 || !(minutes >= 0) || (knee !== null && !(knee > 0))) return null;
    return { gateways, minutes, knee, smoke: values.smoke };
  } catch {
    return null;
  }
}
