import { setTimeout as sleep } from 'node:timers/promises';
import type postgres from 'postgres';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { connectDatabase } from '../../src/storage/postgres/connect.js';
import { BenchRefused, received, type Workplace } from './workplace.js';

/** The repository that all work goes into, among the many. */
export const BUSY_REPO = 'crowd-busy';

/** Between two looks whether the sequencer has placed all, in milliseconds. */
const LOOK_MS = 100;
/** Its files. */
const FILES = 100;

/** Makes the repository whose branches and files the work is done on. */
export async function makeBusyRepo(place: Workplace, repo: string): Promise<number> {
  const files = Array.from({ length: FILES }, (_, n) => ({ path: `src/file-${n}.txt`, text: `${'line\n'.repeat(50)}${n}\n` }));
  const { repoId } = received(await createRepo(place.request(), { name: repo, files }));
  received(await createBranch(place.request(), { repo, name: 'work' }));
  received(await createCheckpoint(place.request(), { repo, branch: 'work', message: 'Work', changes: files.slice(0, 3).map(({ path }) => ({ write: { path, text: 'changed\n' } })) }));
  return repoId;
}

/**
 * Adds so many repositories straight into the tables, each with a default branch and the row of the log
 * that `like` left, placed by the sequencer: as after as many calls of `createRepo` by as many keys, but that their objects are those of `like`.
 */
export async function addRepos(place: Workplace, like: number, count: number): Promise<void> {
  await withDatabase(place, async (sql) => {
    await sql.begin(async (tx) => {
      const [base] = await tx<{ id: string }[]>`select last_value as id from repo_id_seq`;
      if (base === undefined) throw new BenchRefused('the sequences are missing');
      const { id } = base;
      const many = tx`generate_series(1, ${count}::bigint) as n`;
      await tx`insert into repo (id, name, description, labels, default_branch, settings, key_id)
        select ${id}::bigint + n, 'crowd-' || lpad(n::text, 7, '0'), description, labels, default_branch, settings, 'key' || lpad((n / 1000)::text, 9, '0') from repo, ${many} where id = ${like}`;
      await tx`insert into log_head (stream, seq, hash, branches, updated_at) select ${id}::bigint + n, 1, hash, 1, updated_at - n * interval '1 millisecond' from log_head, ${many} where stream = ${like}`;
      await tx`insert into branch (repo_id, name, head, created_by, metadata)
        select ${id}::bigint + n, branch.name, head, created_by, metadata from branch, ${many} where repo_id = ${like} and branch.name = (select default_branch from repo where id = ${like})`;
      await tx`insert into operation (stream, seq, kind, actor, key_id, run_id, at, payload, previous, hash)
        select ${id}::bigint + n, 1, kind, actor, key_id, run_id, at, payload, previous, hash from operation, ${many} where stream = ${like} and seq = 1`;
      await tx`insert into pack (repo_id, name, bytes, objects, created_at) select ${id}::bigint + n, name, bytes, objects, created_at from (select * from pack where repo_id = ${like} limit 1) as first, ${many}`;
      await tx`insert into unplaced (stream, seq) select ${id}::bigint + n, 1 from ${many}`;
      await tx`select setval('repo_id_seq', ${id}::bigint + ${count}::bigint)`;
    });
    place.app.storage.events.ring();
    while ((await sql`select from unplaced limit 1`).length > 0) await sleep(LOOK_MS);
  });
}

/** Adds so many branches to a repository, straight into the tables, at the head of its default branch. */
export async function addBranches(place: Workplace, repoId: number, count: number): Promise<void> {
  await withDatabase(place, async (sql) => {
    await sql`insert into branch (repo_id, name, head, base_name, fork_oid, created_by, metadata, created_at, last_activity_at)
      select repo_id, 'session/' || lpad(n::text, 7, '0'), head, branch.name, head, created_by, metadata, now() - n * interval '1 second', now() - n * interval '1 second'
      from branch, generate_series(1, ${count}::bigint) as n where repo_id = ${repoId} and branch.name = 'main'`;
    await sql`update log_head set branches = (select count(*) from branch where repo_id = ${repoId} and deleted_at is null) where stream = ${repoId}`;
  });
}

/** Runs `add`, and answers when the server knows what there is now and has nothing of it left to write, which takes minutes beside what is measured. */
async function withDatabase(place: Workplace, add: (sql: postgres.Sql) => Promise<void>): Promise<void> {
  const database = await connectDatabase(place.app.config);
  try {
    await add(database.sql);
    await database.sql`vacuum analyze`;
    await database.sql`checkpoint`;
  } finally {
    await database.close();
  }
}
