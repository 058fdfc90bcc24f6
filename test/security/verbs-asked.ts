import type { Demand } from './model.js';

/** One call of a mutation, made so that it is refused after authorization and changes nothing. */
export interface Asked extends Demand {
  readonly mutation: string;
  /** What of the input is asked about, where a mutation is called more than once. */
  readonly about?: string;
  /** The input; `<word>` stands for an id of the world. */
  readonly input: Readonly<Record<string, unknown>>;
  /** The code with which it is refused when authorization has let it pass; null: it would be done, so only keys that may not do it ask. */
  readonly after: string | null;
  /** The same for keys without READ, where it differs. */
  readonly afterUnread?: string;
}

const ZERO = '0'.repeat(40);
const repo = '<repo>';
const STALE = 999;
const text = 'text';
const PATCH = '--- a/README.md\n+++ b/README.md\n@@ -1 +1 @@\n-say goodbye to the reader\n+say nothing\n';

/** Every call. What the model says of a key comes from the members of {@link Demand}, the rest of the answer from `after`. */
export const ASKED: readonly Asked[] = [
  { mutation: 'createRepo', scope: 'CREATE_REPO', where: 'new-repo', makes: 'main', input: { name: repo }, after: 'NAME_TAKEN' },
  { mutation: 'createRepo', about: 'paths', scope: 'CREATE_REPO', where: 'new-repo', makes: 'main', paths: ['src/a'], input: { name: repo, files: [{ path: 'src/a', text }] }, after: 'NAME_TAKEN' },
  { mutation: 'forkRepo', scope: 'CREATE_REPO', where: 'new-repo', reads: ['main'], makes: 'main', input: { repo: '<repoId>', name: repo }, after: 'NAME_TAKEN' },
  // A key without READ can name no rev to begin at.
  { mutation: 'createBranch', scope: 'WRITE', makes: 'session/1', input: { repo, name: 'session/1', from: 'tag:v1' }, after: 'NAME_TAKEN', afterUnread: 'INVALID_INPUT' },
  { mutation: 'createBranch', about: 'from', scope: 'WRITE', makes: 'session/new', input: { repo, name: 'session/new', from: 'nowhere' }, after: 'INVALID_INPUT' },
  { mutation: 'createBranch', about: 'main', scope: 'WRITE', makes: 'main', input: { repo, name: 'main', from: 'tag:v1' }, after: 'NAME_TAKEN', afterUnread: 'INVALID_INPUT' },
  { mutation: 'createCheckpoint', scope: 'WRITE', writes: 'session/1', input: { repo, branch: 'session/1', message: text, expectedVersion: STALE, changes: [{ write: { path: 'docs/a', text } }] }, after: 'STALE_HEAD' },
  { mutation: 'createCheckpoint', about: 'main', scope: 'WRITE', writes: 'main', input: { repo, branch: '<mainId>', message: text, expectedHead: ZERO, changes: [{ write: { path: 'docs/a', text } }] }, after: 'STALE_HEAD' },
  { mutation: 'createCheckpoint', about: 'paths', scope: 'WRITE', writes: 'session/1', paths: ['src/a'], input: { repo, branch: 'session/1', message: text, changes: [{ write: { path: 'src/a', text } }] }, after: null },
  { mutation: 'createCheckpoint', about: 'paths of a patch', scope: 'WRITE', writes: 'session/1', paths: ['README.md'], input: { repo, branch: 'session/1', message: text, patch: PATCH }, after: null },
  { mutation: 'createCheckpoint', about: 'paths moved away from', scope: 'WRITE', writes: 'session/1', paths: ['README.md', 'docs/a'], input: { repo, branch: 'session/1', message: text, changes: [{ move: { from: 'README.md', to: 'docs/a' } }] }, after: null },
  { mutation: 'deleteBranch', scope: 'WRITE', writes: 'session/1', input: { repo, name: 'session/1', expectedVersion: STALE }, after: 'STALE_HEAD' },
  { mutation: 'deleteBranch', about: 'main', scope: 'WRITE', writes: 'main', input: { repo: '<repoId>', name: 'main' }, after: 'PROTECTED_BRANCH' },
  { mutation: 'undo', scope: 'WRITE', writes: 'session/1', input: { repo, branch: 'session/1', expectedVersion: STALE }, after: 'STALE_HEAD' },
  { mutation: 'undo', about: 'main', scope: 'WRITE', writes: 'main', input: { repo, branch: 'main', steps: STALE }, after: 'INVALID_INPUT' },
  { mutation: 'redo', scope: 'WRITE', writes: 'session/1', input: { repo, branch: '<sessionId>', expectedHead: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'redo', about: 'main', scope: 'WRITE', writes: 'main', input: { repo: '<repoId>', branch: 'main' }, after: 'INVALID_INPUT' },
  { mutation: 'restore', scope: 'WRITE', writes: 'session/1', input: { repo, branch: 'session/1', to: 'tag:v1', expectedVersion: STALE }, after: 'STALE_HEAD' },
  { mutation: 'restore', about: 'main', scope: 'WRITE', writes: 'main', input: { repo, branch: '<mainId>', to: 'nowhere' }, after: 'INVALID_INPUT' },
  { mutation: 'restoreBranch', scope: 'WRITE', writes: 'session/1', input: { id: '<sessionId>' }, after: 'INVALID_STATE' },
  { mutation: 'restoreBranch', about: 'main', scope: 'WRITE', writes: 'main', input: { id: '<mainId>' }, after: 'INVALID_STATE' },
  { mutation: 'refreshBranch', scope: 'WRITE', writes: 'session/1', input: { repo, name: 'session/1', expectedVersion: STALE }, after: 'STALE_HEAD' },
  { mutation: 'refreshBranch', about: 'main', scope: 'WRITE', writes: 'main', input: { repo, name: 'main', from: 'nowhere' }, after: 'INVALID_INPUT' },
  { mutation: 'revertRun', scope: 'WRITE', writes: 'session/1', input: { repo, branch: 'session/1', runId: text, expectedHead: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'revertRun', about: 'main', scope: 'WRITE', writes: 'main', input: { repo, branch: 'main', runId: 'never ran' }, after: 'INVALID_INPUT' },
  { mutation: 'mergeBranch', scope: 'MERGE', reads: ['session/1'], writes: 'main', input: { repo, from: 'session/1', into: 'main', expectedInto: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'mergeBranch', about: 'conflict', scope: 'MERGE', reads: ['session/1'], writes: 'main', input: { repo, from: 'session/conflict', into: 'main' }, after: 'MERGE_CONFLICTED' },
  { mutation: 'mergeBranch', about: 'into a session', scope: 'MERGE', reads: ['main'], writes: 'session/1', input: { repo, from: 'main', into: 'session/1', expectedFrom: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'openProposal', scope: 'PROPOSE', reaches: 'session/1', reads: ['main'], input: { repo, source: 'session/1', title: text }, after: 'INVALID_STATE' },
  { mutation: 'openProposal', about: 'between sessions', scope: 'PROPOSE', reaches: 'session/1', reads: ['session/1'], input: { repo, source: '<sessionId>', target: 'session/1', title: text }, after: 'INVALID_INPUT' },
  { mutation: 'updateProposal', scope: 'PROPOSE', reads: ['session/1'], input: { repo, number: 2, title: text }, after: 'INVALID_STATE' },
  { mutation: 'updateProposal', about: 'target', scope: 'PROPOSE', reads: ['session/1'], input: { repo, number: 1, target: 'nowhere' }, after: 'NOT_FOUND' },
  { mutation: 'closeProposal', scope: 'PROPOSE', reads: ['session/1'], input: { repo, number: 3 }, after: 'INVALID_STATE' },
  { mutation: 'reopenProposal', scope: 'PROPOSE', reads: ['session/1'], input: { repo: '<repoId>', number: 2 }, after: 'INVALID_STATE' },
  { mutation: 'reviewProposal', scope: 'REVIEW', reads: ['session/1'], input: { repo, number: 1, verdict: 'APPROVE', head: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'reviewProposal', about: 'merged', scope: 'REVIEW', reads: ['session/1'], input: { repo, number: 2, verdict: 'COMMENT', head: ZERO }, after: 'INVALID_STATE' },
  { mutation: 'commentOnProposal', scope: 'REVIEW', or: 'PROPOSE', reads: ['session/1'], input: { repo, number: 2, body: ' ' }, after: 'INVALID_INPUT' },
  { mutation: 'commentOnProposal', about: 'thread', scope: 'REVIEW', or: 'PROPOSE', reads: ['session/1'], input: { repo, number: 2, body: text, thread: '<threadId>' }, after: 'NOT_FOUND' },
  { mutation: 'resolveThread', scope: 'REVIEW', or: 'PROPOSE', reads: ['session/1'], input: { thread: '<threadId>', resolved: false }, after: 'INVALID_STATE' },
  { mutation: 'rejectProposal', scope: 'REVIEW', reads: ['session/1'], input: { repo, number: 2, reason: text }, after: 'INVALID_STATE' },
  { mutation: 'mergeProposal', scope: 'MERGE', reads: ['session/1'], writes: 'main', input: { repo, number: 1, expectedHead: ZERO }, after: 'STALE_HEAD' },
  { mutation: 'mergeProposal', about: 'not approved', scope: 'MERGE', reads: ['session/1'], writes: 'main', input: { repo, number: 1, expectedHead: '<sessionOid>' }, after: 'RULES_UNMET' },
  { mutation: 'archiveRepo', scope: 'ADMIN', input: { repo }, after: null },
  { mutation: 'unarchiveRepo', scope: 'ADMIN', input: { repo: '<repoId>' }, after: 'INVALID_STATE' },
  { mutation: 'deleteRepo', scope: 'ADMIN', input: { repo }, after: null },
  { mutation: 'restoreRepo', scope: 'ADMIN', input: { id: '<goneRepoId>', name: '/' }, after: 'INVALID_INPUT' },
  { mutation: 'updateRepo', scope: 'ADMIN', input: { repo, name: '/' }, after: 'INVALID_INPUT' },
  { mutation: 'mergeProposal', about: 'nothing of it', scope: 'MERGE', reads: ['session/1'], writes: 'main', input: { repo, number: 1, expectedHead: '<sessionOid>', only: [] }, after: 'RULES_UNMET' },
  { mutation: 'runRetention', scope: 'ADMIN', input: { repo, limit: 0 }, after: 'INVALID_INPUT' },
  { mutation: 'setMirror', scope: 'ADMIN', input: { repo, url: 'https://127.0.0.1/' }, after: 'INVALID_INPUT' },
  { mutation: 'removeMirror', scope: 'ADMIN', input: { repo: '<repoId>' }, after: null },
  { mutation: 'pushMirror', scope: 'ADMIN', input: { repo }, after: null },
  { mutation: 'createApiKey', scope: 'ADMIN', where: 'server', input: { name: text, scopes: [], repos: ['**'], branches: [] }, after: 'INVALID_INPUT' },
  { mutation: 'importRepo', scope: 'ADMIN', where: 'new-repo', input: { name: repo, url: 'https://127.0.0.1/' }, after: 'INVALID_INPUT' },
  { mutation: 'cancelImport', scope: 'ADMIN', where: 'server', input: { id: 'ImportJob:999' }, after: 'NOT_FOUND' },
  { mutation: 'createWebhook', scope: 'ADMIN', where: 'server', input: { url: 'https://127.0.0.1/' }, after: 'INVALID_INPUT' },
  { mutation: 'deleteWebhook', scope: 'ADMIN', where: 'server', input: { id: 'Webhook:999' }, after: 'NOT_FOUND' },
  { mutation: 'redeliverWebhook', scope: 'ADMIN', where: 'server', input: { id: '<webhookId>', delivery: 'WebhookDelivery:999' }, after: 'NOT_FOUND' },
  // For a life that no key may have.
  { mutation: 'deriveApiKey', scope: 'READ', where: 'server', input: { name: text, scopes: ['READ'], expiresAt: '2999-01-01T00:00:00Z' }, after: 'INVALID_INPUT' },
  { mutation: 'rotateApiKey', scope: 'ADMIN', where: 'server', input: { id: 'ApiKey:nowhere00000' }, after: 'NOT_FOUND' },
  { mutation: 'revokeApiKey', scope: 'ADMIN', where: 'server', input: { id: 'ApiKey:nowhere00000' }, after: 'NOT_FOUND' },
];

/** A call in a few words, for the names of tests. */
export function titleOf({ mutation, about }: Asked): string {
  return about === undefined ? mutation : `${mutation} (${about})`;
}
