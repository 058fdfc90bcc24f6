import { isDeepStrictEqual } from 'node:util';
import { FETCH_ROWS } from './fetch-rows.js';
import { PUSH_ROWS } from './push-rows.js';
import { ADDRESS_ROWS, BODY_ROWS, COMMAND_ROWS } from './request-rows.js';
import type { Row } from './row.js';
import type { Sides } from './sides.js';

/** The whole table. */
export const HTTP_ROWS: readonly Row[] = [...ADDRESS_ROWS, ...BODY_ROWS, ...COMMAND_ROWS, ...FETCH_ROWS, ...PUSH_ROWS];

/** What came of one row: what both did, and null or why that is not as the row has it. */
export interface Verdict {
  readonly here: unknown;
  readonly there: unknown;
  readonly fault: string | null;
}

/** Does what a row says at both servers, one after the other. Rejects where git fails that must succeed. */
export async function judge(row: Row, sides: Sides): Promise<Verdict> {
  const [weir, git] = await sides.pair(row.writes === true);
  const [here, there] = [plainly(await row.ask(weir)), plainly(await row.ask(git))];
  return { here, there, fault: faultOf(row, here, there) };
}

function faultOf({ differs }: Row, here: unknown, there: unknown): string | null {
  const equal = isDeepStrictEqual(here, there);
  if (differs === undefined) return equal ? null : 'the gateway does not do what git http-backend does';
  if (equal) return 'the gateway does what git http-backend does, which the row says it does not';
  return isDeepStrictEqual(here, plainly(differs.here)) ? null : 'the gateway differs, and not as the row says';
}

/** As JSON has it: what is undefined is absent. */
function plainly(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value ?? null));
}

/** Judges every row and tells each that is not as it should be; answers how many are. */
export async function compareHttp(sides: Sides, tell: (line: string) => void, rows: readonly Row[] = HTTP_ROWS): Promise<{ readonly equal: number; readonly deliberate: number; readonly different: number }> {
  const counted = { equal: 0, deliberate: 0, different: 0 };
  for (const row of rows) {
    const { here, there, fault } = await judge(row, sides).catch((error: unknown) => ({ here: null, there: null, fault: String(error) }));
    if (fault === null) counted[row.differs === undefined ? 'equal' : 'deliberate']++;
    else {
      counted.different++;
      tell(`http: ${row.name}: ${fault}\n  here:  ${JSON.stringify(here)}\n  there: ${JSON.stringify(there)}`);
    }
  }
  return counted;
}
