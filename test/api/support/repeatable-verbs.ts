import { encodeGlobalId } from '../../../src/domain/global-id.js';
import type { VerbWorld } from '../../support/verbs.js';
import { callVerb, type CallerKey, type Input } from './verb-caller.js';

/** A mutation that may be repeated under an idempotency key. */
export interface RepeatableVerb {
  readonly mutation: string;
  readonly actor?: string;
  readonly key?: CallerKey;
  /** Members by which another input differs; unless told, from those that `prepare` answers. */
  readonly other: Input;
  /** What the same input comes to when it is done anew: work of its own, nothing left to do, or a refusal with this code. */
  readonly anew: string;
  /** Rows of the log that it writes; 1 unless told. */
  readonly logs?: number;
  /** Makes what the verb needs and answers an input that succeeds. */
  prepare(world: VerbWorld): Promise<Input>;
}

/** The branch that the rows work on. */
export const BRANCH = 'session/1';

const ADMIN: CallerKey = { scopes: ['ADMIN'] };
const number = 1;

/** Runs a verb that must succeed, on the way to the one that a row is about. */
async function did(world: VerbWorld, mutation: string, input: Input, actor = 'agent', key: CallerKey = ADMIN): Promise<Readonly<Record<string, unknown>>> {
  const answer = await callVerb(world, actor, mutation, input, key);
  if (!String(answer['__typename']).endsWith('Success')) throw new TypeError(`${mutation} answered ${JSON.stringify(answer)}`);
  return answer;
}

/** A branch with two checkpoints of the run `run-1`, off a repository with two files. */
export async function workedOn(world: VerbWorld): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await world.repo();
  await did(world, 'createBranch', { repo: made.repo, name: BRANCH, runId: 'run-1', sessionId: 's-1' });
  for (const text of ['1', '2']) {
    await did(world, 'createCheckpoint', { repo: made.repo, branch: BRANCH, message: text, runId: 'run-1', sessionId: 's-1', changes: [{ write: { path: 'n', text } }] });
  }
  return made;
}

/** The same, with both of them undone. */
export async function undone(world: VerbWorld): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await workedOn(world);
  await did(world, 'undo', { repo: made.repo, branch: BRANCH, steps: 2 });
  return made;
}

/** The same as `workedOn`, and a checkpoint on main that the branch does not have. */
export async function behindMain(world: VerbWorld): Promise<{ readonly repo: string; readonly repoId: number }> {
  const made = await workedOn(world);
  await world.put('owner', made.repo, 'main', 'main.txt', 'main\n');
  return made;
}

async function ended(world: VerbWorld, mutation: string): Promise<Input> {
  const { repo } = await world.proposed();
  await did(world, mutation, { repo, number });
  return { repo, number };
}

async function proposal(world: VerbWorld): Promise<{ readonly repo: string; readonly number: number }> {
  const { repo } = await world.proposed();
  return { repo, number };
}

const branch = BRANCH;

/** Stores the key that calls: nothing can be derived from one that is not live. */
async function storeOwnKey(world: VerbWorld): Promise<void> {
  const { storage } = world.app;
  const { key } = world.as('agent', ADMIN).viewer;
  if ((await storage.liveKey(key.id)) === null) await storage.transaction((tx) => tx.insertApiKey(key));
}

/** A webhook of the key that calls, which is stored for it: where there is none, a webhook has nobody in whose name it tells. */
async function webhookOfLiveKey(world: VerbWorld): Promise<Input> {
  await storeOwnKey(world);
  const { webhook } = await did(world, 'createWebhook', { url: 'https://receiver.example/' });
  return { id: Reflect.get(Object(webhook), 'id') };
}

async function mirrored(world: VerbWorld): Promise<Input> {
  const { repo } = await world.repo();
  await did(world, 'setMirror', { repo, url: 'https://mirror.example/theirs.git' });
  return { repo };
}

let forks = 0;

const OF_REPOSITORIES: readonly RepeatableVerb[] = [
  { mutation: 'createRepo', other: { description: 'other' }, anew: 'NAME_TAKEN', prepare: async () => ({ name: 'made/once', files: [{ path: 'a', text: 'a' }] }) },
  { mutation: 'forkRepo', other: { description: 'other' }, anew: 'NAME_TAKEN', prepare: async (world) => ({ repo: (await world.proposed()).repo, name: `forks/${++forks}` }) },
  { mutation: 'updateRepo', key: ADMIN, other: { description: 'other' }, anew: 'own', prepare: async (world) => ({ repo: (await world.repo()).repo, description: 'once' }) },
  { mutation: 'archiveRepo', key: ADMIN, other: { expectedVersion: 7 }, anew: 'INVALID_STATE', prepare: async (world) => ({ repo: (await world.repo()).repo }) },
  {
    mutation: 'unarchiveRepo', key: ADMIN, other: { expectedVersion: 7 }, anew: 'INVALID_STATE',
    async prepare(world) {
      const { repo } = await world.repo();
      await did(world, 'archiveRepo', { repo });
      return { repo };
    },
  },
  { mutation: 'deleteRepo', key: ADMIN, other: { expectedVersion: 7 }, anew: 'NOT_FOUND', prepare: async (world) => ({ repo: (await world.repo()).repo }) },
  {
    mutation: 'restoreRepo', key: ADMIN, other: { name: 'other' }, anew: 'NOT_FOUND',
    async prepare(world) {
      const { repo, repoId } = await world.repo();
      await did(world, 'deleteRepo', { repo });
      return { id: encodeGlobalId({ type: 'Repo', id: repoId }) };
    },
  },
  {
    mutation: 'runRetention', key: ADMIN, other: { limit: 7 }, anew: 'nothing', logs: 2,
    async prepare(world) {
      const { repo } = await world.repo();
      await did(world, 'createBranch', { repo, name: BRANCH });
      await did(world, 'updateRepo', { repo, settings: { retention: { rules: [{ name: 'all', branches: [BRANCH], maxAge: 'PT0S', action: 'MARK' }] } } });
      return { repo };
    },
  },
  { mutation: 'setMirror', key: ADMIN, other: { password: 'other' }, anew: 'own', prepare: async (world) => ({ repo: (await world.repo()).repo, url: 'https://mirror.example/once.git', username: 'weir', password: 'once' }) },
  { mutation: 'removeMirror', key: ADMIN, other: { repo: 'other' }, anew: 'NOT_FOUND', prepare: mirrored },
  { mutation: 'pushMirror', key: ADMIN, other: { repo: 'other' }, anew: 'own', prepare: mirrored },
  { mutation: 'importRepo', key: ADMIN, other: { description: 'other' }, anew: 'own', prepare: async () => ({ name: 'imported', url: 'https://source.example/once.git' }) },
  {
    mutation: 'cancelImport', key: ADMIN, other: { id: 'ImportJob:999' }, anew: 'INVALID_STATE',
    async prepare(world) {
      const { job } = await did(world, 'importRepo', { name: 'called-off', url: 'https://source.example/off.git' });
      return { id: Reflect.get(Object(job), 'id') };
    },
  },
  { mutation: 'createWebhook', key: ADMIN, other: { description: 'other' }, anew: 'own', prepare: async () => ({ url: 'https://receiver.example/once' }) },
  { mutation: 'deleteWebhook', key: ADMIN, other: { id: 'Webhook:999' }, anew: 'NOT_FOUND', prepare: webhookOfLiveKey },
  { mutation: 'redeliverWebhook', key: ADMIN, other: { id: 'Webhook:999' }, anew: 'own', prepare: webhookOfLiveKey },
  {
    mutation: 'deriveApiKey', key: ADMIN, other: { name: 'other' }, anew: 'NOT_FOUND',
    async prepare(world) {
      await storeOwnKey(world);
      return { name: 'once', scopes: ['READ'], expiresAt: new Date(Date.now() + 3_600_000).toISOString() };
    },
  },
  { mutation: 'createApiKey', key: ADMIN, other: { name: 'other' }, anew: 'own', prepare: async () => ({ name: 'once', scopes: ['READ'], repos: ['**'], branches: ['**'] }) },
];

const OF_BRANCHES: readonly RepeatableVerb[] = [
  { mutation: 'createBranch', other: { runId: 'other' }, anew: 'NAME_TAKEN', prepare: async (world) => ({ repo: (await world.repo()).repo, name: BRANCH }) },
  {
    mutation: 'createCheckpoint', other: { message: 'other' }, anew: 'INVALID_INPUT',
    prepare: async (world) => ({ repo: (await workedOn(world)).repo, branch, message: 'once', changes: [{ move: { from: 'n', to: 'm' } }] }),
  },
  { mutation: 'deleteBranch', other: { expectedVersion: 7 }, anew: 'NOT_FOUND', prepare: async (world) => ({ repo: (await workedOn(world)).repo, name: BRANCH }) },
  {
    mutation: 'restoreBranch', other: { name: 'other' }, anew: 'INVALID_STATE',
    async prepare(world) {
      const { repo, repoId } = await workedOn(world);
      const { id } = await world.branch(repoId, BRANCH);
      await did(world, 'deleteBranch', { repo, name: BRANCH });
      return { id: encodeGlobalId({ type: 'Branch', id }) };
    },
  },
  { mutation: 'undo', other: { steps: 2 }, anew: 'own', prepare: async (world) => ({ repo: (await workedOn(world)).repo, branch }) },
  { mutation: 'redo', other: { steps: 2 }, anew: 'own', prepare: async (world) => ({ repo: (await undone(world)).repo, branch }) },
  { mutation: 'restore', other: { message: 'other' }, anew: 'own', prepare: async (world) => ({ repo: (await workedOn(world)).repo, branch, to: `checkpoint:1@${BRANCH}` }) },
  { mutation: 'revertRun', other: { message: 'other' }, anew: 'INVALID_INPUT', prepare: async (world) => ({ repo: (await workedOn(world)).repo, branch, runId: 'run-1' }) },
  { mutation: 'refreshBranch', other: { from: 'main' }, anew: 'nothing', prepare: async (world) => ({ repo: (await behindMain(world)).repo, name: BRANCH }) },
  { mutation: 'mergeBranch', other: { message: 'other' }, anew: 'nothing', prepare: async (world) => ({ repo: (await behindMain(world)).repo, from: BRANCH, into: 'main' }) },
];

const OF_PROPOSALS: readonly RepeatableVerb[] = [
  { mutation: 'openProposal', other: { title: 'other' }, anew: 'INVALID_STATE', prepare: async (world) => ({ repo: (await workedOn(world)).repo, source: BRANCH, title: 'once' }) },
  { mutation: 'updateProposal', other: { title: 'other' }, anew: 'own', prepare: async (world) => ({ ...(await proposal(world)), title: 'once' }) },
  { mutation: 'closeProposal', other: { number: 2 }, anew: 'INVALID_STATE', prepare: proposal },
  { mutation: 'reopenProposal', other: { number: 2 }, anew: 'INVALID_STATE', prepare: (world) => ended(world, 'closeProposal') },
  { mutation: 'rejectProposal', actor: 'reviewer', other: { reason: 'other' }, anew: 'INVALID_STATE', prepare: async (world) => ({ ...(await proposal(world)), reason: 'once' }) },
  {
    mutation: 'reviewProposal', actor: 'reviewer', other: { body: 'other' }, anew: 'own',
    async prepare(world) {
      const { repo, head } = await world.proposed();
      return { repo, number, verdict: 'COMMENT', head, body: 'once' };
    },
  },
  { mutation: 'commentOnProposal', actor: 'reviewer', other: { body: 'other' }, anew: 'own', prepare: async (world) => ({ ...(await proposal(world)), body: 'once' }) },
  {
    mutation: 'resolveThread', actor: 'reviewer', other: { resolved: false }, anew: 'INVALID_STATE',
    async prepare(world) {
      const { thread } = await did(world, 'commentOnProposal', { ...(await proposal(world)), body: 'Why?' }, 'reviewer');
      return { thread: Reflect.get(Object(thread), 'id'), resolved: true };
    },
  },
  {
    mutation: 'mergeProposal', other: { message: 'other' }, anew: 'INVALID_STATE',
    async prepare(world) {
      const { repo, head } = await world.approved();
      return { repo, number, expectedHead: head };
    },
  },
];

/** One row for each mutation whose input has an idempotency key. */
export const REPEATABLE_VERBS: readonly RepeatableVerb[] = [...OF_REPOSITORIES, ...OF_BRANCHES, ...OF_PROPOSALS];
