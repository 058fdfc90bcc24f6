import { afterAll, beforeAll, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import type { Outcome } from '../../src/operations/outcome.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { fc } from '../support/fast-check.js';
import { linearOrder, type Call } from '../support/linearizability.js';
import { receiptOf } from '../support/operations.js';
import { TimelineModel, type Ending } from '../support/timeline-model.js';
import { openTwoGateways, type TwoGateways } from '../support/two-gateways.js';
import { filesOf } from '../support/verbs.js';

/** Histories; can be set from outside, where the soak asks for more. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 6);
const CLIENTS = 8;

/** What a client does next; `known` writes only if the branch is still at the version that this client has last seen. */
type Step =
  | { readonly verb: 'read' }
  | { readonly verb: 'write'; readonly known: boolean }
  | { readonly verb: 'undo' | 'redo'; readonly steps: number; readonly known: boolean }
  | { readonly verb: 'restore'; readonly number: number; readonly known: boolean };

/** A step as it was asked: with the text that it wrote, and the version that it was bound to. */
type Asked = Step & { readonly text: string; readonly version: number | null };

/** What a client was told, with texts in the place of the commits that hold them. */
interface Answer {
  readonly ending: Ending | 'seen' | string;
  readonly from: string | null;
  readonly to: string | null;
  /** Of a branch that was read, or of the one that a refusal says has moved. */
  readonly version: number | null;
}

interface State {
  readonly model: TimelineModel;
  readonly version: number;
}

/** What checkpoints 1 and 2 hold before the clients begin; 0 is the fork point. */
const BEFORE = ['', 'first', 'second'] as const;

let two: TwoGateways;
let count = 0;

beforeAll(async () => {
  two = await openTwoGateways();
});
afterAll(() => two.close());

const known = fc.boolean();
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Step>({ verb: 'read' }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('write' as const), known }) },
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('undo' as const), steps: fc.integer({ min: 1, max: 2 }), known }) },
  { weight: 2, arbitrary: fc.record({ verb: fc.constant('redo' as const), steps: fc.integer({ min: 1, max: 2 }), known }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('restore' as const), number: fc.integer({ min: 1, max: 2 }), known }) },
);
const plans = fc.array(fc.array(step, { minLength: 6, maxLength: 12 }), { minLength: CLIENTS, maxLength: CLIENTS });

/** What one client at a time would be told; null where it would be told something else. */
function sequential({ model, version }: State, asked: Asked, answer: Answer): State | null {
  const fits = (told: Partial<Answer>): boolean => answer.ending === told.ending && answer.from === (told.from ?? null) && answer.to === (told.to ?? null) && answer.version === (told.version ?? null);
  const text = model.files['n'] ?? '';
  if (asked.verb === 'read') return fits({ ending: 'seen', to: text, version }) ? { model, version } : null;
  if (asked.version !== null && asked.version !== version) return fits({ ending: 'STALE_HEAD', version }) ? { model, version } : null;
  const next = model.copy();
  const ending = moved(next, asked);
  if (ending !== 'done') return fits({ ending }) ? { model, version } : null;
  return fits({ ending, from: text, to: next.files['n'] ?? '' }) ? { model: next, version: version + 1 } : null;
}

function moved(model: TimelineModel, asked: Asked): Ending {
  if (asked.verb === 'undo') return model.step(-asked.steps);
  if (asked.verb === 'redo') return model.step(asked.steps);
  return model.forward({ n: asked.verb === 'restore' ? (BEFORE[asked.number] ?? '') : asked.text });
}

/** One history of clients that all go at the same branch, half of them through either gateway. */
class History {
  readonly calls: Call<Asked, Answer>[] = [];
  readonly #repo: string;
  readonly #repoId: number;
  readonly #branch: string;
  #clock = 0;

  constructor(repo: string, repoId: number, branch: string) {
    this.#repo = repo;
    this.#repoId = repoId;
    this.#branch = branch;
  }

  async client(turn: number, plan: readonly Step[]): Promise<void> {
    let seen = 1;
    for (const step of plan) {
      const asked: Asked = { ...step, text: `text ${count++}`, version: step.verb !== 'read' && step.known ? seen : null };
      const began = this.#clock++;
      const told = await this.#ask(asked, turn);
      const ended = this.#clock++;
      seen = told.version ?? seen;
      const [from, to] = [await this.#textOf(told.from), await this.#textOf(told.to)];
      this.calls.push({ asked, answer: { ...told, from, to }, began, ended });
    }
  }

  async #ask(asked: Asked, turn: number): Promise<Answer> {
    const request = two.by(`client${turn}`, turn);
    const where = { repo: this.#repo, branch: this.#branch, expectedVersion: asked.version };
    if (asked.verb === 'read') {
      const branch = await two.gateway(turn).storage.reader().branchByName(this.#repoId, this.#branch);
      return { ending: 'seen', from: null, to: branch?.head ?? null, version: branch?.version ?? null };
    }
    if (asked.verb === 'write') {
      const outcome = await createCheckpoint(request, { ...where, message: 'Work', changes: [{ write: { path: 'n', text: asked.text } }] });
      if (!outcome.ok) return refusal(outcome);
      const made = await two.gateway(turn).storage.reader().checkpoint(outcome.receipt.checkpointId);
      return { ending: 'done', from: made?.before ?? null, to: made?.oid ?? null, version: null };
    }
    const outcome = await (asked.verb === 'restore'
      ? restore(request, { ...where, to: `checkpoint:${asked.number}@${this.#branch}` })
      : (asked.verb === 'undo' ? undo : redo)(request, { ...where, steps: asked.steps }));
    return outcome.ok ? { ending: 'done', from: outcome.receipt.diff.from, to: outcome.receipt.diff.to, version: null } : refusal(outcome);
  }

  async #textOf(oid: string | null): Promise<string | null> {
    return oid === null ? null : ((await filesOf(two.store(0, this.#repoId), oid))['n'] ?? '');
  }
}

function refusal(outcome: Outcome<unknown> & { readonly ok: false }): Answer {
  const { problem } = outcome;
  return { ending: problem.code, from: null, to: null, version: problem.code === 'STALE_HEAD' ? problem.actualVersion : null };
}

it('one branch is a single thing to eight clients of two gateways: what they are told is what one after the other would have been told', async () => {
  const endings = new Set<string>();
  let overlapping = 0;
  await fc.assert(
    fc.asyncProperty(plans, fc.boolean(), async (plan, shared) => {
      const [repo, branch] = [`one-branch/${count++}`, 'session/1'];
      const repoId = await two.makeRepo(repo);
      receiptOf(await createBranch(two.by('owner', 0), { repo, name: branch }));
      for (const text of BEFORE.slice(1)) receiptOf(await createCheckpoint(two.by('owner', 0), { repo, branch, message: 'Before', changes: [{ write: { path: 'n', text } }] }));
      // What another branch holds cannot be taken back by moving the pointer: then inverse commits race.
      if (shared) receiptOf(await createBranch(two.by('owner', 0), { repo, name: 'shared', from: branch }));
      const begun = await two.gateway(0).storage.reader().branchByName(repoId, branch);
      const model = new TimelineModel({ n: BEFORE[0] });
      for (const text of BEFORE.slice(1)) model.forward({ n: text });
      const history = new History(repo, repoId, branch);
      await Promise.all(plan.map((steps, client) => history.client(client, steps)));
      const order = linearOrder(history.calls, { model, version: begun?.version ?? 0 }, sequential, ({ model, version }) => `${version} ${model.at} ${JSON.stringify(model.line)}`);
      if (order === null) throw new TypeError(`no order explains\n${history.calls.map((call) => JSON.stringify(call)).join('\n')}`);
      for (const { asked, answer } of history.calls) endings.add(`${answer.ending}${asked.version === null ? '' : ' at a version'}`);
      overlapping += history.calls.filter(({ began, ended }) => ended > began + 1).length;
    }),
    // The same plan takes another course the next time, so there is nothing to shrink.
    { numRuns: RUNS, endOnFailure: true },
  );
  // Without rivals, or without anybody who came too late, nothing would have been at stake.
  expect([...endings]).toEqual(expect.arrayContaining(['INVALID_INPUT', 'STALE_HEAD at a version', 'done', 'done at a version', 'seen']));
  expect(overlapping).toBeGreaterThan(RUNS * CLIENTS);
}, 60_000 + RUNS * 10_000);
