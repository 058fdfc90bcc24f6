import { readNode } from '../../src/operations/reading/read-node.js';
import { asQueryError, QueryError } from '../../src/operations/reading/query-error.js';
import { builder } from '../builder.js';
import { nodeSource } from '../nodes.js';
import { Node } from '../refs.js';

builder.queryField('node', (t) =>
  t.field({
    type: Node,
    nullable: true,
    description: 'The thing that a node id names; null when the id is malformed, the thing is gone, or this key may not read it.',
    args: { id: t.arg.id({ required: true, description: 'The node id.' }) },
    resolve: async (_root, { id }, { request }) => nodeSource(await readNode(request, id)),
  }),
);

builder.queryField('nodes', (t) =>
  t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'The things that node ids name, in the order asked for, null in the place of each that cannot be read. 100 ids at most.',
    args: { ids: t.arg.idList({ required: true, description: 'The node ids.' }) },
    complexity: ({ ids }) => ({ field: 1, multiplier: ids.length }),
    resolve: (_root, { ids }, { request }) => {
      const { pageSize } = request.gateway.limits;
      if (ids.length > pageSize) throw new QueryError('INVALID_ARGUMENT', `At most ${pageSize} ids are answered at a time; these are ${ids.length}.`);
      return ids.map(async (id) => {
        try {
          return nodeSource(await readNode(request, id));
        } catch (error) {
          throw asQueryError(error) ?? error;
        }
      });
    },
  }),
);
