import { everyRow } from '../domain/every-row.js';
import type { Reader } from '../domain/ports/reader.js';
import { allReferences } from '../domain/references.js';
import { SERVER_STREAM } from '../domain/operation.js';
import type { RepoRecord } from '../domain/repo.js';
import { GitDataError, ObjectMissing } from '../git/objects/errors.js';
import { parseCommit } from '../git/objects/commit.js';
import type { GitObject, Oid } from '../git/objects/object-source.js';
import { parseTag } from '../git/objects/tag.js';
import { MODE_SUBMODULE, parseTree } from '../git/objects/tree.js';
import type { CommitRows } from './doctor/commit-rows.js';
import type { PackDirectory } from './packs/pack-directory.js';
import type { PostgresStorage } from './index.js';

/** Something that is wrong, in a sentence. `repo` is null for what belongs to the server as a whole. */
export interface Finding {
  readonly repo: string | null;
  readonly message: string;
}

/** What was examined. */
export interface Examination {
  readonly repos: number;
  readonly objects: number;
  readonly references: number;
  readonly operations: number;
  readonly findings: number;
}

/**
 * Verifies everything that can be: every object of every repository reads back and hashes to its id, every object that another
 * one names is there, every branch, tag, checkpoint and proposal points at a commit that is, and every stream of the log
 * is gapless and chained, what log heads count, for quotas, is what there is, each event has its place in their order, no lease and no
 * file is left over, and what is cached of commits is what they say. Reads only, unless `repair` asks to set right what loses nothing: counts,
 * events without a place, trailers, leases, left-over files. Safe beside running gateways, whose newest writes it may not see.
 */
export async function examine(storage: PostgresStorage, report: (finding: Finding) => void, repair = false): Promise<Examination> {
  const total = { repos: 0, objects: 0, references: 0, operations: 0, findings: 0 };
  const found = (repo: string | null) => (message: string): void => {
    total.findings++;
    report({ repo, message });
  };
  const examineLog = async (stream: number, tell: (message: string) => void): Promise<void> => {
    const verdict = await storage.verifyLog(stream);
    if (verdict.ok) total.operations += verdict.rows;
    else tell(`the log is broken at operation ${verdict.seq}: ${verdict.reason}`);
  };
  await examineLog(SERVER_STREAM, found(null));
  for (const sentence of await storage.verifyServer(repair)) found(null)(sentence);
  const reader = storage.reader();
  const everything = { nameGlobs: ['**'], nameContains: null, archived: null, orderBy: 'NAME', descending: false } as const;
  for (const repo of await everyRow((page) => reader.repos(everything, page))) {
    const tell = found(repo.name);
    total.repos++;
    // References first: what gateways write meanwhile then only adds to the objects that are there.
    const named = await namedCommits(storage.reader(), repo);
    const rows = storage.commitRows(repo.id, repair);
    const objects = await examineObjects(storage.objects.open(repo.id), rows, tell);
    for (const sentence of [...(await rows.finish()), ...(await storage.verifyPackFiles(repo.id, repair))]) tell(sentence);
    total.objects += objects.size;
    total.references += named.size;
    for (const [name, oid] of named) examineReference(name, oid, objects.get(oid), tell);
    await examineLog(repo.id, tell);
    for (const { name, told, counted } of await storage.verifyCounts(repo.id, repair)) tell(`the count ${name} says ${told}, and there are ${counted}${repair ? '; it is set right' : ''}`);
  }
  return total;
}

/** Reads every object, and checks that all that they name exist. Answers the type of each that is whole. */
async function examineObjects(packs: PackDirectory, rows: CommitRows, tell: (message: string) => void): Promise<ReadonlyMap<Oid, GitObject['type']>> {
  const whole = new Map<Oid, GitObject['type']>();
  const named = new Map<Oid, Oid>();
  for await (const oid of packs.oids()) {
    try {
      const object = await packs.read(oid);
      for (const target of targetsOf(oid, object)) if (!named.has(target)) named.set(target, oid);
      whole.set(oid, object.type);
      if (object.type === 'commit') await rows.add(oid, object.content);
    } catch (error) {
      if (!(error instanceof GitDataError)) throw error;
      // It was in a live pack a moment ago: garbage collection has just taken it. What is truly missing is named by another object.
      if (error instanceof ObjectMissing) continue;
      tell(error.message);
    }
  }
  for (const [name, cause] of packs.unreadable) tell(`the pack ${name} cannot be read: ${String(cause)}`);
  for (const [target, by] of named) if (!whole.has(target)) tell(`object ${target}, which ${by} names, is missing or damaged`);
  return whole;
}

function targetsOf(oid: Oid, { type, content }: GitObject): readonly Oid[] {
  if (type === 'blob') return [];
  if (type === 'tree') return parseTree(oid, content).filter((entry) => entry.mode !== MODE_SUBMODULE).map((entry) => entry.oid);
  if (type === 'tag') return [parseTag(oid, content).target];
  const { tree, parents } = parseCommit(oid, content);
  return [tree, ...parents];
}

/** Every reference by its name, and every other commit that rows keep alive by a name that says so. */
async function namedCommits(reader: Reader, repo: RepoRecord): Promise<ReadonlyMap<string, Oid>> {
  const named = await allReferences(reader, repo);
  for (const oid of await reader.tips(repo.id, ['**'])) named.set(`the checkpoint or revision ${oid}`, oid);
  return named;
}

function examineReference(name: string, oid: Oid, type: GitObject['type'] | undefined, tell: (message: string) => void): void {
  if (type === undefined) tell(`${name} points at ${oid}, which is missing or damaged`);
  else if (type !== 'commit' && !name.startsWith('refs/tags/')) tell(`${name} points at ${oid}, which is a ${type}`);
}
