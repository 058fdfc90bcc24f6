import { readProposals } from '../../src/operations/reading/read-lists.js';
import { builder } from '../builder.js';
import { ProposalConnection } from '../connections.js';
import { ProposalFilter } from '../filters.js';
import { connect, pageArgs, pageCost } from '../pagination.js';

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
