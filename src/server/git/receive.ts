import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { GitFailed, PackRefused, type Quarantine } from '../../domain/ports/native-git.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { RepoRecord } from '../../domain/repo.js';
import { commandBytes, parseReceiveRequest, renderReport, type ReceiveRequest, type RefReport } from '../../git/protocol/receive-request.js';
import { ProtocolViolation } from '../../git/protocol/protocol-violation.js';
import { push } from '../../operations/push/push.js';
import { readsEveryBranch } from '../../operations/reading/readable-commit.js';
import { readableRefs } from '../../operations/reading/history/read-refs.js';
import type { Request as OperationRequest } from '../../operations/request.js';
import { errorCode } from '../../shared/start-refused.js';
import { bodyChunks, BodyTooLarge } from '../http/body.js';
import { BodyTooSlow, paced } from './paced-body.js';

/** References and capabilities in front of the pack; 10,000 references of usual length fit. */
const MAX_COMMAND_BYTES = 2 << 20;
const HINT_WIDTH = 200;
const FROM_SHALLOW = 'It comes from a shallow clone, which cannot push what it lacks: run "git fetch --unshallow" where the clone came from first.';

/**
 * A push: reads what it moves, has the pack checked apart from everything, and moves the references, each by itself or all at once where
 * the client asks for that. Answers the report for the client; null where it only asked whether it may speak.
 * Rejects with ProtocolViolation, BodyTooLarge, BodyTooSlow, and as `NativeGit.receive` does.
 */
export async function receivePush(request: OperationRequest, repo: RepoRecord, body: Request): Promise<Buffer | null> {
  const chunks = decoded(body, request.gateway.push.idleMs);
  const { head, rest } = await splitHead(chunks);
  const asked = parseReceiveRequest(head);
  if (asked.commands.length === 0) return null;
  const { gateway } = request;
  // Before any of the pack is read: what it would take is not there.
  const shortage = gateway.disk.shortage();
  if (shortage !== null) return refusedWhole(asked, problems.diskShort(shortage).message);
  const { refs } = await readableRefs(request, repo);
  let received: Quarantine;
  try {
    received = await gateway.git.receive(repo.id, {
      pack: rest,
      maxBytes: gateway.push.packBytes,
      thin: readsEveryBranch(request),
      allowed: gateway.push.allowedFaults,
      references: new Map(refs.map(({ name, oid }) => [name, oid])),
    }, request.signal);
  } catch (error) {
    // What was wrong with the body itself comes to light while git reads it.
    if (error instanceof GitFailed && (error.cause instanceof ProtocolViolation || error.cause instanceof BodyTooSlow)) throw error.cause;
    if (!(error instanceof PackRefused)) throw error;
    return refusedWhole(asked, error.sentence, asked.shallow ? [FROM_SHALLOW] : []);
  }
  try {
    const { reports, sentences } = await moveAll(request, repo, asked, received);
    return renderReport(asked.capabilities, null, reports, sentences);
  } finally {
    await received.close();
  }
}

function refusedWhole({ capabilities, commands }: ReceiveRequest, sentence: string, more: readonly string[] = []): Buffer {
  return renderReport(capabilities, sentence, commands.map(({ name }) => ({ name, refusal: 'the pack was not taken' })), [`The pack was refused: ${sentence}`, ...more]);
}

async function moveAll(request: OperationRequest, repo: RepoRecord, { commands, capabilities }: ReceiveRequest, received: Quarantine): Promise<{ readonly reports: readonly RefReport[]; readonly sentences: readonly string[] }> {
  const reports: RefReport[] = [];
  const sentences: string[] = [];
  for (const together of capabilities.has('atomic') ? [commands] : commands.map((one) => [one])) {
    const outcome = await push(request, { repo: repo.name, commands: together, received });
    reports.push(...together.map(({ name }) => ({ name, refusal: outcome.ok ? null : shortly(outcome.problem) })));
    if (!outcome.ok) sentences.push(...sentencesOf(outcome.problem));
  }
  return { reports, sentences };
}

/** As git shows it beside the reference: one line without the hint. */
function shortly({ message }: Problem): string {
  return message.replaceAll('\n', ' ').slice(0, HINT_WIDTH);
}

function sentencesOf({ message, hint }: Problem): string[] {
  return hint === null ? [message] : [message, hint];
}

/** The bytes up to the flush behind the commands, and all that follow. Looks again when a quarter more has come: pieces may be of a byte each. */
async function splitHead(chunks: AsyncIterable<Uint8Array>): Promise<{ readonly head: Buffer; readonly rest: AsyncIterable<Uint8Array> }> {
  const pieces = chunks[Symbol.asyncIterator]();
  let bytes = Buffer.alloc(0);
  let waiting: Uint8Array[] = [];
  for (let more = 0; ;) {
    const next = await pieces.next();
    if (next.done !== true) {
      waiting.push(next.value);
      more += next.value.length;
      if (more * 4 < bytes.length) continue;
    }
    bytes = Buffer.concat([bytes, ...waiting]);
    [waiting, more] = [[], 0];
    const end = commandBytes(bytes);
    if (end !== null) return { head: bytes.subarray(0, end), rest: following(bytes.subarray(end), pieces) };
    if (bytes.length > MAX_COMMAND_BYTES) throw new BodyTooLarge(MAX_COMMAND_BYTES);
    if (next.done === true) throw new ProtocolViolation('The push ends before it says what it moves.');
  }
}

async function* following(first: Buffer, pieces: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.length > 0) yield first;
  for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
}

/** The body as it is meant, at the pace of its reader. A bomb is bounded by whoever counts what comes out. */
function decoded(body: Request, idleMs: number): AsyncIterable<Uint8Array> {
  const encoding = body.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  if (encoding === 'identity' || encoding === '') return paced(bodyChunks(body), idleMs);
  if (encoding !== 'gzip' && encoding !== 'x-gzip') throw new ProtocolViolation('The body must be sent as it is, or compressed by gzip.');
  return inflated(paced(bodyChunks(body), idleMs));
}

async function* inflated(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  const gunzip = createGunzip();
  // What goes wrong is seen by whoever reads.
  void pipeline(chunks, gunzip).catch(() => undefined);
  try {
    for await (const piece of gunzip) if (piece instanceof Uint8Array) yield piece;
  } catch (error) {
    if (errorCode(error)?.startsWith('Z_') === true) throw new ProtocolViolation('The request says that it is compressed, and is not.', { cause: error });
    throw error;
  }
}
