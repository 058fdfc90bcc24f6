import type { RefChange, EventPayload, Subject } from '../../domain/operation.js';
import type { Quarantine } from '../../domain/ports/native-git.js';
import * as problems from '../../domain/problems.js';
import * as broken from '../../domain/push-violations.js';
import type { RepoRecord } from '../../domain/repo.js';
import { indexCommits, type IndexedCommit } from '../../git/history/index-commits.js';
import type { Oid } from '../../git/objects/object-source.js';
import { peel } from '../../git/objects/tag.js';
import type { RefCommand } from '../../git/protocol/receive-request.js';
import { defineOperation, refused } from '../define-operation.js';
import { applyStep, decideStep, type PushGround, type PushStep } from './pushed-refs.js';
import { readableCommits, readsEveryBranch } from '../reading/readable-commit.js';
import type { RepoReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findRepo } from '../targets.js';

/** References to be moved together, all or none, and the objects that came with them. */
export interface PushInput {
  readonly repo: string;
  readonly commands: readonly RefCommand[];
  readonly received: Quarantine;
  readonly idempotencyKey?: null;
}

/** Trailers by which this server signs its own commits; of a commit that came in they say nothing. */
const AUTHORITY = /^weir-/iu;

/**
 * What a git client pushes: branches are made, moved and deleted by compare-and-swap on where the client saw them, each moved head is one
 * checkpoint, and new tags are kept. The objects have been checked by then and pass from their quarantine into the repository with the
 * transaction. Whatever the push builds on, it brings along or the key may read. Needs WRITE, and the key's `branches` and `paths`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, NameTaken, ProtectedBranch, LimitExceeded, Busy.
 */
export const push = defineOperation<PushInput, RepoReceipt>({
  kind: 'PUSH',
  action: 'push',
  async decide(request, { repo: name, commands, received }) {
    const target = await findRepo(request, 'push', name);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const tips = commands.flatMap(({ after }) => after ?? []);
    if (!(await isComplete(request, repo, received, tips))) return refused(problems.invalidInput('pack', broken.incomplete()));
    const ground = await groundOf(request, repo, received, tips);
    const steps: PushStep[] = [];
    for (const command of commands) {
      const step = await decideStep(ground, command);
      if ('code' in step) return refused(step);
      steps.push(step);
    }
    const pack = await received.take();

    return {
      kind: 'write',
      async apply(tx) {
        const refs: RefChange[] = [];
        const events: EventPayload[] = [];
        let subject: Subject = { type: 'Repo', id: repo.id };
        for (const step of inLockOrder(steps)) {
          const done = await applyStep(tx, ground, step);
          if (done.kind !== 'done') return done;
          refs.push(...done.refs);
          events.push(...done.events);
          if (steps.length === 1) subject = done.subject ?? subject;
        }
        if (pack !== null) await tx.addPack(repo.id, pack);
        await tx.addCommits(repo.id, ground.commits);
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: repo.gcEpoch,
          record: { refs, subject, runId: null, events },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
      committed: () => {
        if (pack !== null) request.gateway.storage.objects.open(repo.id).adopt(pack);
      },
    };
  },
});

/**
 * True when everything that the tips lead to was brought along, or may be read by the key: git itself would take any object that lies in
 * the repository, and so let a push point at what is hidden. Files and trees in between may be old ones where nothing is hidden.
 */
async function isComplete(request: Request, repo: RepoRecord, received: Quarantine, tips: readonly Oid[]): Promise<boolean> {
  if (tips.length === 0) return true;
  const [readable, all] = [await readableCommits(request, repo), readsEveryBranch(request)];
  let foreign = false;
  const isWhole = await received.walk(tips, (oid, isCommit) => {
    if (!received.brought(oid)) foreign ||= isCommit ? !readable.has(oid) : !all;
  });
  return isWhole && !foreign;
}

async function groundOf(request: Request, repo: RepoRecord, received: Quarantine, tips: readonly Oid[]): Promise<PushGround> {
  const main = await request.reader.branchByName(repo.id, repo.defaultBranch);
  const graph = await request.gateway.storage.graph(repo.id);
  const commits: IndexedCommit[] = [];
  for (const tip of tips) {
    const { oid, type } = await peel(received.objects, tip);
    const known = new Map(commits.map(({ oid, generation }) => [oid, generation]));
    if (type === 'commit') commits.push(...(await indexCommits(received.objects, [oid], (parent) => known.get(parent) ?? (graph.has(parent) ? graph.generationOf(parent) : null))));
  }
  return { request, repo, mainHead: main?.head ?? null, graph, objects: received.objects, commits: commits.map((row) => ({ ...row, trailers: row.trailers.filter(({ key }) => !AUTHORITY.test(key)) })) };
}

/** Names first, then rows in order of id: the lock order of the house. */
function inLockOrder(steps: readonly PushStep[]): PushStep[] {
  return steps.toSorted((a, b) => rank(a) - rank(b));
}

function rank(step: PushStep): number {
  return step.kind === 'MOVE' || step.kind === 'DELETE' ? step.branch.id : 0;
}
