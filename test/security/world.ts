import { graphql, type ExecutionResult } from 'graphql';
import { vi } from 'vitest';
import { schema, type Context } from '../../schema/index.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import type { Reader } from '../../src/domain/ports/reader.js';
import type { Storage } from '../../src/domain/ports/storage.js';
import type { FileChangeInput } from '../../src/domain/file-changes.js';
import { closeProposal } from '../../src/operations/proposal/close-proposal.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { commentOnProposal } from '../../src/operations/proposal/comment-on-proposal.js';
import { createApiKey } from '../../src/operations/api-key/create-api-key.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { createWebhook } from '../../src/operations/webhook/create-webhook.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { deleteRepo } from '../../src/operations/repo/delete-repo.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import { reopenProposal } from '../../src/operations/proposal/reopen-proposal.js';
import type { Request } from '../../src/operations/request.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { updateProposal } from '../../src/operations/proposal/update-proposal.js';
import { receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';
import { withMethod } from '../support/with-method.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { KEY_KINDS, keyWith, type KeyTraits } from './key-kinds.js';
import { CANARIES, OTHER_REPO, REPO } from './names.js';

/** A gateway with one of everything in it, each text with the canary of its zone, and a stored key of every kind. */
export interface MatrixWorld {
  readonly verbs: VerbWorld;
  /** The ids of things, by the words that rows and places use. */
  readonly words: Readonly<Record<string, string>>;
  /** A context for a request by a key of this kind. */
  context(kind: string): Context;
  /** What the last document of `ask` read: each method of the reader, with the kind of thing for those that tell no more than where it is, and with `in vain` for the others that found nothing; in alphabetical order, as fields are read beside each other. */
  readonly reads: () => readonly string[];
  /** Runs a document by a key of this kind; words in it are filled in. */
  ask(kind: string, source: string, variables?: Readonly<Record<string, unknown>>): Promise<ExecutionResult>;
  close(): Promise<void>;
}

const CHANGED = { main: 'one\ncanary-main\nthree\n', conflict: 'one\ncanary-session\nthree\n' } as const;

/** Opens one; call `close` at the end. */
export async function openMatrixWorld(): Promise<MatrixWorld> {
  const verbs = await openWorld();
  const keys = await storeKeys(verbs);
  const context = (kind: string): Context => ({ request: requestBy(verbs, keys, kind) });
  const words: Record<string, string> = { repo: REPO };
  let reads: readonly string[] = [];
  const ask: MatrixWorld['ask'] = async (kind, source, variables = {}) => {
    const { request } = context(kind);
    const read: { readonly noted: string[]; readonly pending: Promise<unknown>[] } = { noted: [], pending: [] };
    const answer = await graphql({ schema, source: fill(source, words), variableValues: { ...variables }, contextValue: { request: noted(request, read) } });
    await Promise.allSettled(read.pending);
    reads = read.noted.toSorted();
    return answer;
  };
  const world = { verbs, words, context, ask, reads: () => reads, close: () => verbs.close() };
  words['goneRepoId'] = await makeGone(verbs);
  await makeRepo(verbs);
  await proposeAndJudge(verbs);
  await makeTheRest(verbs);
  await verbs.app.storage.events.place();
  await gatherWords(world);
  // Latencies are written within a second of their operations.
  await vi.waitFor(async () => latencyOfDeletion(world), { timeout: 10_000 });
  return world;
}

/** What was asked for, and what of it has no answer yet. */
interface Read {
  readonly noted: string[];
  readonly pending: Promise<unknown>[];
}

/** A request whose readers, its own and those of its verbs, note what they are asked for. */
function noted(request: Request, read: Read): Request {
  const { gateway } = request;
  const storage = withMethod<Storage>(gateway.storage, 'reader', (reader) => (...args: readonly unknown[]) => noting(reader(...args) as Reader, read));
  return { ...request, reader: noting(request.reader, read), gateway: { ...gateway, storage } };
}

/** A reader that notes what it is asked for, and with which success. */
function noting(reader: Reader, { noted, pending }: Read): Reader {
  return new Proxy(reader, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name, target);
      if (typeof method !== 'function') return method;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(method, target, args);
        if (name === 'whereabouts') noted.push(`whereabouts of a ${String(args[0])}`);
        else if (name === 'whereaboutsOfProposal' || !(answer instanceof Promise)) noted.push(String(name));
        else pending.push(answer.then((found: unknown) => noted.push(found === null ? `${String(name)} in vain` : String(name))));
        return answer;
      };
    },
  });
}

async function latencyOfDeletion(world: Pick<MatrixWorld, 'ask'>): Promise<void> {
  const { data } = await world.ask('admin', '{ repo(name: "<repo>") { latency(kind: DELETE_BRANCH) { count } } }');
  if (valueAt(data, 'repo.latency.0.count') !== 1) throw new TypeError('the latency of the deletion is not written yet');
}

/** Replaces each `<word>` by the id it stands for; throws for a word that the world does not know. */
export function fill(text: string, words: Readonly<Record<string, string>>): string {
  return text.replaceAll(/<(\w+)>/gu, (_, word: string) => {
    const value = words[word];
    if (value === undefined) throw new TypeError(`the world has no ${word}`);
    return value;
  });
}

async function storeKeys(verbs: VerbWorld): Promise<ReadonlyMap<string, ApiKeyRecord>> {
  const keys = new Map<string, ApiKeyRecord>();
  const all: [string, KeyTraits][] = Object.entries(KEY_KINDS);
  await verbs.app.storage.transaction(async (tx) => {
    for (const [kind, traits] of all) {
      const key = keyWith({ ...traits, id: kind.padEnd(12, '0').slice(0, 12), actor: kind });
      keys.set(kind, await tx.insertApiKey({ ...key, createdBy: 'root' }));
    }
  });
  return keys;
}

function requestBy(verbs: VerbWorld, keys: ReadonlyMap<string, ApiKeyRecord>, kind: string): Request {
  const key = keys.get(kind);
  if (key === undefined) throw new TypeError(`there is no kind of key ${kind}`);
  return { ...verbs.as(kind), viewer: { key, actor: key.actor, onBehalfOf: null } };
}

/** A request by someone who may do anything; its id is seen in the audit trail alone. */
function by(verbs: VerbWorld, actor: string): Request {
  return { ...verbs.as(actor, { scopes: ['ADMIN'] }), requestId: CANARIES.audit };
}

async function checkpoint(verbs: VerbWorld, branch: string, canary: string, ...changes: readonly FileChangeInput[]): Promise<void> {
  const input = { repo: REPO, branch, message: `${canary} message`, prompt: `${canary} prompt`, metadata: [{ key: 'Zone', value: canary }], changes };
  receiptOf(await createCheckpoint(by(verbs, 'ada'), input));
}

/** A repository that had the name before, deleted; answers its id. */
async function makeGone(verbs: VerbWorld): Promise<string> {
  const ada = by(verbs, 'ada');
  const { repoId } = receiptOf(await createRepo(ada, { name: REPO, description: CANARIES.repo }));
  receiptOf(await deleteRepo(ada, { repo: REPO }));
  return encodeGlobalId({ type: 'Repo', id: repoId });
}

async function makeRepo(verbs: VerbWorld): Promise<void> {
  const ada = by(verbs, 'ada');
  const { repoId } = receiptOf(
    await createRepo(ada, {
      name: REPO,
      labels: [{ key: 'Zone', value: CANARIES.repo }],
      files: [{ path: 'README.md', text: 'say hello to the reader\n' }, { path: 'src/shared.txt', text: 'one\ntwo\nthree\n' }],
    }),
  );
  const retention = { rules: [{ name: CANARIES.repo, branches: ['session/conflict'], kinds: ['SESSION' as const], maxAge: 0, maxInactivity: 0, action: 'MARK' as const }], keepDeleted: 30 * 86_400_000 };
  const review = { rules: [{ targets: [CANARIES.repo], approvals: 3, approverLabels: [{ key: 'team', value: CANARIES.repo }], paths: [{ globs: [CANARIES.repo], approvals: 2 }] }] };
  receiptOf(await updateRepo(ada, { repo: REPO, description: CANARIES.repo, settings: { retention, review, idleAfter: 7 * 86_400_000, limits: { branchesPerRepo: 1000, openProposalsPerRepo: 1000, changesPerCheckpoint: 1000, checkpointBytes: 1_000_000, repoBytes: 1_000_000_000 } } }));
  const base = await verbs.head(repoId, 'main');
  await verbs.app.storage.transaction((tx) => tx.insertTags(repoId, [{ name: 'v1', oid: base, commitOid: base, message: CANARIES.repo }]));
  for (const name of ['session/1', 'session/2', 'session/3', 'session/gone', 'session/conflict', 'session/twin']) {
    receiptOf(await createBranch(ada, { repo: REPO, name, runId: 'run-1', sessionId: '1', metadata: [{ key: 'Zone', value: CANARIES.session }] }));
  }
  const { main, session } = CANARIES;
  await checkpoint(verbs, 'main', main, { write: { path: 'canary-main.txt', text: `${main}\n` } }, { write: { path: 'src/shared.txt', text: CHANGED.main } });
  await checkpoint(verbs, 'session/1', session, { write: { path: 'canary-session.txt', text: `${session}\n` } }, { write: { path: 'README.md', text: 'say goodbye to the reader\n' } });
  await checkpoint(verbs, 'session/2', 'plain', { write: { path: 'plain.txt', text: 'plain\n' } }, { write: { path: 'unwanted.txt', text: `${session}\n` } });
  await checkpoint(verbs, 'session/3', session, { write: { path: 'third.txt', text: `${session}\n` } });
  await checkpoint(verbs, 'session/twin', session, { write: { path: 'README.md', text: `say ${session} to the reader\n` } });
  await checkpoint(verbs, 'session/conflict', session, { write: { path: 'src/shared.txt', text: CHANGED.conflict } });
}

async function proposeAndJudge(verbs: VerbWorld): Promise<void> {
  const [ada, rita] = [by(verbs, 'ada'), by(verbs, 'rita')];
  const body = `${CANARIES.session} body`;
  const judge = async (number: number, verdict: 'APPROVE' | 'COMMENT'): Promise<string> => {
    const repo = await verbs.app.storage.reader().repoByName(REPO);
    const head = (await verbs.app.storage.reader().proposalByNumber(repo?.id ?? 0, number))?.head ?? '';
    receiptOf(await reviewProposal(rita, { repo: REPO, number, verdict, head, body }));
    return head;
  };
  for (const source of ['session/1', 'session/2', 'session/3', 'session/twin']) {
    receiptOf(await openProposal(ada, { repo: REPO, source, title: `${CANARIES.session} title`, body, metadata: [{ key: 'Zone', value: CANARIES.session }] }));
  }
  receiptOf(await updateProposal(ada, { repo: REPO, number: 3, body: `${body}, again` }));
  receiptOf(await closeProposal(ada, { repo: REPO, number: 3 }));
  receiptOf(await reopenProposal(ada, { repo: REPO, number: 3 }));
  await checkpoint(verbs, 'session/1', CANARIES.session, { write: { path: 'later.txt', text: `${CANARIES.session}\n` } });
  await judge(1, 'COMMENT');
  receiptOf(await commentOnProposal(rita, { repo: REPO, number: 1, body, path: 'canary-session.txt', side: 'NEW', line: 1 }));
  const expectedHead = await judge(2, 'APPROVE');
  receiptOf(await mergeProposal(ada, { repo: REPO, number: 2, expectedHead, message: `${CANARIES.main} merge`, only: [{ path: 'plain.txt' }], declineReason: `${CANARIES.session} declined` }));
  receiptOf(await rejectProposal(rita, { repo: REPO, number: 3, reason: `${CANARIES.session} reason` }));
}

async function makeTheRest(verbs: VerbWorld): Promise<void> {
  const ada = by(verbs, 'ada');
  receiptOf(await deleteBranch(ada, { repo: REPO, name: 'session/gone' }));
  receiptOf(await createRepo({ ...ada, requestId: 'other' }, { name: OTHER_REPO }));
  const { outcome } = await createApiKey({ ...ada, requestId: 'other' }, { name: CANARIES.key, scopes: ['READ'], repos: ['**'], branches: [], labels: [{ key: 'Zone', value: CANARIES.key }] });
  receiptOf(outcome);
  await owe(verbs);
  await imported(verbs);
  await mirrored(verbs);
}

/** An import that made the repository of the world. */
async function imported(verbs: VerbWorld): Promise<void> {
  const { storage } = verbs.app;
  const repo = await storage.repoNamed(REPO);
  const word = CANARIES.key;
  await storage.transaction((tx) => tx.insertImport({ repoName: REPO, description: word, url: `https://${word}.example/`, keyId: 'admin0000000', createdBy: word, onBehalfOf: null, requestId: 'other' }));
  for (const { id } of await storage.imports.take('the world', 60_000, 1)) await storage.transaction((tx) => tx.finishImport(id, 'the world', repo?.id ?? 0));
}

/** A mirror that was pushed once and failed once. */
async function mirrored(verbs: VerbWorld): Promise<void> {
  const { storage } = verbs.app;
  const repoId = (await storage.repoNamed(REPO))?.id ?? 0;
  await storage.transaction((tx) => tx.setMirror({ repoId, url: `https://${CANARIES.key}.example/`, credentials: null, createdBy: CANARIES.key }));
  for (const taken of await storage.mirrors.take(60_000, 1, [])) await storage.mirrors.settle(taken, { refsHash: 'ab'.repeat(32), pushed: true });
  await storage.mirrors.again(repoId);
  for (const taken of await storage.mirrors.take(60_000, 1, [])) await storage.mirrors.fail(taken, { error: CANARIES.key, retryMs: 3_600_000 });
}

/** A webhook of a stored key that may do everything, and one delivery of it that has failed once. */
async function owe(verbs: VerbWorld): Promise<void> {
  const { events, webhooks } = verbs.app.storage;
  const admin = await verbs.app.storage.liveKey('admin0000000');
  if (admin === null) throw new TypeError('the kind admin is not stored');
  const request = { ...verbs.as('ada', { ...admin }), requestId: 'other' };
  const filter = { kinds: ['REPO_CREATED' as const], runId: CANARIES.key, actor: CANARIES.key, branch: CANARIES.key, proposal: 1, repos: [REPO] };
  const { outcome } = await createWebhook(request, { url: `https://${CANARIES.key}.example/`, description: CANARIES.key, filter });
  receiptOf(outcome);
  await events.place();
  for (const held of await webhooks.hold('the world', 60_000, 10)) {
    const cursor = { position: 1, index: 0 };
    await webhooks.owe(held.id, 'the world', held, await verbs.app.gateway.events.now(), [{ cursor, stream: 1 }]);
    for (const delivery of await webhooks.due(held.id, 1)) await webhooks.retry('the world', delivery, { status: 500, note: CANARIES.key, durationMs: 7 }, 3_600_000);
  }
  await webhooks.release('the world');
}

const COMMIT = 'id oid tree { id }';
const WORDS = `{
  repo(name: "${REPO}") {
    id main: branch(name: "main") { id headOid head { ${COMMIT} file(path: "canary-main.txt") { id } } }
    session: branch(name: "session/1") { id headOid head { ${COMMIT} file(path: "canary-session.txt") { id } } }
    v1: commit(rev: "tag:v1") { id }
    mainCheckpoint: checkpoint(branch: "main", number: 2) { id }
    sessionCheckpoint: checkpoint(branch: "session/1", number: 1) { id }
    diff(from: "main", to: "session/1") { id file(path: "README.md") { id } }
    mergePreview(from: "session/1", into: "main") { id }
    proposal(number: 1) { id reviews { edges { node { id } } } threads { edges { node { id comments { edges { node { id } } } } } } }
    operations(filter: { kinds: [CREATE_CHECKPOINT], branch: "main" }) { edges { node { id } } }
    branches(filter: { deleted: true }) { edges { node { id } } }
  }
  importJobs { edges { node { id } } }
  webhooks { edges { node { id deliveries { edges { node { id } } } } } }
  operations(filter: { kinds: [CREATE_KEY] }) { edges { node { id subject { id } } } }
  events(first: 100) { edges { node { id kind repo { id } ... on BranchMoved { branchName } } } }
}`;

/** Asks an all-powerful key for the ids of everything; throws when something is not there. */
async function gatherWords(world: { readonly words: Record<string, string>; readonly ask: MatrixWorld['ask'] }): Promise<void> {
  const { words } = world;
  const { data, errors } = await world.ask('admin', WORDS);
  if (errors !== undefined) throw new TypeError(errors.map(String).join('\n'));
  const take = (word: string, path: string): void => {
    words[word] = textAt(data, path);
  };
  take('repoId', 'repo.id');
  for (const branch of ['main', 'session']) {
    take(`${branch}Id`, `repo.${branch}.id`);
    take(`${branch}Oid`, `repo.${branch}.headOid`);
    take(`${branch}CommitId`, `repo.${branch}.head.id`);
    take(`${branch}TreeId`, `repo.${branch}.head.tree.id`);
    take(`${branch}FileId`, `repo.${branch}.head.file.id`);
    take(`${branch}CheckpointId`, `repo.${branch}Checkpoint.id`);
  }
  words['mainShort'] = textAt(data, 'repo.main.headOid').slice(0, 12);
  take('baseCommitId', 'repo.v1.id');
  take('goneId', 'repo.branches.edges.0.node.id');
  take('diffId', 'repo.diff.id');
  take('diffFileId', 'repo.diff.file.id');
  take('previewId', 'repo.mergePreview.id');
  take('proposalId', 'repo.proposal.id');
  take('threadId', 'repo.proposal.threads.edges.0.node.id');
  take('commentId', 'repo.proposal.threads.edges.0.node.comments.edges.0.node.id');
  take('reviewId', 'repo.proposal.reviews.edges.0.node.id');
  take('operationId', 'repo.operations.edges.0.node.id');
  take('serverOperationId', 'operations.edges.0.node.id');
  take('importId', 'importJobs.edges.0.node.id');
  take('webhookId', 'webhooks.edges.0.node.id');
  take('deliveryId', 'webhooks.edges.0.node.deliveries.edges.0.node.id');
  take('keyId', 'operations.edges.0.node.subject.id');
  const events = valueAt(data, 'events.edges');
  for (const edge of Array.isArray(events) ? events : []) {
    const word = valueAt(edge, 'node.branchName') === 'main' ? 'mainMovedId' : textAt(edge, 'node.kind');
    // The first of all was of the repository that is gone.
    if (word === 'REPO_CREATED' && valueAt(edge, 'node.repo') === null) continue;
    words[word] ??= textAt(edge, 'node.id');
  }
}

/** The member or item at a dotted path; undefined where there is none. */
export function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, step) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, step) : undefined), value);
}

/** The text at a path; throws when it is none. */
export function textAt(value: unknown, path: string): string {
  const text = valueAt(value, path);
  if (typeof text !== 'string') throw new TypeError(`${path} is ${JSON.stringify(text)} in ${JSON.stringify(value)}`);
  return text;
}
