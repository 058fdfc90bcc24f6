import type { Limits } from '../../domain/limits.js';
import type { UploadedBlob } from '../../domain/ports/repo-objects.js';
import { EpochMoved, QuotaPassed } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { bytesQuota, quotasOf } from '../../domain/quotas.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { StagedObjects } from '../../git/objects/staged-objects.js';
import type { Request } from '../request.js';
import { findRepo } from '../targets.js';

/** Bytes that uploads hold in memory at a time, counted together; `reserve` answers false when there is no room for that many more. */
export interface UploadRoom {
  reserve(bytes: number): boolean;
  release(bytes: number): void;
}

/** What is streamed in: the bytes, and how many there will be where the client said so. */
export interface Upload {
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly expectedBytes: number | null;
  readonly room: UploadRoom;
}

/** What an upload came to. */
export type UploadOutcome = { readonly ok: true; readonly blob: UploadedBlob } | { readonly ok: false; readonly problem: Problem };

const FIRST_CAPACITY = 64 << 10;
/** Collections are minutes apart; two within one upload are rare enough. */
const MAX_TRIES = 4;
/** When to come back where others fill the room: a file of 100 MB takes 8 s at 100 Mbit/s. */
const RETRY_AFTER_MS = 2_000;

/**
 * Stores bytes ahead of the checkpoint that will use them (`changes[].write.blob`), durable when it answers, and leases them to this key
 * for 24 hours. Moves no branch and so writes no row of the log. Needs WRITE; nothing is read from the stream before that is known.
 *
 * Refuses: NotFound, Forbidden, InvalidState (archived), LimitExceeded, Busy, Unavailable (no room on the disk).
 */
export async function uploadBlob(request: Request, repoRef: string, upload: Upload): Promise<UploadOutcome> {
  const { storage, limits } = request.gateway;
  const target = await findRepo(request, 'uploadBlob', repoRef);
  if (!target.ok) return { ok: false, problem: target.problem };
  const shortage = request.gateway.disk.shortage();
  if (shortage !== null) return { ok: false, problem: problems.diskShort(shortage) };
  const repo = target.value;
  const held = new Held(upload.room);
  try {
    const content = await collect(upload, held, limits);
    if ('code' in content) return { ok: false, problem: content };
    const objects = storage.objects.open(repo.id);
    const staged = objects.stage();
    const oid = await staged.putLarge('blob', content.bytes);
    request.signal.throwIfAborted();
    await storeOnLease(request, repo, staged, oid);
    return { ok: true, blob: { oid, size: content.bytes.length } };
  } catch (error) {
    if (error instanceof QuotaPassed) return { ok: false, problem: problems.quotaPassed(error.quota) };
    throw error;
  } finally {
    held.release();
  }
}

/** Stores what was staged and leases it, again and anew whenever garbage was collected in between: what was found stored may be gone. */
async function storeOnLease(request: Request, repo: RepoRecord, staged: StagedObjects, oid: string): Promise<void> {
  const { storage, limits } = request.gateway;
  const objects = storage.objects.open(repo.id);
  const quotas = quotasOf(limits, repo.settings.limits);
  let { gcEpoch } = repo;
  for (let tries = 1; ; tries++) {
    const pack = await objects.persist(staged, bytesQuota(repo, limits));
    try {
      await storage.leaseUpload(repo.id, request.viewer.key.id, oid, { pack, gcEpoch, quotas });
      if (pack !== null) objects.adopt(pack);
      return;
    } catch (error) {
      if (!(error instanceof EpochMoved) || tries === MAX_TRIES) throw error;
      gcEpoch = (await storage.reader().repo(repo.id))?.gcEpoch ?? gcEpoch;
    }
  }
}

/** What one upload has reserved. */
class Held {
  #bytes = 0;
  constructor(readonly room: UploadRoom) {}

  grow(bytes: number): boolean {
    if (!this.room.reserve(bytes)) return false;
    this.#bytes += bytes;
    return true;
  }

  release(): void {
    this.room.release(this.#bytes);
    this.#bytes = 0;
  }
}

/** Reads the stream into one buffer that doubles as it fills: a client that only announces much costs nothing. */
async function collect({ chunks, expectedBytes }: Upload, held: Held, limits: Limits): Promise<{ readonly bytes: Buffer } | Problem> {
  const maximum = limits.streamedFileBytes;
  if (expectedBytes !== null && expectedBytes > maximum) return problems.limitExceeded('streamedFileBytes', maximum, expectedBytes);
  let buffer = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of chunks) {
    const needed = length + chunk.length;
    if (needed > maximum) return problems.limitExceeded('streamedFileBytes', maximum, needed);
    if (needed > buffer.length) {
      const capacity = Math.max(needed, Math.min(expectedBytes ?? maximum, Math.max(2 * buffer.length, FIRST_CAPACITY)));
      if (!held.grow(capacity - buffer.length)) return problems.busy(RETRY_AFTER_MS);
      const larger = Buffer.allocUnsafe(capacity);
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    buffer.set(chunk, length);
    length = needed;
  }
  return { bytes: buffer.subarray(0, length) };
}
