import { execute, parse, type ExecutionResult } from 'graphql';
import { schema } from '../../../schema/index.js';
import { encodeGlobalId } from '../../domain/global-id.js';
import type { LoggedEvent } from '../../domain/ports/event-log.js';
import { StorageUnavailable } from '../../domain/ports/errors.js';
import type { Request } from '../../operations/request.js';

const EVENT = '__typename id ... on Event { cursor kind at actor repoName repo { id name } }';

/** What a page needs to show the change without asking: the thing as it is now, and what the event itself knows. */
const WHOLE = parse(`query Delivery($id: ID!) {
  node(id: $id) {
    ${EVENT}
    ... on ProposalEvent { proposal { id number title body state sourceName targetName head { oid } createdBy createdAt runId reason metadata { key value } } }
    ... on ProposalReviewed { review { id verdict body actor at headOid } }
    ... on ProposalCommented { comment { id body actor at } }
    ... on ProposalMerged { commit { oid headline } }
    ... on ProposalRejected { reason }
    ... on RepoUpdated { changed }
    ... on BranchCreated { branchName before after version branch { id kind state runId sessionId baseName } }
    ... on BranchMoved { branchName before after version branch { id kind state runId sessionId baseName } checkpoint { id number message state createdBy runId sessionId } }
    ... on BranchDeleted { branchName before after version branch { id kind state runId sessionId baseName } }
  }
}`);

/** What is left to tell of an event whose repository, or proposal, is gone. */
const BARE = parse(`query Delivery($id: ID!) {
  node(id: $id) {
    ${EVENT}
    ... on BranchCreated { branchName before after version }
    ... on BranchMoved { branchName before after version }
    ... on BranchDeleted { branchName before after version }
  }
}`);

/** Codes of errors that pass: the body is made later. */
const PASSING: ReadonlySet<unknown> = new Set(['UNAVAILABLE', 'TIMEOUT']);

/**
 * The body of a message about an event, as the viewer of the request may read it: `type`, `timestamp` and `data`, as Standard Webhooks advises, the
 * data being the event as the API shows it. Rejects with StorageUnavailable when it cannot be read now.
 */
export async function eventBody(request: Request, event: LoggedEvent): Promise<string> {
  const id = encodeGlobalId({ type: 'Event', ...event.cursor });
  const whole = await run(WHOLE, id, request);
  const told = whole.errors === undefined ? whole : await run(BARE, id, request);
  return JSON.stringify({ type: event.payload.kind, timestamp: event.at.toISOString(), data: told.data?.['node'] ?? null });
}

async function run(document: typeof WHOLE, id: string, request: Request): Promise<ExecutionResult> {
  const result = await execute({ schema, document, variableValues: { id }, contextValue: { request } });
  if (result.errors?.some(({ originalError, extensions }) => originalError instanceof StorageUnavailable || PASSING.has(extensions['code']))) throw new StorageUnavailable();
  return result;
}
