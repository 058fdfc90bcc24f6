import { createHash } from 'node:crypto';
import type { EventPayload, OperationKind, RefChange, Subject } from '../domain/operation.js';
import type { NewOperation } from '../domain/ports/transaction.js';
import { canonicalJson } from '../shared/canonical-json.js';
import type { PromptDigest } from './checkpoints.js';
import type { CommentDigest } from './threads.js';

/** The hash that the first row of a stream follows. */
export const EMPTY_HASH = '0'.repeat(64);

/**
 * What a row of the log says, as the canonical bytes hold it: all that is promised not to change. `at` is in milliseconds
 * since the epoch; `prompts` and `comments` are digests of texts that live in erasable rows.
 */
export interface LogPayload {
  readonly stream: number;
  readonly seq: number;
  readonly kind: OperationKind;
  readonly actor: string;
  readonly keyId: string;
  readonly keyName: string;
  readonly at: number;
  readonly requestId: string;
  readonly runId: string | null;
  readonly refs: readonly RefChange[];
  readonly subject: Subject | null;
  readonly events: readonly EventPayload[];
  readonly prompts: readonly PromptDigest[];
  readonly purged?: readonly string[];
  /** Not there in rows of operations that somebody asked for. */
  readonly reason?: string;
  /** Absent where nothing was said. */
  readonly comments?: readonly CommentDigest[];
}

/** Digests of the erasable texts that an operation wrote. */
export interface TextDigests {
  readonly prompts: readonly PromptDigest[];
  readonly comments: readonly CommentDigest[];
}

/** The bytes that are hashed and stored for an operation at this place of its stream. */
export function encodePayload(operation: NewOperation, place: { readonly seq: number; readonly at: Date }, { prompts, comments }: TextDigests): Buffer {
  const { gcEpoch: _epoch, repoVersion: _version, quotas: _quotas, ...said } = operation;
  const payload: LogPayload = { ...said, seq: place.seq, at: place.at.getTime(), prompts, ...(comments.length === 0 ? {} : { comments }) };
  return Buffer.from(canonicalJson(payload), 'utf8');
}

/** What the bytes of a stored row say. They are trusted to be what {@link encodePayload} made: the hash is checked elsewhere. */
export function decodePayload(bytes: Buffer): LogPayload {
  const payload: LogPayload = JSON.parse(bytes.toString('utf8'));
  return payload;
}

/** The link of the chain: SHA-256 over the previous row's hash (its 32 bytes) and this row's canonical bytes. Lowercase hex. */
export function chainHash(previous: string, payload: Buffer): string {
  return createHash('sha256').update(Buffer.from(previous, 'hex')).update(payload).digest('hex');
}
