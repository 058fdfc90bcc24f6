import { canBothLand, readRivals } from '../../src/operations/reading/proposal/read-rivals.js';
import { builder } from '../builder.js';
import { RivalConnection } from '../connections.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Proposal, Rival } from '../refs.js';

Rival.implement({
  description: 'An open proposal into the same target that touches the same paths.',
  fields: (t) => ({
    proposal: t.field({ type: Proposal, description: 'The other proposal.', resolve: ({ proposal }) => proposal }),
    paths: t.stringList({ description: 'The paths of the other proposal at which they meet, in git’s order: files that both change, and a file where one of them has a directory.', resolve: ({ paths }) => [...paths] }),
    bothCanLand: t.boolean({
      nullable: true,
      description: 'Whether both merge into the present head of the target without a conflict, one after the other; what rules ask for is not looked at. Null when the target is gone or hidden from this key, and with the error BUDGET_EXCEEDED where a merge costs too much.',
      complexity: 5,
      resolve: (rival, _args, { request }) => canBothLand(request, rival),
    }),
  }),
});

builder.objectField(Proposal, 'rivals', (t) =>
  t.field({
    type: RivalConnection,
    description: 'Open proposals into the same target that touch the same paths, newest first, of those that this key may read; none once this one has ended.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (proposal, args, { request }) => connect(request, args, { field: 'Proposal.rivals', parent: String(proposal.id) }, (page) => readRivals(request, proposal, page)),
  }),
);
