import { authorize } from '../../auth/authorize.js';
import { keyFamily } from '../../domain/api-key.js';
import { branchNameViolation } from '../../domain/branch-name.js';
import { newBranchViolation } from '../../domain/branch-naming.js';
import { basesAfterMove, branchMoved, type BasesAfterMove } from '../../domain/branch-move.js';
import { branchKind, type BranchRecord } from '../../domain/branch.js';
import type { EventPayload, RefChange, Subject } from '../../domain/operation.js';
import type { NewCheckpoint, Transaction } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import * as broken from '../../domain/push-violations.js';
import type { RepoRecord, TagRecord } from '../../domain/repo.js';
import { reviseProposals } from '../../domain/revise-proposals.js';
import { rulesFor } from '../../domain/target-rules.js';
import { diffTrees } from '../../git/diff/tree-diff.js';
import type { CommitGraph } from '../../git/history/commit-graph.js';
import type { IndexedCommit } from '../../git/history/index-commits.js';
import { readCommit } from '../../git/objects/commit.js';
import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import { parseTag, peel } from '../../git/objects/tag.js';
import { decodeName } from '../../git/objects/tree.js';
import type { RefCommand } from '../../git/protocol/receive-request.js';
import type { Request } from '../request.js';

/** What every reference of a push is decided by. */
export interface PushGround {
  readonly request: Request;
  readonly repo: RepoRecord;
  /** Where the default branch was before the graph was read, which therefore has it; null where there is none. */
  readonly mainHead: Oid | null;
  /** Without what the push brings. */
  readonly graph: CommitGraph;
  /** With what the push brings. */
  readonly objects: ObjectSource;
  /** The commits that are new, parents before children. */
  readonly commits: readonly IndexedCommit[];
}

interface Tip {
  readonly after: Oid;
  /** Known commits on which the new ones are built; the tip itself where it is known. */
  readonly frontier: readonly Oid[];
}

/** One reference, decided. */
export type PushStep =
  | (Tip & { readonly kind: 'CREATE'; readonly name: string; readonly fork: Oid | null; readonly message: string })
  | (Tip & { readonly kind: 'MOVE'; readonly branch: BranchRecord; readonly bases: BasesAfterMove; readonly message: string })
  | { readonly kind: 'DELETE'; readonly branch: BranchRecord }
  | { readonly kind: 'TAG'; readonly tag: Omit<TagRecord, 'repoId'> };

/** What a step did, a lost race, or a refusal that only the transaction could see. */
export type PushDone =
  | { readonly kind: 'done'; readonly refs: readonly RefChange[]; readonly events: readonly EventPayload[]; readonly subject: Subject | null }
  | { readonly kind: 'moved'; readonly branchId: number | null }
  | { readonly kind: 'refused'; readonly problem: Problem };

const BRANCH = 'refs/heads/';
const TAG = 'refs/tags/';
/** A headline as long is shown whole everywhere. */
const MESSAGE_LENGTH = 500;

/** What is to become of one reference, or why nothing does. */
export async function decideStep(ground: PushGround, command: RefCommand): Promise<PushStep | Problem> {
  if (command.name.startsWith(TAG)) return decideTag(ground, command, command.name.slice(TAG.length));
  if (!command.name.startsWith(BRANCH)) return problems.invalidInput('ref', broken.foreignNamespace(command.name));
  const name = command.name.slice(BRANCH.length);
  return command.before === null ? decideNewBranch(ground, command, name) : decideBranch(ground, command, name);
}

async function decideNewBranch(ground: PushGround, { after }: RefCommand, name: string): Promise<PushStep | Problem> {
  const { request, repo, mainHead, graph, objects } = ground;
  const { gateway, viewer } = request;
  if (after === null) return problems.notFound('branch', name);
  const violation = newBranchViolation(name, repo.defaultBranch, { server: gateway.branchNaming, repository: repo.settings.naming });
  if (violation !== null) return problems.invalidInput('ref', violation);
  const refusal = authorize(viewer, 'createBranch', { repoName: repo.name, branchName: name });
  if (refusal !== null) return refusal;
  if ((await objects.header(after)).type !== 'commit') return problems.invalidInput('ref', broken.notACommit(name));
  const tip = tipOf(ground, after);
  const fork = tip.frontier.flatMap((oid) => (mainHead === null ? [] : graph.mergeBases(oid, mainHead)))[0] ?? tip.frontier[0] ?? null;
  const outside = await pathsRefusal(ground, name, tip, fork === null ? [] : [fork]);
  return outside ?? { kind: 'CREATE', name, fork: graph.has(after) ? after : fork, message: await messageOf(objects, after), ...tip };
}

async function decideBranch(ground: PushGround, command: RefCommand, name: string): Promise<PushStep | Problem> {
  const { request, repo, graph, objects } = ground;
  const branch = await request.reader.branchByName(repo.id, name);
  const action = command.after === null ? 'deleteBranch' : 'createCheckpoint';
  const refusal = authorize(request.viewer, action, { repoName: repo.name, branchName: name });
  if (refusal !== null) return refusal;
  if (branch === null || branch.head !== command.before) return problems.invalidInput('ref', broken.movedMeanwhile(name));
  const isProtected = rulesFor(repo.settings, branch).protected;
  if (command.after === null) {
    if (name === repo.defaultBranch) return problems.defaultBranchKept(name);
    return isProtected ? problems.protectedBranch(name, 'it cannot be deleted') : { kind: 'DELETE', branch };
  }
  if (isProtected) return problems.protectedBranch(name, 'it changes only through proposals');
  if ((await objects.header(command.after)).type !== 'commit') return problems.invalidInput('ref', broken.notACommit(name));
  const tip = tipOf(ground, command.after);
  if (!graph.isReachable(branch.head, tip.frontier) && !request.gateway.push.force) return problems.invalidInput('ref', broken.notFastForward(name));
  const outside = await pathsRefusal(ground, name, tip, [branch.head]);
  return outside ?? { kind: 'MOVE', branch, bases: await basesAfterMove(request, graph, branch, tip.frontier), message: await messageOf(objects, command.after), ...tip };
}

async function decideTag(ground: PushGround, { before, after }: RefCommand, name: string): Promise<PushStep | Problem> {
  const { request, repo, objects } = ground;
  const violation = branchNameViolation(name);
  if (violation !== null) return problems.invalidInput('ref', violation);
  if (before !== null || after === null || (await request.reader.tagByName(repo.id, name)) !== null) return problems.invalidInput('ref', broken.tagStays(name));
  // Every key of the repository reads every tag, so whoever makes one has to write everywhere.
  const refusal = authorize(request.viewer, 'createBranch', { repoName: repo.name, branchName: name });
  if (refusal !== null) return refusal;
  const object = await objects.read(after);
  const peeled = await peel(objects, after);
  const outside = peeled.type === 'commit' ? await pathsRefusal(ground, name, tipOf(ground, peeled.oid), []) : null;
  if (outside !== null) return outside;
  return { kind: 'TAG', tag: { name, oid: after, commitOid: peeled.type === 'commit' ? peeled.oid : null, message: object.type === 'tag' ? parseTag(after, object.content).message : null } };
}

function tipOf({ graph, commits }: PushGround, after: Oid): Tip {
  if (graph.has(after)) return { after, frontier: [after] };
  const rows = new Map(commits.map((row) => [row.oid, row]));
  const frontier = new Set<Oid>();
  const seen = new Set<Oid>([after]);
  const open = [after];
  for (let oid = open.pop(); oid !== undefined; oid = open.pop()) {
    for (const parent of rows.get(oid)?.parents ?? []) {
      if (!rows.has(parent)) frontier.add(parent);
      else if (!seen.has(parent)) {
        seen.add(parent);
        open.push(parent);
      }
    }
  }
  return { after, frontier: [...frontier] };
}

/** Why a key with narrower `paths` may not bring this: what is neither as the branch had it nor as in a commit that is there already. */
async function pathsRefusal({ request: { viewer }, repo, graph, objects }: PushGround, name: string, { after, frontier }: Tip, before: readonly Oid[]): Promise<Problem | null> {
  if (viewer.key.paths.includes('**')) return null;
  const { tree } = await readCommit(objects, after);
  let changed: Set<string> | null = null;
  for (const oid of new Set([...before, ...frontier])) {
    const paths = (await diffTrees(objects, graph.treeOf(oid), tree, { renames: false })).map(({ path }) => path);
    changed = new Set(changed === null ? paths : paths.filter((path) => changed?.has(path)));
  }
  changed ??= new Set((await diffTrees(objects, null, tree, { renames: false })).map(({ path }) => path));
  return authorize(viewer, 'createCheckpoint', { repoName: repo.name, branchName: name, paths: [...changed].map(decodeName) });
}

async function messageOf(objects: ObjectSource, oid: Oid): Promise<string> {
  const [headline = ''] = (await readCommit(objects, oid)).message.split('\n');
  // Rows hold no control characters, whatever came in.
  return headline.replaceAll(/\p{Control}/gu, ' ').trim().slice(0, MESSAGE_LENGTH) || 'Push';
}

/** Does it, within the transaction. */
export async function applyStep(tx: Transaction, ground: PushGround, step: PushStep): Promise<PushDone> {
  switch (step.kind) {
    case 'CREATE': return createBranch(tx, ground, step);
    case 'MOVE': return moveBranch(tx, ground, step);
    case 'DELETE': return deleteBranch(tx, ground.repo, step.branch);
    case 'TAG':
      if (await tx.insertTag(ground.repo.id, step.tag)) return { kind: 'done', refs: [], events: [], subject: null };
      return { kind: 'refused', problem: problems.invalidInput('ref', broken.tagStays(step.tag.name)) };
  }
}

/** A branch that brings something is cut where its new commits begin, so that its first checkpoint can be undone. */
async function createBranch(tx: Transaction, { request: { viewer }, repo }: PushGround, { name, after, fork, message }: Extract<PushStep, { readonly kind: 'CREATE' }>): Promise<PushDone> {
  const work = { ...namedAfter(name, repo), metadata: [] };
  const branch = await tx.insertBranch({ repoId: repo.id, name, head: fork ?? after, baseName: repo.defaultBranch, forkOid: fork, createdBy: viewer.actor, expiresAt: null, ...work });
  if (branch === null) return { kind: 'refused', problem: problems.nameTaken('branch', name) };
  const created: EventPayload = { kind: 'BRANCH_CREATED', repoName: repo.name, branchId: branch.id, branchName: name, after: branch.head, version: branch.version };
  const refs = [{ branchName: name, before: null, after }];
  if (fork === after) return { kind: 'done', refs, events: [created], subject: { type: 'Branch', id: branch.id } };
  const checkpoint: NewCheckpoint = { origin: 'PUSH', message, prompt: null, ...work, createdBy: viewer.actor, keyId: keyFamily(viewer.key) };
  const moved = fork === null ? await tx.insertFirstCheckpoint(branch, checkpoint) : await tx.advanceBranch({ branchId: branch.id, expectedVersion: branch.version, head: after, checkpoint });
  if (moved === null) return { kind: 'moved', branchId: branch.id };
  return { kind: 'done', refs, events: [created, ...(fork === null ? [] : [branchMoved(repo, fork, moved.branch, moved.checkpoint)])], subject: { type: 'Checkpoint', id: moved.checkpoint.id } };
}

async function moveBranch(tx: Transaction, { request: { viewer }, repo }: PushGround, { branch, after, bases, message }: Extract<PushStep, { readonly kind: 'MOVE' }>): Promise<PushDone> {
  const checkpoint: NewCheckpoint = { origin: 'PUSH', message, prompt: null, runId: branch.runId, sessionId: branch.sessionId, metadata: [], createdBy: viewer.actor, keyId: keyFamily(viewer.key) };
  const moved = await tx.advanceBranch({ branchId: branch.id, expectedVersion: branch.version, head: after, checkpoint });
  if (moved === null) return { kind: 'moved', branchId: branch.id };
  const revised = await reviseProposals(tx, repo, moved.branch, bases);
  if (revised === null) return { kind: 'moved', branchId: branch.id };
  const refs = [{ branchName: branch.name, before: branch.head, after }];
  return { kind: 'done', refs, events: [branchMoved(repo, branch.head, moved.branch, moved.checkpoint), ...revised], subject: { type: 'Checkpoint', id: moved.checkpoint.id } };
}

async function deleteBranch(tx: Transaction, repo: RepoRecord, branch: BranchRecord): Promise<PushDone> {
  const deleted = await tx.deleteBranch(branch.id, branch.version);
  if (deleted === null) return { kind: 'moved', branchId: branch.id };
  const event: EventPayload = { kind: 'BRANCH_DELETED', repoName: repo.name, branchId: branch.id, branchName: branch.name, before: branch.head, after: null, version: deleted.version };
  return { kind: 'done', refs: [{ branchName: branch.name, before: branch.head, after: null }], events: [event], subject: { type: 'Branch', id: branch.id } };
}

/** Of a session's branch its session, of a proposal's its run: what the names of the two kinds end in. */
function namedAfter(name: string, { defaultBranch }: RepoRecord): { readonly runId: string | null; readonly sessionId: string | null } {
  const kind = branchKind(name, defaultBranch);
  return { runId: kind === 'PROPOSAL' ? name.slice(name.lastIndexOf('-') + 1) : null, sessionId: kind === 'SESSION' ? name.slice(name.indexOf('/') + 1) : null };
}
