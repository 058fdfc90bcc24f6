import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveRepo } from '../../src/operations/repo/archive-repo.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { deleteBranch } from '../../src/operations/branch/delete-branch.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import type { LogPlace, Outcome } from '../../src/operations/outcome.js';
import { readOperations } from '../../src/operations/reading/admin/read-log.js';
import { redo } from '../../src/operations/checkpoint/redo.js';
import { refreshBranch } from '../../src/operations/branch/refresh-branch.js';
import { rejectProposal } from '../../src/operations/proposal/reject-proposal.js';
import type { Request } from '../../src/operations/request.js';
import { restore } from '../../src/operations/checkpoint/restore.js';
import { restoreBranch } from '../../src/operations/branch/restore-branch.js';
import { revertRun } from '../../src/operations/checkpoint/revert-run.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { undo } from '../../src/operations/checkpoint/undo.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;

beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const admin = (): ReturnType<VerbWorld['as']> => world.as('admin', { scopes: ['ADMIN'] });

type Call = (request: Request, at: { readonly repo: string; readonly head: string; readonly gone: string }) => Promise<Outcome<unknown>>;

const ZERO = '0'.repeat(40);

/** Every verb that writes in a repository. */
const WRITES: Readonly<Record<string, Call>> = {
  createBranch: (by, { repo }) => createBranch(by, { repo, name: 'more' }),
  createCheckpoint: (by, { repo }) => createCheckpoint(by, { repo, branch: 'session/1', message: 'm', changes: [{ write: { path: 'x', text: 'x' } }] }),
  deleteBranch: (by, { repo }) => deleteBranch(by, { repo, name: 'session/1' }),
  restoreBranch: (by, { gone }) => restoreBranch(by, { id: gone }),
  undo: (by, { repo }) => undo(by, { repo, branch: 'session/1' }),
  redo: (by, { repo }) => redo(by, { repo, branch: 'session/1' }),
  restore: (by, { repo }) => restore(by, { repo, branch: 'session/1', to: 'main' }),
  revertRun: (by, { repo }) => revertRun(by, { repo, branch: 'session/1', runId: 'run' }),
  refreshBranch: (by, { repo }) => refreshBranch(by, { repo, name: 'session/1' }),
  mergeBranch: (by, { repo }) => mergeBranch(by, { repo, from: 'session/1', into: 'main' }),
  openProposal: (by, { repo }) => openProposal(by, { repo, source: 'session/1', title: 't' }),
  reviewProposal: (by, { repo }) => reviewProposal(by, { repo, number: 1, verdict: 'APPROVE', head: ZERO }),
  rejectProposal: (by, { repo }) => rejectProposal(by, { repo, number: 1, reason: 'no' }),
  mergeProposal: (by, { repo, head }) => mergeProposal(by, { repo, number: 1, expectedHead: head }),
  updateRepo: (by, { repo }) => updateRepo(by, { repo, description: 'more' }),
  archiveRepo: (by, { repo }) => archiveRepo(by, { repo }),
};

describe('an archived repository', () => {
  let at: { readonly repo: string; readonly repoId: number; readonly head: string; readonly gone: string; readonly archived: LogPlace };

  beforeAll(async () => {
    const { repo, repoId, head } = await world.proposed();
    const { branchId } = receiptOf(await createBranch(world.as('agent'), { repo, name: 'gone' }));
    receiptOf(await deleteBranch(world.as('agent'), { repo, name: 'gone' }));
    const { operation } = receiptOf(await archiveRepo(admin(), { repo, expectedVersion: 1 }));
    at = { repo, repoId, head, gone: encodeGlobalId({ type: 'Branch', id: branchId }), archived: operation };
  });

  it.each(Object.keys(WRITES))('is not written by %s', async (verb) => {
    const problem = problemOf(await world.withoutTrace(async () => (WRITES[verb] ?? unknown)(admin(), at)));
    expect(problem).toMatchObject({ code: 'INVALID_STATE', actualState: 'ARCHIVED' });
  });

  it('was told of to subscribers, and in the log', async () => {
    expect(await world.operation(at.archived)).toMatchObject({ kind: 'ARCHIVE_REPO', actor: 'admin', subject: { type: 'Repo', id: at.repoId }, events: [{ kind: 'REPO_UPDATED', repoName: at.repo, changed: ['archived'] }] });
  });

  it('is read as before, and says since when it is archived', async () => {
    const repo = await world.app.storage.reader().repoByName(at.repo);
    expect(repo?.archivedAt).toBeInstanceOf(Date);
    expect(await world.head(at.repoId, 'session/1')).toBe(at.head);
  });
});

describe('archiving', () => {
  it('stops writers that are under way: nothing follows it in the log', async () => {
    const { repo, repoId } = await world.repo();
    receiptOf(await createBranch(world.as('agent'), { repo, name: 'busy' }));
    const write = async (n: number): Promise<Outcome<unknown>> => createCheckpoint(world.as('agent'), { repo, branch: 'busy', message: 'm', changes: [{ write: { path: `f${n}`, text: 'x' } }] });
    const writers = [0, 1, 2, 3, 4, 5].map(write);
    const archived = archiveRepo(admin(), { repo });
    const outcomes = await Promise.all([...writers, ...[6, 7, 8, 9].map(write)]);
    const place = receiptOf(await archived).operation;
    expect(outcomes.flatMap((outcome) => (outcome.ok ? [] : [outcome.problem.code])).every((code) => code === 'INVALID_STATE')).toBe(true);
    const stored = await world.app.storage.reader().repo(repoId);
    const page = await readOperations(world.as('auditor', { scopes: ['ADMIN'] }), stored ?? unknown(), null, { count: 1, after: null, backward: false });
    expect(page.edges[0]?.node).toMatchObject({ kind: 'ARCHIVE_REPO', seq: place.seq });
    await world.expectWholeLog(repoId);
  });

  it('needs ADMIN, and the expected version', async () => {
    const { repo } = await world.repo();
    expect(problemOf(await world.withoutTrace(() => archiveRepo(world.as('agent'), { repo })))).toMatchObject({ code: 'FORBIDDEN', needs: 'ADMIN' });
    expect(problemOf(await world.withoutTrace(() => archiveRepo(admin(), { repo, expectedVersion: 2 })))).toMatchObject({ code: 'STALE_HEAD', actualVersion: 1 });
    expect(problemOf(await world.withoutTrace(() => archiveRepo(admin(), { repo: 'absent' })))).toMatchObject({ code: 'NOT_FOUND' });
  });
});

function unknown(): never {
  throw new TypeError('there is no such thing');
}
