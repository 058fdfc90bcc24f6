import { setTimeout as sleep } from 'node:timers/promises';
import type { Acted, Agents } from './agents.js';
import { arrive, type Arrival } from './arrivals.js';
import type { Place } from './place.js';
import type { Heard, Subscribers } from './subscribers.js';
import { measured, quantile, type Measured } from './tally.js';
import { trendOf, type Trend } from './trend.js';

/** What is measured on. */
export interface Ground {
  readonly place: Place;
  readonly agents: Agents;
  readonly subscribers: Subscribers;
}

/** One time of load, with what it cost: shares of one processor, and MB at its end. */
export interface Phase {
  readonly rate: number;
  readonly measured: Measured;
  readonly gatewayCpu: number;
  readonly postgresCpu: number;
  readonly driverCpu: number;
  readonly gatewayMb: number;
  readonly postgresMb: number;
  readonly heard: Heard;
}

/** Runs a rate for so long, and sums it up. */
export async function phase(ground: Ground, rate: number, seconds: number): Promise<Phase> {
  return (await phaseWithCalls(ground, rate, seconds)).phase;
}

async function phaseWithCalls({ place, agents, subscribers }: Ground, rate: number, seconds: number): Promise<{ readonly phase: Phase; readonly calls: readonly Arrival<Acted>[] }> {
  subscribers.heard();
  const before = place.spent();
  const driver = process.cpuUsage();
  const started = performance.now();
  const calls = await arrive(rate, seconds, () => agents.act());
  const elapsed = performance.now() - started;
  const after = place.spent();
  const { user, system } = process.cpuUsage(driver);
  return {
    calls,
    phase: {
      rate,
      measured: measured(calls.map(({ ended, result }) => ({ ...result.called, at: ended - started })), seconds),
      gatewayCpu: (after.gateways.cpuMs - before.gateways.cpuMs) / elapsed,
      postgresCpu: (after.postgres.cpuMs - before.postgres.cpuMs) / elapsed,
      driverCpu: (user + system) / 1000 / elapsed,
      gatewayMb: after.gateways.memoryMb,
      postgresMb: after.postgres.memoryMb,
      heard: subscribers.heard(),
    },
  };
}

/** Far more than can be done, and what comes after it. */
export interface Overload {
  readonly over: Phase;
  /** The p95 of a rate that is easily sustained, before. */
  readonly normalMs: number;
  /** Seconds from the end of the overload to the first from which on the same rate is answered as before; Infinity where that did not come. */
  readonly recoveredAfter: number;
}

/** The share of the knee that is easily sustained. */
const EASY = 0.5;
/** As before: no more than so many times the p95 from before, or so many milliseconds where that was less. */
const NORMAL_TIMES = 2;
const NORMAL_LEAST_MS = 250;

/** Half the knee, then so many times the knee, then half of it again until it is answered as before. */
export async function overload(ground: Ground, knee: number, { times, seconds, watch }: { readonly times: number; readonly seconds: number; readonly watch: number }): Promise<Overload> {
  const easy = Math.max(1, knee * EASY);
  const before = await phase(ground, easy, watch);
  const normalMs = Math.max(NORMAL_LEAST_MS, NORMAL_TIMES * before.measured.p95);
  // The load stops when its last request was sent: what it left in lines is a part of what there is to recover from.
  const flood = phaseWithCalls(ground, knee * times, seconds);
  await sleep(seconds * 1000);
  const stopped = performance.now();
  const after = await arrive(easy, watch, () => ground.agents.act());
  const { phase: over } = await flood;
  return { over, normalMs: before.measured.p95, recoveredAfter: recovery(after.map(({ due, result: { called } }) => ({ second: (due - stopped) / 1000, ms: called.ending === 'GOOD' ? called.ms : Number.POSITIVE_INFINITY })), normalMs) };
}

/** The first second from which on the p95 of each is at most `normalMs`; Infinity where even the last is above it. */
export function recovery(calls: readonly { readonly second: number; readonly ms: number }[], normalMs: number): number {
  const seconds = Math.ceil(Math.max(0, ...calls.map(({ second }) => second)));
  let first = seconds === 0 ? Number.POSITIVE_INFINITY : 0;
  for (let at = 0; at < seconds; at++) {
    const times = calls.filter(({ second }) => Math.floor(second) === at).map(({ ms }) => ms).sort((a, b) => a - b);
    if (times.length > 0 && quantile(times, 0.95) > normalMs) first = at + 1 === seconds ? Number.POSITIVE_INFINITY : at + 1;
  }
  return first;
}

/** A rate that was held for long, and how memory developed meanwhile, in MB. */
export interface Held {
  readonly minutes: number;
  readonly phase: Phase;
  readonly gateways: Trend;
  readonly postgres: Trend;
}

/** Between two looks at the memory, in seconds. */
const LOOK_SECONDS = 10;
/** The share of the time that caches and pools have to fill, and does not count for the trend. */
const FILLING = 0.2;

/** Holds a rate, looking at the memory now and then. */
export async function hold(ground: Ground, rate: number, minutes: number, told: (line: string) => void): Promise<Held> {
  const started = performance.now();
  const seconds = minutes * 60;
  const looks: { second: number; gateways: number; postgres: number }[] = [];
  const look = setInterval(() => {
    const { gateways, postgres } = ground.place.spent();
    const second = (performance.now() - started) / 1000;
    looks.push({ second, gateways: gateways.memoryMb, postgres: postgres.memoryMb });
    if (looks.length % 30 === 0) told(`${Math.round(second / 60)} min: gateways ${gateways.memoryMb.toFixed(0)} MB, Postgres ${postgres.memoryMb.toFixed(0)} MB\n`);
  }, LOOK_SECONDS * 1000);
  try {
    const held = await phase(ground, rate, seconds);
    const counted = looks.filter(({ second }) => second >= FILLING * seconds);
    const trend = (pick: (one: (typeof looks)[number]) => number): Trend => trendOf(counted.map((one) => ({ second: one.second, value: pick(one) })));
    return { minutes, phase: held, gateways: trend(({ gateways }) => gateways), postgres: trend(({ postgres }) => postgres) };
  } finally {
    clearInterval(look);
  }
}
