import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import postgres from 'postgres';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { startGateway, type TestGateway } from '../support/gateway.js';

const DAYS = 48 * 3600_000;

let gateway: TestGateway;
let sql: postgres.Sql;
let repoId: number;

beforeAll(async () => {
  gateway = await startGateway();
  sql = postgres({ ...urlTarget(gateway.app.config.databaseUrl ?? '').options, max: 1, onnotice: () => undefined });
  await gateway.data('mutation { createRepo(input: {name: "kept", files: [{path: "a.txt", text: "a"}]}) { __typename } }');
  for (const text of ['one', 'two']) {
    await gateway.data('mutation ($text: String!) { createCheckpoint(input: {repo: "kept", branch: "main", message: $text, runId: "run-1", changes: [{write: {path: "a.txt", text: $text}}]}) { __typename } }', { text });
  }
  await gateway.app.storage.events.place();
  repoId = (await gateway.app.storage.reader().repoByName('kept'))?.id ?? 0;
});
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await gateway.close();
});
afterEach(() => vi.restoreAllMocks());

async function findings(repair = false): Promise<string[]> {
  const found: string[] = [];
  await gateway.app.examine(({ repo, message }) => found.push(`${repo ?? 'server'}: ${message}`), repair);
  return found;
}

describe('the doctor', () => {
  it('finds nothing wrong with a server that works', async () => {
    expect(await findings()).toEqual([]);
  });

  it('names an event without a place, and gives it one again where no later one of its repository has been told of', async () => {
    const [last] = await sql<{ seq: number }[]>`delete from event_position where position = (select max(position) from event_position) returning seq::int as seq`;
    expect(await findings()).toEqual([`server: operation ${last?.seq} of stream ${repoId} has events that nobody will be told of`]);
    expect(await findings(true)).toEqual([`server: operation ${last?.seq} of stream ${repoId} has events that nobody will be told of; it is set right`]);
    expect(await findings()).toEqual([]);
    await gateway.app.storage.events.place();
    expect(await sql`select seq::int as seq from event_position order by position desc limit 1`).toEqual([{ seq: last?.seq }]);
  });

  it('only names a gap in the order of events, and what came before later ones', async () => {
    const [gone] = await sql<{ position: number; seq: number }[]>`
      delete from event_position where position = (select min(position) from event_position where stream = ${repoId}) returning position::int as position, seq::int as seq`;
    const { position = 0, seq = 0 } = gone ?? {};
    const named = [
      `server: operation ${seq} of stream ${repoId} has events that nobody will be told of, and later ones were told of`,
      `server: the positions of events lead from ${position - 1} to ${position + 1}: those between are gone`,
    ];
    expect(await findings(true)).toEqual(named);
    expect(await findings()).toEqual(named);
    await sql`insert into event_position (position, stream, seq) values (${position}, ${repoId}, ${seq})`;
    expect(await findings()).toEqual([]);
  });

  it('removes what waits for a place that it has, or that leads nowhere', async () => {
    await sql`insert into unplaced (stream, seq) values (${repoId}, 1), (${repoId}, 999)`;
    expect(await findings(true)).toHaveLength(2);
    expect(await sql`select 1 from unplaced`).toEqual([]);
  });

  it('ends leases that no living holder could have given, and removes old ones', async () => {
    await sql`insert into pack_lease (repo_id, purpose, expires_at) values (${repoId}, 'READ', now() + interval '1 year'), (null, 'READ', now() - interval '2 days'), (null, 'READ', now() - interval '1 hour')`;
    const found = await findings(true);
    expect(found).toEqual([expect.stringContaining(`server: a lease on the packs of repository ${repoId} ends only at `), 'server: 1 leases ended more than a day ago and were left behind; it is set right']);
    expect(await findings()).toEqual([]);
    expect(await sql`select 1 from pack_lease where expires_at between now() and now() + interval '61 seconds'`).toHaveLength(1);
    await sql`delete from pack_lease`;
  });

  it('names files and directories that no row knows once they are old, and removes them', async () => {
    const { directory } = await gateway.app.storage.packsOf(repoId);
    const unknown = join(directory, '..', '4711');
    mkdirSync(unknown);
    for (const path of [join(directory, 'tmp_pack_0123456789abcdef'), join(directory, `pack-${'d'.repeat(40)}.pack`), join(unknown, 'tmp_idx_0123456789abcdef')]) writeFileSync(path, 'half');
    expect(await findings(true)).toEqual([]);
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + DAYS);
    expect(await findings()).toEqual(['server: the directory objects/4711 belongs to no repository', 'kept: 2 files were left behind by writers that died']);
    expect(existsSync(unknown)).toBe(true);
    expect(await findings(true)).toHaveLength(2);
    expect(existsSync(unknown)).toBe(false);
    expect(await findings()).toEqual([]);
  });

  it('names a pack that is not as long as its row says', async () => {
    const [row] = await sql<{ name: string; bytes: number }[]>`update pack set bytes = bytes + 1 where name = (select min(name) from pack) returning name, bytes::int as bytes`;
    expect(await findings()).toContain(`kept: the pack ${row?.name} has ${(row?.bytes ?? 0) - 1} bytes, and its row says ${row?.bytes}`);
    await sql`update pack set bytes = bytes - 1 where name = ${row?.name ?? ''}`;
    expect(await findings()).toEqual([]);
  });

  it('has trailers read again that are not what their commit carries, and names a wrong row of the graph', async () => {
    const [noted] = await sql<{ oid: string }[]>`delete from commit_trailer where oid = (select oid from checkpoint order by id desc limit 1) returning encode(oid, 'hex') as oid`;
    const told = `kept: what is noted of the trailers of commit ${noted?.oid} is not what it carries`;
    expect(await findings()).toEqual([told]);
    expect(await findings(true)).toEqual([`${told}; they are read again`]);
    expect(await findings()).toEqual([]);
    const matches = await gateway.app.storage.trailerMatches(repoId, { key: 'Weir-Run', value: 'run-1' }, () => undefined);
    expect(matches.all?.has(noted?.oid ?? '')).toBe(true);
    await sql`update commit_graph set seconds = seconds + 1 where oid = decode(${noted?.oid ?? ''}, 'hex')`;
    expect(await findings()).toEqual([`kept: the graph has other parents, another tree or time than commit ${noted?.oid}`]);
  });
});
