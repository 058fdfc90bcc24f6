import type { ApiKeyRecord } from '../src/domain/api-key.js';
import type { BranchRecord } from '../src/domain/branch.js';
import type { CheckpointRecord } from '../src/domain/checkpoint.js';
import type { ImportJobRecord } from '../src/domain/import-job.js';
import type { OperationRecord } from '../src/domain/operation.js';
import type { DeclinedRecord, ProposalRecord } from '../src/domain/proposal.js';
import type { RepoRecord } from '../src/domain/repo.js';
import type { ThreadRecord } from '../src/domain/thread.js';
import type { WebhookRecord } from '../src/domain/webhook.js';
import type { LogPlace } from '../src/operations/outcome.js';
import { loadCommitOrNull, type CommitView } from '../src/operations/reading/read-commits.js';
import { present } from '../src/operations/reading/readable-repo.js';
import type { Request } from '../src/operations/request.js';
import type { Context } from './context.js';

/*
 * A receipt is ids; these resolve the rows behind them for success payloads. No key is judged here again: whoever did the verb may
 * see what it did. Each has the shape of a resolver.
 */

/** The repository of a receipt. */
export async function repoOf({ repoId }: { readonly repoId: number }, _args: object, { request }: Context): Promise<RepoRecord> {
  return present(await request.reader.repo(repoId), 'repository');
}

/** The branch of a receipt, deleted or not. */
export async function branchOf({ branchId }: { readonly branchId: number }, _args: object, { request }: Context): Promise<BranchRecord> {
  return present(await request.reader.branch(branchId), 'branch');
}

/** The checkpoint of a receipt. */
export async function checkpointOf({ checkpointId }: { readonly checkpointId: number }, _args: object, { request }: Context): Promise<CheckpointRecord> {
  return present(await request.reader.checkpoint(checkpointId), 'checkpoint');
}

/** The proposal of a receipt. */
export async function proposalOf({ proposalId }: { readonly proposalId: number }, _args: object, { request }: Context): Promise<ProposalRecord> {
  return present(await request.reader.proposal(proposalId), 'proposal');
}

/** What was declined of the proposal of a receipt. */
export async function declinedOf({ proposalId }: { readonly proposalId: number }, _args: object, { request }: Context): Promise<DeclinedRecord[]> {
  return [...(await request.reader.declined(proposalId))];
}

/** The thread of a receipt. */
export async function threadOf({ threadId }: { readonly threadId: number }, _args: object, { request }: Context): Promise<ThreadRecord> {
  return present(await request.reader.thread(threadId), 'thread');
}

/** The key of a receipt, revoked or not. */
export async function apiKeyOf({ keyId }: { readonly keyId: string }, _args: object, { request }: Context): Promise<ApiKeyRecord> {
  return present(await request.reader.apiKey(keyId), 'API key');
}

/** The import of a receipt. */
export async function importOf({ jobId }: { readonly jobId: number }, _args: object, { request }: Context): Promise<ImportJobRecord> {
  return present(await request.reader.importJob(jobId), 'import');
}

/** The webhook of a receipt, deleted or not. */
export async function webhookOf({ webhookId }: { readonly webhookId: number }, _args: object, { request }: Context): Promise<WebhookRecord> {
  return present(await request.reader.webhook(webhookId), 'webhook');
}

/** The row of the log that a receipt names. */
export async function operationOf({ operation }: { readonly operation: LogPlace }, _args: object, { request }: Context): Promise<OperationRecord> {
  return operationAt(request, operation);
}

/** Like {@link operationOf}, null where nothing had to be done. */
export async function operationOrNullOf({ operation }: { readonly operation: LogPlace | null }, _args: object, { request }: Context): Promise<OperationRecord | null> {
  return operation === null ? null : operationAt(request, operation);
}

/** The commit that a merge made or moved to; null where there was nothing to merge. */
export async function commitOf({ repoId, commit }: { readonly repoId: number; readonly commit: string | null }, _args: object, { request }: Context): Promise<CommitView | null> {
  return loadCommitOrNull(request, repoId, commit);
}

async function operationAt(request: Request, { stream, seq }: LogPlace): Promise<OperationRecord> {
  return present(await request.reader.operation(stream, seq), 'operation');
}
