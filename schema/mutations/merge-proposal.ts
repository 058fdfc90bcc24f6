import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import type { ProposalMergeReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';
import { MergeOutcome, MergeStrategy, RestAction } from '../enums/diff.js';
import { answer, resultOf } from '../problems.js';
import { Accept, ONLY } from '../accept.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';
import { branchOf, commitOf, declinedOf, operationOrNullOf, proposalOf } from '../receipts.js';
import { Branch, Commit, DeclinedChange, Operation, Proposal } from '../refs.js';

const Input = builder.inputType('MergeProposalInput', {
  description: 'A proposal to merge.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    number: t.int({ required: true, description: 'The number of the proposal.' }),
    expectedHead: t.field({ type: 'GitObjectID', required: true, description: 'The head that is to be merged; refused when the proposal has another by now.' }),
    expectedTarget: t.field({ type: 'GitObjectID', description: 'Refuse with StaleHead unless this is the head of the target. Without it the merge is tried again when the target moves meanwhile.' }),
    strategy: t.field({ type: MergeStrategy, defaultValue: 'MERGE', description: 'How the merge is written.' }),
    message: t.string({ description: 'The message of the merge commit and of the checkpoint; title and number of the proposal unless given. Commits that REBASE replays keep their own.' }),
    resolutions: t.field({ type: [ConflictResolution], description: RESOLUTIONS }),
    only: t.field({ type: [Accept], description: `${ONLY} The target gets them as one commit with itself as the only parent. Everything is merged unless given.` }),
    rest: t.field({ type: RestAction, defaultValue: 'DECLINE', description: 'With `only`, what becomes of the rest.' }),
    declineReason: t.string({ description: 'With `only`, why the rest was not accepted; the author reads it.' }),
    deleteSource: t.boolean({ defaultValue: false, description: 'Delete the source branch in the same step; its commits and checkpoints stay.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ProposalMergeReceipt>('MergeProposalSuccess').implement({
  description: 'The proposal, or the part that was chosen, was merged; or, where its resolutions need a review first, it has a new revision that holds them.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The proposal: merged, or open again with its new head or for the rest.', resolve: proposalOf }),
    outcome: t.expose('outcome', { type: MergeOutcome, description: 'How it came out. CONFLICTED: nothing was merged yet; approvals are required here, so the resolutions became a new revision of the proposal.' }),
    commit: t.field({ type: Commit, nullable: true, description: 'The commit that the target is at by it; null when it had it all already.', resolve: commitOf }),
    branch: t.field({ type: Branch, nullable: true, description: 'The target, as it is now.', resolve: branchOf }),
    declined: t.field({ type: [DeclinedChange], description: 'What was declined by it; empty when everything was merged, and when the rest stays open.', resolve: declinedOf }),
    operation: t.field({ type: Operation, nullable: true, description: 'The row of the log that tells of it; null when there was nothing to do.', resolve: operationOrNullOf }),
  }),
});

builder.mutationField('mergeProposal', (t) =>
  t.field({
    type: resultOf('MergeProposal', Success, ['STALE_HEAD', 'MERGE_CONFLICTED', 'PROTECTED_BRANCH', 'RULES_UNMET', 'INVALID_STATE']),
    description: 'Merges an approved proposal into its target. What was reviewed is what is merged. Needs MERGE.',
    args: { input: t.arg({ type: Input, required: true, description: 'A proposal to merge.' }) },
    resolve: (_root, { input }, context) => answer(context, mergeProposal(context.request, input)),
  }),
);
