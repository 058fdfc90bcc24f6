import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type postgres from 'postgres';
import { connectDatabase } from '../../src/storage/postgres/connect.js';
import { chainHash, encodePayload } from '../../src/storage/log-row.js';
import { importRepo } from '../../src/operations/import/import-repo.js';
import { generateRepository } from './generate.js';
import { GIT_ENVIRONMENT, GitFailed, runGit } from './native-git.js';
import { BenchRefused, received, type Workplace } from './workplace.js';

/** A branch with so many checkpoints, as an agent that was asked so often would have left it. */
export interface LongTimeline {
  readonly name: string;
  readonly repo: string;
  readonly branch: string;
  readonly checkpoints: number;
}

const BRANCH = 'session/long';
/** Contents that the checkpoints go through, in turns: each is a tree of its own that differs from the one before in a few files. */
const CONTENTS = 100;
const FIRST_SECOND = 1_700_000_000;
const ACTOR = 'agent';
const KEY = 'benchbenchbe';
/** Lines that are handed on at once, to git and to the database. */
const LINES = 1000;

/**
 * Makes a repository whose branch `session/long` has so many checkpoints, in bulk: the commits by one `git fast-import`, taken over as any
 * repository is, the rows that as many calls would have written by one INSERT and one COPY. The log's chain is true. A million
 * take some minutes.
 */
export async function makeLongTimeline(place: Workplace, checkpoints: number): Promise<LongTimeline> {
  const bare = join(place.directory, `timeline-${checkpoints}.git`);
  await generateRepository(bare, { files: CONTENTS, commits: CONTENTS });
  await lengthen(bare, checkpoints);
  const repo = `timeline-${checkpoints}`;
  const { repoId } = received(await importRepo(place.request(), { name: repo, source: await place.app.openImport(bare) }));
  const branch = await place.app.storage.reader().branchByName(repoId, BRANCH);
  if (branch === null) throw new BenchRefused(`${BRANCH} was not imported`);
  const database = await connectDatabase(place.app.config);
  try {
    await insertCheckpoints(database.sql, { repoId, branchId: branch.id, fork: runGit(bare, ['rev-parse', 'main']).trim(), checkpoints });
    await copyOperations(database.sql, repoId, checkpoints);
    await database.sql`analyze`;
  } finally {
    await database.close();
  }
  return { name: `${checkpoints} checkpoints`, repo, branch: BRANCH, checkpoints };
}

/** One commit on top of the other, each with one of the trees that the repository has already. */
async function lengthen(bare: string, commits: number): Promise<void> {
  const trees = runGit(bare, ['log', '--first-parent', '--format=%T', 'main']).trim().split('\n');
  const child = spawn('git', ['-C', bare, '-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--date-format=raw'], { env: GIT_ENVIRONMENT, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  await pipeline(Readable.from(inPieces(commits, (number) => commitCommand(number, trees[number % trees.length] ?? ''))), child.stdin);
  const [status] = await ended;
  if (status !== 0) throw new GitFailed(`git fast-import ended with ${String(status)}`);
}

function commitCommand(number: number, tree: string): string {
  const message = `Prompt ${number}\n\nWeir-Run: run-${Math.ceil(number / 100)}\nWeir-Actor: ${ACTOR}\nWeir-Checkpoint: ${number}@${BRANCH}\n`;
  const from = number === 1 ? 'from refs/heads/main^0\n' : '';
  return `commit refs/heads/${BRANCH}\ncommitter ${ACTOR} <${ACTOR}@example.org> ${FIRST_SECOND + number} +0000\ndata ${message.length}\n${message}${from}M 040000 ${tree} ""\n\n`;
}

function* inPieces(count: number, line: (number: number) => string): Generator<string> {
  for (let first = 1; first <= count; first += LINES) {
    let piece = '';
    for (let number = first; number < first + LINES && number <= count; number++) piece += line(number);
    yield piece;
  }
}

interface Rows {
  readonly repoId: number;
  readonly branchId: number;
  readonly fork: string;
  readonly checkpoints: number;
}

/** The checkpoints of the line beyond the fork point instead of the one that the import made, which is what stands at its end. */
async function insertCheckpoints(sql: postgres.Sql, { repoId, branchId, fork, checkpoints }: Rows): Promise<void> {
  await sql.begin(async (tx) => {
    const [base] = await tx<{ id: string }[]>`select last_value as id from checkpoint_id_seq`;
    const [root] = await tx<{ generation: number }[]>`select generation from commit_graph where repo_id = ${repoId} and oid = decode(${fork}, 'hex')`;
    if (base === undefined || root === undefined) throw new BenchRefused('the imported rows are missing');
    await tx`update branch set checkpoint_id = null where id = ${branchId}`;
    await tx`delete from checkpoint where branch_id = ${branchId}`;
    await tx`
      insert into checkpoint (id, repo_id, branch_id, number, origin, state, oid, before, parent_id, message, metadata, run_id, created_by, key_id)
      select ${base.id}::bigint + number, ${repoId}, ${branchId}, number, 'API', case when number = ${checkpoints} then 'CURRENT' else 'BEHIND' end,
        oid, before, case when number = 1 then null else ${base.id}::bigint + number - 1 end, 'Prompt ' || number, '[]', 'run-' || ceil(number / 100.0), ${ACTOR}, ${KEY}
      from (select oid, substring(parents for 20) as before, generation - ${root.generation} as number from commit_graph where repo_id = ${repoId} and generation > ${root.generation}) as line
      order by number`;
    await tx`select setval('checkpoint_id_seq', ${base.id}::bigint + ${checkpoints})`;
    await tx`
      update branch set base_name = 'main', fork_oid = decode(${fork}, 'hex'), version = ${checkpoints + 1}, next_checkpoint = ${checkpoints + 1}, checkpoint_id = ${base.id}::bigint + ${checkpoints}
      where id = ${branchId}`;
  });
}

/** The row of the log that each checkpoint left, behind those that are there. */
async function copyOperations(sql: postgres.Sql, repoId: number, count: number): Promise<void> {
  const [head] = await sql<{ seq: string; hash: string }[]>`select seq, encode(hash, 'hex') as hash from log_head where stream = ${repoId}`;
  if (head === undefined) throw new BenchRefused('the log of the repository is missing');
  let previous = head.hash;
  const line = (number: number): string => {
    const seq = Number(head.seq) + number;
    const at = new Date((FIRST_SECOND + number) * 1000);
    const runId = `run-${Math.ceil(number / 100)}`;
    const said = { stream: repoId, kind: 'CREATE_CHECKPOINT', actor: ACTOR, keyId: KEY, keyName: 'bench', requestId: 'bench', runId, refs: [], subject: null, events: [], gcEpoch: null, repoVersion: null } as const;
    const payload = encodePayload(said, { seq, at }, { prompts: [], comments: [] });
    const hash = chainHash(previous, payload);
    const row = `${repoId}\t${seq}\tCREATE_CHECKPOINT\t${ACTOR}\t${KEY}\t${runId}\t${at.toISOString()}\t\\\\x${payload.toString('hex')}\t\\\\x${previous}\t\\\\x${hash}\n`;
    previous = hash;
    return row;
  };
  const into = await sql`copy operation (stream, seq, kind, actor, key_id, run_id, at, payload, previous, hash) from stdin`.writable();
  await pipeline(Readable.from(inPieces(count, line)), into);
  await sql`insert into operation_branch (stream, branch_name, seq, at) select stream, ${BRANCH}, seq, at from operation where stream = ${repoId} and seq > ${head.seq}`;
  await sql`update log_head set seq = seq + ${count}, checkpoints = (select count(*) from checkpoint where repo_id = ${repoId}), hash = decode(${previous}, 'hex') where stream = ${repoId}`;
}
