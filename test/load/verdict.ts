import type { LoadResult } from './run.js';
import type { Phase } from './phases.js';

/** The least share of the peak that is still done at many times the knee. */
const GOODPUT_SHARE = 0.8;
/** Seconds until everything is answered as before. */
const RECOVERY_SECONDS = 10;

/** One thing that is promised under load, and whether it was kept. */
export interface Judged {
  readonly promise: string;
  readonly figure: string;
  readonly kept: boolean;
}

/** What a run says about each promise; those that it did not try are left out. */
export function judge({ knee, peak, overload, held }: LoadResult): Judged[] {
  const judged: Judged[] = [{ promise: 'some rate is sustained', figure: `${knee.toFixed(1)}/s`, kept: knee > 0 }];
  if (overload !== null) {
    const { over: { measured }, recoveredAfter } = overload;
    if (peak > 0) judged.push({ promise: `goodput at the overload ≥ ${GOODPUT_SHARE} of the peak`, figure: (measured.goodput / peak).toFixed(2), kept: measured.goodput >= GOODPUT_SHARE * peak });
    judged.push(
      { promise: 'refusals are Busy and say when to come back', figure: `${measured.busy - measured.speechless} of ${measured.busy}`, kept: measured.speechless === 0 },
      { promise: 'nothing fails otherwise', figure: `${measured.failed} failed, ${measured.late} late`, kept: measured.failed === 0 },
      { promise: `recovery ≤ ${RECOVERY_SECONDS} s`, figure: `${recoveredAfter} s`, kept: recoveredAfter <= RECOVERY_SECONDS },
    );
  }
  if (held !== null) {
    const { gateways: { perMinute, firstThird, lastThird }, postgres, phase: { measured } } = held;
    judged.push({ promise: 'nothing fails while a rate is held', figure: `${measured.failed} failed, ${measured.late} late, ${measured.busy} busy of ${Math.round(measured.offered * held.minutes * 60)}`, kept: measured.failed === 0 });
    judged.push({ promise: `memory is flat over ${held.minutes} min (last third ≤ 1.1 × the first)`, figure: `gateways ${perMinute.toFixed(2)} MB/min, ${firstThird.toFixed(0)} → ${lastThird.toFixed(0)} MB; Postgres ${postgres.perMinute.toFixed(2)} MB/min, ${postgres.firstThird.toFixed(0)} → ${postgres.lastThird.toFixed(0)} MB`, kept: lastThird <= 1.1 * firstThird });
  }
  return judged;
}

/** Everything as tables for people. */
export function loadTable(result: LoadResult): string {
  const { phases, overload, held } = result;
  const rows = [
    ...phases.map((one) => row(`${one.rate.toFixed(0)}/s`, one)),
    ...(overload === null ? [] : [row(`overload, ${overload.over.rate.toFixed(0)}/s`, overload.over)]),
    ...(held === null ? [] : [row(`held, ${held.phase.rate.toFixed(0)}/s`, held.phase)]),
  ];
  return [
    '| rate | good /s | busy /s | late | failed | p50 | p95 | p99 | refusal p50 / p99 | CPU gateways, Postgres, driver | MB gateways, Postgres | events p99 |',
    '|---|---|---|---|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    `${result.gateways} gateway${result.gateways === 1 ? '' : 's'} · knee ${result.knee.toFixed(1)}/s (p99 ≤ ${result.bound.p99Ms} ms, ≥ ${result.bound.goodShare} answered well) · peak ${result.peak.toFixed(1)}/s`,
    ...judge(result).map(({ promise, figure, kept }) => `${kept ? 'kept  ' : 'MISSED'}  ${promise}: ${figure}`),
    ...[...phases, ...(overload === null ? [] : [overload.over]), ...(held === null ? [] : [held.phase])].flatMap(({ rate, measured: { said } }) => said.map((text) => `at ${rate.toFixed(0)}/s failed: ${text}`)),
    '',
  ].join('\n');
}

function ms(value: number): string {
  return Number.isNaN(value) ? '' : value.toFixed(0);
}

function row(name: string, { measured: m, gatewayCpu, postgresCpu, driverCpu, gatewayMb, postgresMb, heard }: Phase): string {
  const seconds = m.offered === 0 ? 1 : (m.good + m.busy + m.late + m.failed) / m.offered;
  return `| ${name} | ${m.goodput.toFixed(1)} | ${(m.busy / seconds).toFixed(1)} | ${m.late} | ${m.failed} | ${ms(m.p50)} | ${ms(m.p95)} | ${ms(m.p99)} | ${ms(m.refusalP50)} / ${ms(m.refusalP99)} | ${gatewayCpu.toFixed(2)}, ${postgresCpu.toFixed(2)}, ${driverCpu.toFixed(2)} | ${gatewayMb.toFixed(0)}, ${postgresMb.toFixed(0)} | ${ms(heard.p99)} |`;
}
