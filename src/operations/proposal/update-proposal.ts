import { tendingRefusal } from '../../auth/tend-proposal.js';
import { messageViolation } from '../../domain/commit-data.js';
import type { BranchRecord } from '../../domain/branch.js';
import * as violations from '../../domain/input-violations.js';
import type { EventPayload } from '../../domain/operation.js';
import type { Transaction } from '../../domain/ports/transaction.js';
import * as problems from '../../domain/problems.js';
import { PROPOSAL_TRANSITIONS, type ProposalRecord, type ProposalState } from '../../domain/proposal.js';
import { proposalEvent } from '../../domain/proposal-event.js';
import { proposalRevised } from '../../domain/revise-proposals.js';
import type { RepoRecord } from '../../domain/repo.js';
import { BODY, textViolation, TITLE } from '../../domain/text.js';
import { firstBroken, optionalText } from '../checks.js';
import { defineOperation, refused, type Applied } from '../define-operation.js';
import type { UpdateProposalInput } from '../inputs.js';
import { alreadyProposed, proposalBase } from './proposal-base.js';
import type { ProposalReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findBranch, findProposal, findRepo, type Found } from '../targets.js';

/**
 * Says a pending proposal in other words, or asks that it pass into another branch. Another target is another question: the proposal
 * gets a new revision with the base that it has there, and verdicts that were given for the old target never count for the new one.
 * Needs PROPOSE, and REVIEW for a proposal that this actor and this key did not open.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, InvalidState (ended, already proposed there, nothing to propose, unrelated).
 */
export const updateProposal = defineOperation<UpdateProposalInput, ProposalReceipt>({
  kind: 'UPDATE_PROPOSAL',
  action: 'updateProposal',
  async decide(request, input) {
    const ground = await findRepo(request, 'updateProposal', input.repo);
    if (!ground.ok) return refused(ground.problem);
    const repo = ground.value;
    const found = await findProposal(request, repo, input.number);
    if (!found.ok) return refused(found.problem);
    const proposal = found.value;
    const { title = null, body = null } = input;
    const broken = firstBroken([
      ['input', title === null && body === null && (input.target ?? null) === null ? violations.nothingToUpdate() : null],
      ['title', title === null ? null : (textViolation(TITLE, title) ?? messageViolation(title))],
      optionalText(BODY, 'body', body),
    ]);
    if (broken !== null) return refused(broken);
    const state = PROPOSAL_TRANSITIONS[proposal.state].UPDATE;
    if (state === null) return refused(problems.proposalState(proposal.number, proposal.state, 'changed'));
    const refusal = tendingRefusal(request.viewer, proposal);
    if (refusal !== null) return refused(refusal);
    const moved = await findRetarget(request, repo, proposal, input.target ?? null);
    if (!moved.ok) return refused(moved.problem);

    return {
      kind: 'write',
      apply: (tx) => applyUpdate(tx, { repo, proposal, state, words: { ...(title === null ? {} : { title }), ...(body === null ? {} : { body }) }, retarget: moved.value }),
    };
  },
});

/** Another target, the base there, and the source to hold meanwhile; null where its branch is gone and nobody can propose from it. */
interface Retarget {
  readonly target: BranchRecord;
  readonly base: string;
  readonly source: BranchRecord | null;
}

async function findRetarget(request: Request, repo: RepoRecord, proposal: ProposalRecord, ref: string | null): Promise<Found<Retarget | null>> {
  if (ref === null) return { ok: true, value: null };
  const into = await findBranch(request, null, repo, ref);
  if (!into.ok) return into;
  const target = into.value;
  if (target.id === proposal.targetBranchId) return { ok: true, value: null };
  if (target.id === proposal.sourceBranchId) return { ok: false, problem: problems.invalidInput('target', violations.sameBranch(target.name)) };
  const proposed = { id: proposal.sourceBranchId, repoId: repo.id, name: proposal.sourceName, head: proposal.head };
  const based = await proposalBase(request, proposed, target, proposal.id);
  if (!based.ok) return based;
  const source = await request.reader.branch(proposal.sourceBranchId);
  return { ok: true, value: { target, base: based.value, source: source === null || source.deletedAt !== null ? null : source } };
}

interface Update {
  readonly repo: RepoRecord;
  readonly proposal: ProposalRecord;
  readonly state: ProposalState;
  readonly words: { readonly title?: string; readonly body?: string };
  readonly retarget: Retarget | null;
}

async function applyUpdate(tx: Transaction, { repo, proposal, state, words, retarget }: Update): Promise<Applied<ProposalReceipt>> {
  const moved = { kind: 'moved', branchId: proposal.sourceBranchId } as const;
  const change = { id: proposal.id, expectedVersion: proposal.version, ...words };
  const events: EventPayload[] = [proposalEvent('PROPOSAL_UPDATED', repo, proposal)];
  if (retarget === null) {
    if ((await tx.updateProposal({ ...change, state })) === null) return moved;
  } else {
    const { target, base, source } = retarget;
    if (source !== null && !(await tx.holdBranch(source.id, source.version))) return moved;
    const rival = await alreadyProposed(tx, { id: proposal.sourceBranchId, name: proposal.sourceName }, target, proposal.id);
    if (rival !== null) return { kind: 'refused', problem: rival };
    const judged = PROPOSAL_TRANSITIONS[proposal.state].RETARGET ?? state;
    const revised = await tx.reviseProposal({ ...change, state: judged, head: proposal.head, base, judgedAnew: true, targetBranchId: target.id, targetName: target.name });
    if (revised === null) return moved;
    events.push(proposalRevised(repo, proposal, { id: proposal.sourceBranchId, name: proposal.sourceName, head: proposal.head }));
  }
  return {
    kind: 'done',
    stream: repo.id,
    gcEpoch: repo.gcEpoch,
    record: { refs: [], subject: { type: 'Proposal', id: proposal.id }, runId: proposal.runId, events },
    receipt: (operation) => ({ repoId: repo.id, proposalId: proposal.id, operation }),
  };
}
