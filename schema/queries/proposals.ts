import { readProposalCounts, readProposals } from '../../src/operations/reading/read-lists.js';
import { builder } from '../builder.js';
import { ProposalConnection } from '../connections.js';
import { ProposalState } from '../enums/log.js';
import { ProposalFilter } from '../filters.js';
import { connect, pageArgs, pageCost } from '../pagination.js';
import { ProposalCount } from '../refs.js';

builder.queryField('proposals', (t) =>
  t.field({
    type: ProposalConnection,
    description: 'The review inbox: proposals of every repository that this key may read, newest first.',
    args: { ...pageArgs, filter: t.arg({ type: ProposalFilter, description: 'Which proposals; all unless given. Branches are named by node id here.' }) },
    complexity: pageCost,
    resolve: (_root, { filter, ...args }, { request }) =>
      connect(request, args, { field: 'Query.proposals', parent: null, rows: { filter } }, (page) => readProposals(request, null, filter, page)),
  }),
);

ProposalCount.implement({
  description: 'How many proposals are in a state.',
  fields: (t) => ({
    state: t.expose('state', { type: ProposalState, description: 'The state.' }),
    count: t.exposeInt('count', { description: 'How many of those that this key may read.' }),
  }),
});

builder.queryField('proposalCounts', (t) =>
  t.field({
    type: [ProposalCount],
    description: 'How many proposals `proposals` lists in all with the same filter, by state; states without any are left out.',
    args: { filter: t.arg({ type: ProposalFilter, description: 'Which proposals; all unless given. Branches are named by node id here.' }) },
    complexity: { field: 10, multiplier: 1 },
    resolve: async (_root, { filter }, { request }) => [...(await readProposalCounts(request, filter))],
  }),
);
