import { endProposal } from '../../domain/end-proposal.js';
import type { EventPayload, RefChange } from '../../domain/operation.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS } from '../../domain/proposal.js';
import type { RepoRecord } from '../../domain/repo.js';
import { retentionVerdict, type RetentionFacts, type RetentionVerdict } from '../../domain/retention.js';
import { rulesOf } from '../../domain/violation.js';
import { defineOperation, refused, type LogEntry } from '../define-operation.js';
import type { RunRetentionInput } from '../inputs.js';
import type { RetentionReceipt, RetentionStep } from '../receipts.js';
import type { Request } from '../request.js';
import { dueBranches, retentionStep, type DueBranch } from '../reading/due-branches.js';
import { findRepo } from '../targets.js';

/** Branches in one run unless fewer or more are asked for: their rows are locked together, for about 0.2 s. */
const USUAL_STEPS = 100;
const MOST_STEPS = 500;

const broken = rulesOf('retention');

/** What was done to one branch, and what the log is told of it. */
interface Done {
  readonly step: RetentionStep;
  readonly entry: LogEntry;
}

/**
 * Applies the policy of a repository to the branches that it is for now, oldest first, `limit` at most: in one transaction, a row of the
 * log each, and one for the run. A branch about which anything changed after the plan was made stays as it is. A dry run answers
 * the plan. Needs ADMIN; branches outside of what the key reads and writes are left alone.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (archived), Busy.
 */
export const runRetention = defineOperation<RunRetentionInput, RetentionReceipt>({
  kind: 'RETENTION',
  action: 'runRetention',
  async decide(request, input) {
    const target = await findRepo(request, 'runRetention', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const limit = input.limit ?? USUAL_STEPS;
    if (limit < 1 || limit > MOST_STEPS) return refused(problems.invalidInput('limit', broken('limit', `A run takes 1 to ${MOST_STEPS} branches; "limit" was ${limit}.`, 'Run it again while it answers that there is more.')));
    const now = request.gateway.now();
    const page = await dueBranches(request, repo, now, 'write', { count: limit, after: null, backward: false });
    const planned = page.edges.map(({ node }) => node);
    const plan = { repoId: repo.id, steps: planned.map(retentionStep), more: page.hasNext };
    if (input.dryRun === true || planned.length === 0) return { kind: 'answer', receipt: { ...plan, operation: null } };

    return {
      kind: 'write',
      async apply(tx) {
        const done = await takeSteps(tx, request, repo, planned, now);
        // Everything moved underneath: what is due now is another plan.
        if (done.length === 0) return { kind: 'moved', branchId: planned[0]?.facts.branch.id ?? 0 };
        const { key, actor } = request.viewer;
        // Rows of the log come last: they take the lock that every writer of the repository waits for.
        for (const { entry } of done) await tx.append({ stream: repo.id, kind: 'RETENTION', actor, keyId: key.id, keyName: key.name, requestId: request.requestId, gcEpoch: null, repoVersion: repo.version, ...entry });
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [] },
          receipt: (operation) => ({ ...plan, steps: done.map(({ step }) => step), operation }),
        };
      },
    };
  },
});

async function takeSteps(tx: Transaction, request: Request, repo: RepoRecord, planned: readonly DueBranch[], now: Date): Promise<Done[]> {
  const held = await tx.holdForRetention(repo.id, planned.map(({ facts }) => facts.branch.id), repo);
  const asOfNow = new Map(held.map((facts) => [facts.branch.id, facts]));
  const done: Done[] = [];
  for (const { facts: { branch }, verdict } of planned) {
    const facts = asOfNow.get(branch.id);
    // Judged at the instant of the plan, so that nothing joins it by growing older meanwhile.
    const again = facts === undefined || facts.branch.version !== branch.version ? null : retentionVerdict(repo.settings.retention, facts, now);
    if (facts === undefined || again === null || again.action !== verdict.action || again.rule !== verdict.rule) continue;
    done.push(await takeStep(tx, request, repo, facts, again));
  }
  return done;
}

async function takeStep(tx: Transaction, request: Request, repo: RepoRecord, facts: RetentionFacts, verdict: RetentionVerdict): Promise<Done> {
  const { branch } = facts;
  const reason = verdict.rule === null ? verdict.reason : `${verdict.rule}: ${verdict.reason}`;
  const events: EventPayload[] = [];
  const refs: RefChange[] = [];
  if (verdict.action === 'MARK') await tx.markBranch(branch.id);
  else {
    for (const proposal of await tx.pendingProposalsOf(branch.id)) {
      const state = PROPOSAL_TRANSITIONS[proposal.state].CLOSE;
      const closed = state === null ? null : await endProposal(tx, repo, proposal, { state, reason }, request.viewer.actor);
      if (closed !== null) events.push(closed);
    }
  }
  if (verdict.action === 'DELETE') {
    const deleted = await tx.deleteBranch(branch.id, branch.version);
    refs.push({ branchName: branch.name, before: branch.head, after: null });
    events.push({ kind: 'BRANCH_DELETED', repoName: repo.name, branchId: branch.id, branchName: branch.name, before: branch.head, after: null, version: deleted?.version ?? branch.version + 1, reason });
  }
  return { step: retentionStep({ facts, verdict }), entry: { refs, subject: { type: 'Branch', id: branch.id }, runId: branch.runId, events, reason } };
}
