import { encodeEventCursor } from '../../src/domain/cursor.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { readApiKey } from '../../src/operations/reading/admin/read-keys.js';
import { WebhookDeliveryConnection } from '../connections.js';
import { EventKind } from '../enums/log.js';
import { WebhookDeliveryState, WebhookState } from '../enums/webhook.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { ApiKey, Node, Webhook, WebhookDelivery, WebhookFilter } from '../refs.js';

Webhook.implement({
  description: 'An address that events are sent to: each at least once, and those of one repository one after the other. It is told what the key may read that made it.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'Webhook', id }) }),
    url: t.exposeString('url', { description: 'Where events are sent.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it is for.' }),
    filter: t.field({ type: WebhookFilter, description: 'Which events it is told of.', resolve: ({ filter }) => filter }),
    state: t.expose('state', { type: WebhookState, description: 'Whether it delivers.' }),
    note: t.exposeString('note', { nullable: true, description: 'Why it is stopped; null while it is not.' }),
    cursor: t.string({ description: 'Every event up to here was judged: another webhook that begins `after` it leaves none out.', resolve: ({ position, index }) => encodeEventCursor({ position, index }) }),
    key: t.field({ type: ApiKey, nullable: true, description: 'The key that made it; when that is revoked or expires, the webhook stops.', resolve: ({ keyId }, _args, { request }) => readApiKey(request, keyId) }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    createdBy: t.exposeString('createdBy', { description: 'The actor who created it.' }),
    lastDeliveredAt: t.expose('lastDeliveredAt', { type: 'DateTime', nullable: true, description: 'When the receiver last took an event; null: never.' }),
    deliveries: t.field({
      type: WebhookDeliveryConnection,
      description: 'What it owes and, for some days, what became of the rest, newest first.',
      args: { ...forwardArgs, states: t.arg({ type: [WebhookDeliveryState], description: 'Only those in one of these states.' }) },
      complexity: pageCost,
      resolve: ({ id }, { states, ...args }, { request }) =>
        connect(request, args, { field: 'Webhook.deliveries', parent: String(id), rows: { states } }, (page) => request.reader.deliveries(id, { states: states ?? null }, page)),
    }),
  }),
});

WebhookFilter.implement({
  description: 'Which events a webhook is told of; members that are null do not filter.',
  fields: (t) => ({
    repos: t.stringList({ nullable: true, description: 'Of one of these repositories, by node id, or by name where there was none when the webhook was created.', resolve: ({ repos }) => repos?.map((repo) => (typeof repo === 'number' ? encodeGlobalId({ type: 'Repo', id: repo }) : repo)) ?? null }),
    kinds: t.field({ type: [EventKind], nullable: true, description: 'Of one of these kinds.', resolve: ({ kinds }) => (kinds === null ? null : [...kinds]) }),
    branch: t.string({ nullable: true, description: 'Of the branch with this name.', resolve: ({ branch }) => branch?.name ?? null }),
    proposal: t.exposeInt('proposal', { nullable: true, description: 'Of the proposal with this number.' }),
    runId: t.exposeString('runId', { nullable: true, description: 'Caused by this run.' }),
    actor: t.exposeString('actor', { nullable: true, description: 'Caused by this actor.' }),
  }),
});

WebhookDelivery.implement({
  description: 'One event that is, or was, owed to a receiver, and how the last attempt went. What the receiver answered is not kept, but for its status.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'WebhookDelivery', id }) }),
    eventId: t.id({ description: 'The node id of the event.', resolve: ({ position, index }) => encodeGlobalId({ type: 'Event', position, index }) }),
    state: t.expose('state', { type: WebhookDeliveryState, description: 'What became of it.' }),
    redelivery: t.exposeBoolean('again', { description: 'True when `redeliverWebhook` asked for it: it stands beside the order of its repository.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    status: t.exposeInt('status', { nullable: true, description: 'The HTTP status of the last answer; null when there was none.' }),
    note: t.exposeString('note', { nullable: true, description: 'Why the last attempt failed; null when it did not.' }),
    durationMs: t.exposeInt('durationMs', { nullable: true, description: 'How long the last attempt took, in milliseconds; null before the first.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it is owed.' }),
    attemptedAt: t.expose('attemptedAt', { type: 'DateTime', nullable: true, description: 'When it was last tried; null: not yet.' }),
    nextAttemptAt: t.expose('nextAt', { type: 'DateTime', nullable: true, description: 'When it is tried next at the earliest; null once it came to an end.' }),
    settledAt: t.expose('settledAt', { type: 'DateTime', nullable: true, description: 'When it came to an end; null while it is owed.' }),
  }),
});
