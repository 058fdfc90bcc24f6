import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import type { Outcome } from '../../src/operations/outcome.js';
import { canRedo, canUndo } from '../../src/operations/reading/history/read-timeline.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { fc } from './fast-check.js';
import { receiptOf } from './operations.js';
import { placesOf } from './timeline.js';
import type { Ending, Files, TimelineModel } from './timeline-model.js';
import type { VerbWorld } from './verbs.js';

/** Stands in for the end of the process at a fault point. */
class Crash extends TypeError {}

/** Stops the next verb that passes a point. */
export class Aim {
  point: string | null = null;

  at(point: string): void {
    if (point !== this.point) return;
    this.point = null;
    throw new Crash(point);
  }
}

/** A branch of a gateway, and what a sequence of commands has made on it so far. */
export interface RealTimeline {
  readonly world: VerbWorld;
  readonly aim: Aim;
  readonly repo: string;
  readonly repoId: number;
  readonly name: string;
  readonly branchId: number;
  /** What each forward move left, by the number of its checkpoint: all of it stays restorable. */
  readonly made: Map<number, Files>;
  readonly runs: string[];
}

/** Where a verb is to be cut off, and whether another process then takes over; null for a call that goes through. */
type Cut = { readonly point: string; readonly restart: boolean } | null;

type Command = fc.AsyncCommand<TimelineModel, RealTimeline>;

/** A name for everything that is made, so that no two are the same. */
let count = 0;

/** Contents that have nothing in common, or a merge would take one file for another that was renamed. */
function fresh(): string {
  return `${createHash('sha256').update(String(count++)).digest('hex')}\n`;
}

function command(name: string, run: (model: TimelineModel, real: RealTimeline) => Promise<void>): Command {
  const checked = async (model: TimelineModel, real: RealTimeline): Promise<void> => {
    await run(model, real);
    await agree(model, real);
  };
  return { check: () => true, run: checked, toString: () => name };
}

/** Calls a verb; one that is cut off is called again with its key, as a client does that got no answer. */
async function call(real: RealTimeline, cut: Cut, verb: (idempotencyKey: string) => Promise<Outcome<unknown>>): Promise<Ending | string> {
  const idempotencyKey = `call-${count++}`;
  real.aim.point = cut?.point ?? null;
  const outcome = await verb(idempotencyKey).catch(async (error: unknown) => {
    if (!(error instanceof Crash)) throw error;
    if (cut?.restart === true) await real.world.restart();
    return verb(idempotencyKey);
  });
  // A refusal may pass no point at all.
  real.aim.point = null;
  return outcome.ok ? 'done' : outcome.problem.code;
}

/** The gateway shows what the model says: the files, where undo and redo can go, and every checkpoint in a state that fits. */
async function agree(model: TimelineModel, { world, repoId, branchId }: RealTimeline): Promise<void> {
  const branch = await world.branchById(branchId);
  const request = world.as('agent');
  // Asked together: waiting is most of what a run costs.
  const [files, ways, { states, behind, parents }] = await Promise.all([
    world.files(repoId, branch.head),
    Promise.all([canUndo(request, branch), canRedo(request, branch)]),
    placesOf(world, branchId),
  ]);
  expect([branch.deletedAt !== null, files]).toEqual([model.deleted, model.files]);
  expect(ways).toEqual([model.at > 0, model.at < model.line.length - 1]);
  expect(states).toHaveLength(branch.nextCheckpoint - 1);
  expect(states.filter((state) => state === 'CURRENT')).toHaveLength(branch.checkpointId === null ? 0 : 1);
  expect(states.filter((state) => state === 'UNDONE')).toHaveLength(model.line.length - 1 - model.at);
  expect(behind).toEqual(parents);
}

/** Notes what a forward move has left under the number that it got. */
async function note(model: TimelineModel, { world, branchId, made }: RealTimeline, ending: Ending): Promise<void> {
  if (ending === 'done') made.set((await world.branchById(branchId)).nextCheckpoint - 1, model.files);
}

function write({ cut, shared }: { readonly cut: Cut; readonly shared: boolean }): Command {
  return command(`write${shared ? ' and share' : ''}${shown(cut)}`, async (model, real) => {
    const text = fresh();
    const ended = await call(real, cut, (idempotencyKey) =>
      createCheckpoint(real.world.as('agent'), { repo: real.repo, branch: real.name, message: 'Work', changes: [{ write: { path: 'n', text } }], idempotencyKey }));
    const ending = model.forward({ ...model.files, n: text });
    expect(ended).toBe(ending);
    await note(model, real, ending);
    if (shared) await cutBranch(model, real);
  });
}

/** A run of one or two prompts, which write a file of its own. */
function work(prompts: number): Command {
  return command(`run(${prompts})`, async (model, real) => {
    const runId = `run-${count++}`;
    real.runs.push(runId);
    for (let prompt = 0; prompt < prompts; prompt++) {
      const text = fresh();
      const ended = await call(real, null, (idempotencyKey) =>
        createCheckpoint(real.world.as('agent'), { repo: real.repo, branch: real.name, message: 'Run', runId, changes: [{ write: { path: runId, text } }], idempotencyKey }));
      const ending = model.forward({ ...model.files, [runId]: text }, { run: runId });
      expect(ended).toBe(ending);
      await note(model, real, ending);
    }
  });
}

function revert({ pick, cut }: { readonly pick: number; readonly cut: Cut }): Command {
  return command(`revertRun(${pick})${shown(cut)}`, async (model, real) => {
    const runId = real.runs[pick % Math.max(1, real.runs.length)] ?? 'none';
    const ended = await call(real, cut, (idempotencyKey) => revertRun(real.world.as('agent'), { repo: real.repo, branch: real.name, runId, idempotencyKey }));
    const ending = model.revert(runId);
    expect(ended).toBe(ending);
    await note(model, real, ending);
  });
}

function stepping(verb: typeof undo, name: string, sign: 1 | -1): (given: { readonly steps: number; readonly cut: Cut }) => Command {
  return ({ steps, cut }) =>
    command(`${name}(${steps})${shown(cut)}`, async (model, real) => {
      const ended = await call(real, cut, (idempotencyKey) => verb(real.world.as('agent'), { repo: real.repo, branch: real.name, steps, idempotencyKey }));
      expect(ended).toBe(model.step(sign * steps));
    });
}

/** One of all that were ever made, undone and abandoned ones among them; all of it, or the file `n` alone. */
function bring({ pick, part, cut }: { readonly pick: number; readonly part: boolean; readonly cut: Cut }): Command {
  return command(`restore(${pick}${part ? ', n' : ''})${shown(cut)}`, async (model, real) => {
    const [number, files] = [...real.made][pick % Math.max(1, real.made.size)] ?? [];
    if (number === undefined || files === undefined) return;
    const { n, ...others } = model.files;
    const partly = part && (n !== undefined || files['n'] !== undefined);
    const paths = partly ? { paths: ['n'] } : {};
    const ended = await call(real, cut, (idempotencyKey) =>
      restore(real.world.as('agent'), { repo: real.repo, branch: real.name, to: `checkpoint:${number}@${real.name}`, ...paths, idempotencyKey }));
    const ending = model.forward(partly ? { ...others, ...(files['n'] === undefined ? {} : { n: files['n'] }) } : files);
    expect(ended).toBe(ending);
    await note(model, real, ending);
  });
}

/** Somebody else cuts a branch here, so that nothing up to here can be taken back by a pointer any more. */
async function cutBranch(model: TimelineModel, { world, repo, name }: RealTimeline): Promise<void> {
  const outcome = await createBranch(world.as('owner'), { repo, name: `shared/${count++}`, from: name });
  expect(outcome.ok).toBe(!model.deleted);
}

function remove(cut: Cut): Command {
  return command(`delete${shown(cut)}`, async (model, real) => {
    const ended = await call(real, cut, (idempotencyKey) => deleteBranch(real.world.as('agent'), { repo: real.repo, name: real.name, idempotencyKey }));
    expect(ended).toBe(model.deleted ? 'NOT_FOUND' : 'done');
    model.deleted = true;
  });
}

function bringBack(cut: Cut): Command {
  return command(`restoreBranch${shown(cut)}`, async (model, real) => {
    const id = encodeGlobalId({ type: 'Branch', id: real.branchId });
    const ended = await call(real, cut, (idempotencyKey) => restoreBranch(real.world.as('agent'), { id, idempotencyKey }));
    expect(ended).toBe(model.deleted ? 'done' : 'INVALID_STATE');
    model.deleted = false;
  });
}

function restart(): Command {
  return command('restart', (_, { world }) => world.restart());
}

function shown(cut: Cut): string {
  return cut === null ? '' : ` cut at ${cut.point}${cut.restart ? ', then a new process' : ''}`;
}

const POINTS = ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced', 'operation.objects-durable', 'operation.applied', 'operation.before-commit', 'operation.committed'];
const cut: fc.Arbitrary<Cut> = fc.oneof({ weight: 5, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: fc.record({ point: fc.constantFrom(...POINTS), restart: fc.nat(4).map((one) => one === 0) }) });
const steps = fc.record({ steps: fc.integer({ min: 1, max: 3 }), cut });

/** How often each kind comes, of twenty: what moves a branch over what another holds, again and again, is where the rare states are. */
const KINDS: readonly (readonly [weight: number, kind: fc.Arbitrary<Command>])[] = [
  [5, fc.record({ cut, shared: fc.boolean() }).map(write)],
  [4, steps.map(stepping(undo, 'undo', -1))],
  [3, steps.map(stepping(redo, 'redo', 1))],
  [1, fc.boolean().map((again) => (again ? restart() : command('share', cutBranch)))],
  [2, fc.record({ pick: fc.nat(20), part: fc.boolean(), cut }).map(bring)],
  [1, fc.integer({ min: 1, max: 2 }).map(work)],
  [1, fc.record({ pick: fc.nat(5), cut }).map(revert)],
  [1, cut.map(remove)],
  [2, cut.map(bringBack)],
];

/** Everything that may happen to a timeline, in sequences of up to twenty. */
export const timelineCommands = fc.commands(KINDS.flatMap(([weight, kind]) => Array.from({ length: weight }, () => kind)), { maxCommands: 20, size: 'max' });

/** A new branch of a repository of the world, at which commands can begin. */
export async function newTimeline(world: VerbWorld, aim: Aim, { repo, repoId }: { readonly repo: string; readonly repoId: number }): Promise<RealTimeline> {
  const name = `session/${count++}`;
  const { branchId } = receiptOf(await createBranch(world.as('agent'), { repo, name }));
  return { world, aim, repo, repoId, name, branchId, made: new Map(), runs: [] };
}
