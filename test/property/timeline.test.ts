import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { createBranch } from '../../src/operations/create-branch.js';
import { deleteBranch } from '../../src/operations/delete-branch.js';
import { canRedo, canUndo } from '../../src/operations/reading/read-timeline.js';
import { redo } from '../../src/operations/redo.js';
import { restoreBranch } from '../../src/operations/restore-branch.js';
import { restore } from '../../src/operations/restore.js';
import { undo } from '../../src/operations/undo.js';
import { fc } from '../support/fast-check.js';
import { receiptOf } from '../support/operations.js';
import { behindOf, statesOf } from '../support/timeline.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

/** Can be set from outside: a soak takes thousands. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 200);

let world: VerbWorld;
let scratch: string;
let repo: string;
let repoId: number;
let count = 0;

beforeAll(async () => {
  world = await openWorld();
  scratch = mkdtempSync(join(tmpdir(), 'weir-timeline-'));
  ({ repo, repoId } = await world.repo());
});
afterAll(async () => {
  await world.close();
  rmSync(scratch, { recursive: true, force: true });
});

/**
 * What a timeline is to its user: contents in a line, and a place in it. The first is the fork point's; what a forward move leaves beyond
 * the place is abandoned and can still be restored. Whether a pointer moves or a commit is written is no part of it.
 */
class Model {
  line: string[] = [''];
  at = 0;
  readonly everything: string[] = [];

  get content(): string {
    return this.line[this.at] ?? '';
  }

  forward(content: string): void {
    this.line = [...this.line.slice(0, this.at + 1), content];
    this.at++;
  }

  /** False, and nothing changes, when the line ends before. */
  step(steps: number): boolean {
    if (this.line[this.at + steps] === undefined) return false;
    this.at += steps;
    return true;
  }
}

interface Real {
  readonly name: string;
  readonly branchId: number;
}

type Command = fc.AsyncCommand<Model, Real>;

function command(name: string, run: (model: Model, real: Real) => Promise<void>): Command {
  const checked = async (model: Model, real: Real): Promise<void> => {
    await run(model, real);
    await agree(model, real);
  };
  return { check: () => true, run: checked, toString: () => name };
}

/** The gateway shows what the model says: the content, where undo and redo can go, and every checkpoint in a state that fits. */
async function agree(model: Model, { branchId }: Real): Promise<void> {
  const branch = await world.branchById(branchId);
  expect((await world.files(repoId, branch.head))['n'] ?? '').toBe(model.content);
  const request = world.as('agent');
  expect([await canUndo(request, branch), await canRedo(request, branch)]).toEqual([model.at > 0, model.at < model.line.length - 1]);
  const states = await statesOf(world, branchId);
  expect(states.map((state) => Number(state.split(' ')[0]))).toEqual(states.map((_, index) => index + 1));
  expect(states.filter((state) => state.endsWith('CURRENT'))).toHaveLength(branch.checkpointId === null ? 0 : 1);
  const { behind, parents } = await behindOf(world, branchId);
  expect(behind).toEqual(parents);
  expect(states.filter((state) => state.endsWith('UNDONE'))).toHaveLength(model.line.length - 1 - model.at);
}

function stepping(verb: typeof undo, name: string, sign: 1 | -1): (steps: number) => Command {
  return (steps) =>
    command(`${name}(${steps})`, async (model, real) => {
      const outcome = await verb(world.as('agent'), { repo, branch: real.name, steps });
      expect(outcome.ok ? 'done' : outcome.problem.code).toBe(model.step(sign * steps) ? 'done' : 'INVALID_INPUT');
    });
}

function write(): Command {
  const content = `content ${count++}`;
  return command('write', async (model, real) => {
    await world.put('agent', repo, real.name, 'n', content);
    model.everything.push(content);
    model.forward(content);
  });
}

/** Number `pick` of all checkpoints that there are, undone and abandoned ones among them. */
function bring(pick: number): Command {
  return command(`restore(${pick})`, async (model, { name, branchId }) => {
    const numbers = await statesOf(world, branchId);
    if (numbers.length === 0) return;
    const number = 1 + (pick % numbers.length);
    const checkpoint = await world.app.storage.reader().checkpointByNumber(branchId, number);
    const content = (await world.files(repoId, checkpoint?.oid ?? ''))['n'] ?? '';
    expect(['', ...model.everything]).toContain(content);
    receiptOf(await restore(world.as('agent'), { repo, branch: name, to: `checkpoint:${number}@${name}` }));
    model.forward(content);
  });
}

/** Somebody else cuts a branch here, so that nothing up to here can be taken back by a pointer any more. */
function share(): Command {
  return command('share', async (_, { name }) => {
    receiptOf(await createBranch(world.as('owner'), { repo, name: `shared/${count++}`, from: name }));
  });
}

function deleteAndRestore(): Command {
  return command('delete and restore', async (_, { name, branchId }) => {
    receiptOf(await deleteBranch(world.as('agent'), { repo, name }));
    receiptOf(await restoreBranch(world.as('agent'), { id: encodeGlobalId({ type: 'Branch', id: branchId }) }));
  });
}

const COMMANDS = [
  fc.constant(null).map(write),
  fc.integer({ min: 1, max: 3 }).map(stepping(undo, 'undo', -1)),
  fc.integer({ min: 1, max: 3 }).map(stepping(redo, 'redo', 1)),
  fc.nat(20).map(bring),
  fc.constant(null).map(share),
  fc.constant(null).map(deleteAndRestore),
];

it('a timeline does what the model says, whatever is done to it, and git finds nothing to complain of', async () => {
  await fc.assert(
    fc.asyncProperty(fc.commands(COMMANDS, { maxCommands: 20, size: 'max' }), async (commands) => {
      const name = `session/${count++}`;
      const { branchId } = receiptOf(await createBranch(world.as('agent'), { repo, name }));
      await fc.asyncModelRun(() => ({ model: new Model(), real: { name, branchId } }), commands);
    }),
    { numRuns: RUNS },
  );
  await world.expectWholeLog(repoId);
  const record = await world.app.storage.reader().repo(repoId);
  if (record === null) throw new TypeError('the repository is gone');
  const path = join(scratch, 'exported');
  await world.app.exportRepo(record, path);
  expect(execFileSync('git', ['-C', path, 'fsck', '--full', '--strict', '--no-progress', '--no-dangling'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
}, 170_000);
