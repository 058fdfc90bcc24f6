import { Agents, TEAM, type Crowd } from './agents.js';
import { Caller } from './caller.js';
import { findKnee, type Bound, type Search, type Step } from './knee.js';
import type { LoadOptions } from './options.js';
import { hold, overload, phase, type Ground, type Held, type Overload, type Phase } from './phases.js';
import { openPlace } from './place.js';
import { subscribe } from './subscribers.js';

/** What a run came to. */
export interface LoadResult {
  readonly gateways: number;
  readonly bound: Bound;
  /** Operations a second; 0 where not even the lowest rate was sustained. */
  readonly knee: number;
  readonly steps: readonly Step[];
  readonly phases: readonly Phase[];
  /** The highest goodput of any phase before the overload. */
  readonly peak: number;
  readonly overload: Overload | null;
  readonly held: Held | null;
}

/** How long things take, and what counts. */
interface Plan {
  readonly crowd: Crowd;
  readonly bound: Bound;
  readonly search: Search;
  readonly stepSeconds: number;
  readonly overload: { readonly times: number; readonly seconds: number; readonly watch: number };
}

const FULL: Plan = {
  crowd: TEAM,
  bound: { p99Ms: 1_000, goodShare: 0.95 },
  search: { from: 20, factor: 1.5, refinements: 2, most: 5_000 },
  stepSeconds: 10,
  overload: { times: 5, seconds: 20, watch: 12 },
};

/** Everything once, at rates that any machine keeps. */
const SMOKE: Plan = {
  crowd: { repos: 2, sessions: 4 },
  bound: { p99Ms: 5_000, goodShare: 0.5 },
  search: { from: 10, factor: 2, refinements: 0, most: 10 },
  stepSeconds: 0.8,
  overload: { times: 5, seconds: 0.6, watch: 0.5 },
};

/** The share of the knee that is held for long. */
const HELD = 0.7;
/** Who listens at each gateway. */
const SUBSCRIBERS = 20;

/**
 * Starts gateways from `main`, drives them, stops them. `settings` are added to their environment.
 * Memory is held to caches of 64 MiB, which are full within minutes: what grows later is no cache.
 */
export async function runLoad(main: string, options: LoadOptions, progress: (text: string) => void, settings: Readonly<Record<string, string>> = {}): Promise<LoadResult> {
  const plan = options.smoke ? SMOKE : FULL;
  const place = await openPlace(main, options.gateways, { WEIR_CACHE: '64MiB', ...settings });
  const caller = new Caller(place.urls, place.key);
  const agents = new Agents(caller, plan.crowd);
  const subscribers = subscribe(place, options.smoke ? 2 : SUBSCRIBERS, agents.opened);
  try {
    progress('preparing\n');
    await agents.prepare();
    return await measureAll({ place, agents, subscribers }, plan, options, progress);
  } finally {
    await subscribers.close();
    caller.close();
    await place.close();
  }
}

async function measureAll(ground: Ground, plan: Plan, { gateways, knee: given, minutes, smoke }: LoadOptions, progress: (text: string) => void): Promise<LoadResult> {
  const phases: Phase[] = [];
  const measure = async (rate: number): Promise<Phase['measured']> => {
    const one = await phase(ground, rate, plan.stepSeconds);
    phases.push(one);
    return one.measured;
  };
  // What is compiled, cached and connected at the first requests is no part of any rate.
  await phase(ground, plan.search.from, plan.stepSeconds);
  const { knee, steps } = given !== null ? { knee: given, steps: [] } : await findKnee(measure, plan.bound, plan.search, ({ rate, measured: { goodput, p99 }, sustained }) => progress(`${rate.toFixed(0)}/s: ${goodput.toFixed(1)}/s good, p99 ${p99.toFixed(0)} ms${sustained ? '' : ', not sustained'}\n`));
  const peak = Math.max(0, ...phases.map(({ measured: { goodput } }) => goodput));
  const onlyHold = given !== null && minutes > 0;
  const isKnown = knee > 0;
  if (isKnown && !onlyHold) progress(`${plan.overload.times} times the knee\n`);
  const flooded = isKnown && !onlyHold ? await overload(ground, knee, plan.overload) : null;
  if (isKnown && minutes > 0) progress(`${minutes} minutes of ${(HELD * knee).toFixed(0)}/s\n`);
  const held = isKnown && minutes > 0 ? await hold(ground, HELD * knee, smoke ? Math.min(minutes, 0.02) : minutes, progress) : null;
  return { gateways, bound: plan.bound, knee, steps, phases, peak, overload: flooded, held };
}
