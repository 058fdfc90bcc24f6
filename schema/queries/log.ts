import { readEventCursor } from '../../src/operations/reading/read-events.js';
import { readApiKeys } from '../../src/operations/reading/admin/read-keys.js';
import { readOperations } from '../../src/operations/reading/admin/read-log.js';
import { readImports } from '../../src/operations/reading/admin/read-imports.js';
import { readWebhooks } from '../../src/operations/reading/admin/read-webhooks.js';
import { builder } from '../builder.js';
import { ApiKeyConnection, EventConnection, ImportJobConnection, OperationConnection, WebhookConnection } from '../connections.js';
import { connectEvents } from '../event-pages.js';
import { EventFilter, OperationFilter } from '../filters.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';

builder.queryField('events', (t) =>
  t.field({
    type: EventConnection,
    description: 'What subscriptions deliver, as a query: oldest first, from the beginning of the log or after a cursor. A page may be short, and even empty, while `hasNextPage` says that the search can go on.',
    args: { ...forwardArgs, filter: t.arg({ type: EventFilter, description: 'Which events; all unless given.' }) },
    complexity: pageCost,
    resolve: (_root, { filter, ...args }, { request }) => connectEvents(request, args, filter),
  }),
);

builder.queryField('eventCursor', (t) =>
  t.string({
    description: 'The cursor after everything so far. Taken before the first read, and subscribed from, nothing falls between.',
    resolve: (_root, _args, { request }) => readEventCursor(request),
  }),
);

builder.queryField('operations', (t) =>
  t.field({
    type: OperationConnection,
    description: 'The log of everything that this key may read, newest first, operations of the server included. Needs the scope AUDIT.',
    args: { ...forwardArgs, filter: t.arg({ type: OperationFilter, description: 'Which operations; all unless given.' }) },
    complexity: pageCost,
    resolve: (_root, { filter, ...args }, { request }) =>
      connect(request, args, { field: 'Query.operations', parent: null, rows: { filter } }, (page) => readOperations(request, null, filter, page)),
  }),
);

builder.queryField('apiKeys', (t) =>
  t.field({
    type: ApiKeyConnection,
    description: 'The keys that reach no further than this one, oldest first. Needs the scope ADMIN.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (_root, args, { request }) => connect(request, args, { field: 'Query.apiKeys', parent: null }, (page) => readApiKeys(request, page)),
  }),
);

builder.queryField('importJobs', (t) =>
  t.field({
    type: ImportJobConnection,
    description: 'Imports from addresses, newest first, of repositories with names that this key reaches. Needs the scope ADMIN.',
    args: forwardArgs,
    complexity: pageCost,
    resolve: (_root, args, { request }) => connect(request, args, { field: 'Query.importJobs', parent: null }, (page) => readImports(request, page)),
  }),
);

builder.queryField('webhooks', (t) =>
  t.field({
    type: WebhookConnection,
    description: 'The webhooks that this key, and keys that reach no further, have made, oldest first. Needs the scope ADMIN.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (_root, args, { request }) => connect(request, args, { field: 'Query.webhooks', parent: null }, (page) => readWebhooks(request, page)),
  }),
);
