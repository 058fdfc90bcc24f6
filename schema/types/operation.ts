import { encodeGlobalId } from '../../src/domain/global-id.js';
import { SERVER_STREAM } from '../../src/domain/operation.js';
import { readRefs } from '../../src/operations/reading/admin/read-log.js';
import { readSubject } from '../../src/operations/reading/read-node.js';
import { readableRepoById } from '../../src/operations/reading/readable-repo.js';
import { OperationKind } from '../enums/log.js';
import { nodeSource } from '../nodes.js';
import { Node, Operation, OperationLatency, RefChange, Repo } from '../refs.js';

Operation.implement({
  description: 'One row of the log: audit trail, source of events, history of undo. Written in the transaction that did the work, never changed after.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id; only keys with AUDIT find an operation by it.', resolve: ({ stream, seq }) => encodeGlobalId({ type: 'Operation', stream, seq }) }),
    repo: t.field({
      type: Repo,
      nullable: true,
      description: 'The repository it was about; null for operations of the server, such as those on keys.',
      resolve: ({ stream }, _args, { request }) => (stream === SERVER_STREAM ? null : readableRepoById(request, stream)),
    }),
    seq: t.exposeInt('seq', { description: 'Its place in the log of its repository, or of the server: 1, 2, 3 … without gaps, in the order of commits.' }),
    kind: t.expose('kind', { type: OperationKind, description: 'What it did.' }),
    actor: t.exposeString('actor', { description: 'Who did it: the person named by `Weir-Actor`, or the key’s own actor.' }),
    keyName: t.exposeString('keyName', { description: 'The name of the API key that was used.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was committed.' }),
    durationMs: t.exposeFloat('durationMs', { nullable: true, description: 'How long the client waited, in milliseconds; null until it is known.' }),
    refs: t.field({ type: [RefChange], description: 'The branches it moved, without those that are hidden from this key.', resolve: async (operation, _args, { request }) => [...(await readRefs(request, operation))] }),
    subject: t.field({
      type: Node,
      nullable: true,
      description: 'What it was about; null when that is gone or hidden from this key.',
      resolve: async ({ subject }, _args, { request }) => nodeSource(await readSubject(request, subject)),
    }),
    requestId: t.exposeString('requestId', { description: 'The id of the request, as the response header `x-request-id` had it.' }),
    runId: t.exposeString('runId', { nullable: true, description: 'The run it belonged to.' }),
    reason: t.string({ nullable: true, description: 'Why, where nobody asked for it: the rule of retention that had it done.', resolve: ({ reason }) => reason ?? null }),
    hash: t.exposeString('hash', { description: 'SHA-256 over the row and the hash of the row before it: a chain that shows any change made afterwards.' }),
  }),
});

RefChange.implement({
  description: 'A branch that an operation moved.',
  fields: (t) => ({
    branchName: t.exposeString('branchName', { description: 'The branch.' }),
    before: t.expose('before', { type: 'GitObjectID', nullable: true, description: 'The head before; null: it was created.' }),
    after: t.expose('after', { type: 'GitObjectID', nullable: true, description: 'The head after; null: it was deleted.' }),
  }),
});

OperationLatency.implement({
  description: 'How long clients waited for one kind of operation, in milliseconds.',
  fields: (t) => ({
    kind: t.expose('kind', { type: OperationKind, description: 'The kind.' }),
    count: t.exposeInt('count', { description: 'How many there were in the window.' }),
    p50: t.float({ description: 'Half waited no longer; 0 when there were none.', resolve: ({ p50 }) => p50 ?? 0 }),
    p95: t.float({ description: '95 of 100 waited no longer; 0 when there were none.', resolve: ({ p95 }) => p95 ?? 0 }),
    p99: t.float({ description: '99 of 100 waited no longer; 0 when there were none.', resolve: ({ p99 }) => p99 ?? 0 }),
    max: t.float({ description: 'The longest wait; 0 when there were none.', resolve: ({ max }) => max ?? 0 }),
  }),
});
