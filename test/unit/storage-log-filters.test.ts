import { readFile } from 'node:fs/promises';
import { sql as words, type SQL } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { OperationRecord } from '../../src/domain/operation.js';
import { SERVER_STREAM } from '../../src/domain/operation.js';
import type { OperationQuery } from '../../src/domain/ports/reader.js';
import { operationRows, placesAcross, placesInStreams } from '../../src/storage/operations.js';
import { queriesOver, sendOver } from '../../src/storage/sending.js';
import { expectRow, firstPage, makeRepo, newOperation, oidOf, openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let fixture: StorageFixture;
beforeAll(async () => {
  fixture = await openStorageFixture();
});
afterAll(() => fixture.close());

/** Rows of the long log; a million takes two minutes. */
const ROWS = Number(process.env['WEIR_TEST_CASES'] ?? 60_000);
const HOUR = 3_600_000;
const ALL: OperationQuery = { stream: null, repoGlobs: ['**'], server: true, kinds: null, actor: null, keyId: null, branchName: null, proposalId: null, runId: null, since: null, until: null, afterSeq: null };

async function rowsOf(query: Partial<OperationQuery>, count = 50): Promise<readonly OperationRecord[]> {
  const page = await fixture.storage.reader().operations({ ...ALL, ...query }, firstPage(count));
  return page.edges.map(({ node }) => node);
}

async function seqsOf(stream: number, query: Partial<OperationQuery>): Promise<number[]> {
  return (await rowsOf({ stream, ...query })).map(({ seq }) => seq);
}

describe('filters of the log', () => {
  it('by key, by time and by several kinds leave what matches, in one repository and across all', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'filters/few');
    const times: Date[] = [];
    for (const [keyId, kind] of [['key000000001', 'UNDO'], ['key000000002', 'REDO'], ['key000000002', 'UNDO'], ['key000000001', 'PURGE']] as const) {
      const { seq } = await storage.transaction((tx) => tx.append(newOperation(repo.id, { keyId, kind })));
      times.push(expectRow(await storage.reader().operation(repo.id, seq)).at);
      await expect.poll(() => Date.now()).toBeGreaterThan(expectRow(times.at(-1)).getTime() + 2);
    }
    expect(await seqsOf(repo.id, { keyId: 'key000000002' })).toEqual([4, 3]);
    expect(await seqsOf(repo.id, { kinds: ['REDO', 'PURGE', 'REDO'] })).toEqual([5, 3]);
    expect(await seqsOf(repo.id, { kinds: [] })).toEqual([]);
    expect(await seqsOf(repo.id, { since: expectRow(times[1]) })).toEqual([5, 4, 3]);
    expect(await seqsOf(repo.id, { until: expectRow(times[1]) })).toEqual([2, 1]);
    expect(await seqsOf(repo.id, { since: expectRow(times[1]), until: expectRow(times[3]), keyId: 'key000000002', kinds: ['UNDO'] })).toEqual([4]);
    expect(await seqsOf(repo.id, { since: new Date(Date.now() + HOUR) })).toEqual([]);
    expect(await seqsOf(repo.id, { until: new Date(0) })).toEqual([]);
    const across = await rowsOf({ since: expectRow(times[0]), until: expectRow(times[3]), kinds: ['UNDO', 'PURGE'] });
    expect(across.map(({ stream, seq }) => [stream, seq])).toEqual([[repo.id, 4], [repo.id, 2]]);
    expect((await rowsOf({ keyId: 'key000000002', actor: 'ada' })).map(({ seq }) => seq)).toEqual([4, 3]);
  });

  it('go on from page to page with every filter, and each row comes once', async () => {
    const { storage } = fixture;
    const repo = await makeRepo(storage, 'filters/pages');
    for (let turn = 0; turn < 12; turn++) {
      const refs = [{ branchName: turn % 2 === 0 ? 'left' : 'right', before: null, after: oidOf(turn) }];
      await storage.transaction((tx) => tx.append(newOperation(repo.id, { kind: turn % 3 === 0 ? 'UNDO' : 'REDO', refs, actor: 'pager' })));
    }
    const walk = async (query: Partial<OperationQuery>): Promise<number[]> => {
      const seen: number[] = [];
      for (let after: string | null = null; ; ) {
        const page = await storage.reader().operations({ ...ALL, actor: 'pager', ...query }, { count: 2, after, backward: false });
        seen.push(...page.edges.map(({ node }) => node.seq));
        after = page.edges.at(-1)?.key ?? null;
        if (!page.hasNext || after === null) return seen;
      }
    };
    for (const stream of [repo.id, null]) {
      expect(await walk({ stream })).toEqual([13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2]);
      expect(await walk({ stream, branchName: 'left' })).toEqual([12, 10, 8, 6, 4, 2]);
      expect(await walk({ stream, kinds: ['UNDO', 'REDO'], branchName: 'right' })).toEqual([13, 11, 9, 7, 5, 3]);
      expect(await walk({ stream, kinds: ['UNDO'] })).toEqual([11, 8, 5, 2]);
    }
  });

  it('by proposal leave what was about it or changed it, as the migration finds it in logs from before', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'filters/proposals');
    const event = (proposalId: number) => ({ kind: 'PROPOSAL_REVISED' as const, repoName: repo.name, proposalId });
    for (const told of [{ subject: { type: 'Proposal' as const, id: 71 }, events: [event(71)] }, { events: [event(71), event(72), event(71)] }, { subject: { type: 'Proposal' as const, id: 72 } }, { subject: { type: 'Branch' as const, id: 71 } }]) {
      await storage.transaction((tx) => tx.append(newOperation(repo.id, told)));
    }
    const shown = async (): Promise<readonly number[][]> => Promise.all([71, 72, 73].map((proposalId) => seqsOf(repo.id, { proposalId })));
    const expected = [[3, 2], [4, 3], []];
    expect(await shown()).toEqual(expected);
    const migration = await readFile('drizzle/migrations/0017_operation_proposal.sql', 'utf8');
    await sql`delete from operation_proposal`;
    await sql.unsafe(expectRow(migration.split('--> statement-breakpoint')[2]));
    expect(await shown()).toEqual(expected);
  });

  it('find a span of time although the clock of the database was set back', async () => {
    const { storage, sql } = fixture;
    const repo = await makeRepo(storage, 'filters/clock');
    const ahead = new Date(Date.now() + HOUR);
    await sql`update log_head set updated_at = ${ahead} where stream = ${repo.id}`;
    await storage.transaction((tx) => tx.append(newOperation(repo.id)));
    const { seq } = await storage.transaction((tx) => tx.append(newOperation(repo.id)));
    expect(expectRow(await storage.reader().operation(repo.id, seq)).at).toEqual(ahead);
    expect(await seqsOf(repo.id, { since: ahead })).toEqual([3, 2]);
    expect(await seqsOf(repo.id, { until: ahead })).toEqual([1]);
  });
});

interface Plan {
  readonly 'Node Type': string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

/** What a plan touched: rows that nodes gave or threw away, and whether any table was read from end to end. */
function touched(plan: Plan): { readonly rows: number; readonly scans: readonly string[] } {
  const below = (plan.Plans ?? []).map(touched);
  const own = (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'];
  const scan = plan['Node Type'].endsWith('Seq Scan') && plan['Actual Rows'] > 100 ? [plan['Node Type']] : [];
  return { rows: own + below.reduce((sum, { rows }) => sum + rows, 0), scans: [...scan, ...below.flatMap(({ scans }) => scans)] };
}

function middle(): Date {
  return new Date(Date.UTC(2025, 0, 1) + (ROWS / 2) * 1000);
}

describe('a page of a long log', () => {
  let stream: number;
  beforeAll(async () => {
    const repo = await makeRepo(fixture.storage, 'filters/long');
    stream = repo.id;
    // One actor, key, run, kind and branch in a thousand rows is rare: a page of it would otherwise read fifty thousand.
    await fixture.sql`
      insert into operation (stream, seq, kind, actor, key_id, run_id, at, payload, previous, hash)
      select ${stream}, n, case when n % 1000 = 0 then 'PURGE' else 'CREATE_CHECKPOINT' end, case when n % 1000 = 0 then 'rare' else 'bot' end,
        case when n % 1000 = 0 then 'rarekey00000' else 'key000000001' end, case when n % 1000 = 0 then 'rare-run' when n % 2 = 0 then 'run-' || n % 50 end,
        timestamptz '2025-01-01' + n * interval '1 second',
        convert_to('{"kind":"CREATE_CHECKPOINT","seq":' || n || ',"stream":' || ${stream}::bigint || '}', 'utf8'), '\\x00', '\\x00'
      from generate_series(2, ${ROWS}) as n`;
    await fixture.sql`insert into operation_branch (stream, branch_name, seq, at) select stream, case when actor = 'rare' then 'rare' else 'main' end, seq, at from operation where stream = ${stream} and seq > 1`;
    // As its proposals: one of few operations, one that half of all were about.
    await fixture.sql`insert into operation_proposal (proposal_id, stream, seq, at) select case when actor = 'rare' then 1 else 2 end, stream, seq, at from operation where stream = ${stream} and seq > 1 and (actor = 'rare' or seq % 2 = 0)`;
    await fixture.sql`analyze operation, operation_branch, operation_proposal, repo`;
  }, 300_000);

  const cases: readonly (readonly [string, () => Partial<OperationQuery>])[] = [
    ['nothing', () => ({})],
    ['a rare actor', () => ({ actor: 'rare' })],
    ['a frequent actor', () => ({ actor: 'bot' })],
    ['a rare key', () => ({ keyId: 'rarekey00000' })],
    ['a rare run', () => ({ runId: 'rare-run' })],
    ['a run in fifty', () => ({ runId: 'run-4' })],
    ['a rare kind', () => ({ kinds: ['PURGE'] })],
    ['three kinds', () => ({ kinds: ['PURGE', 'CREATE_CHECKPOINT', 'UNDO'] })],
    ['a rare branch', () => ({ branchName: 'rare' })],
    ['a frequent branch', () => ({ branchName: 'main' })],
    ['a rare proposal', () => ({ proposalId: 1 })],
    ['a proposal of half of all rows', () => ({ proposalId: 2 })],
    ['a proposal and a branch', () => ({ proposalId: 1, branchName: 'rare' })],
    ['a proposal, kind and actor', () => ({ proposalId: 2, kinds: ['CREATE_CHECKPOINT'], actor: 'bot' })],
    ['a span in the middle', () => ({ since: middle(), until: new Date(middle().getTime() + HOUR / 60) })],
    ['everything before the middle', () => ({ until: middle() })],
    ['a frequent branch, key and kind', () => ({ branchName: 'main', keyId: 'key000000001', kinds: ['CREATE_CHECKPOINT'] })],
    ['a rare actor since the middle', () => ({ actor: 'rare', since: middle() })],
    ['who is nowhere', () => ({ actor: 'nobody' })],
  ];

  it.each(cases)('filtered by %s touches as many rows as it shows, from the first page and from the middle', async (_name, filter) => {
    const queries = queriesOver(sendOver(fixture.sql));
    const explained = async (places: SQL, order: readonly SQL[]): Promise<ReturnType<typeof touched>> => {
      const rows = await queries.execute<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(words`explain (analyze, format json) ${operationRows(queries, places, order).getSQL()}`);
      const [answer] = Array.from(rows as Iterable<{ 'QUERY PLAN': string | readonly { readonly Plan: Plan }[] }>);
      const plan = expectRow(answer)['QUERY PLAN'];
      const [first]: readonly { readonly Plan: Plan }[] = typeof plan === 'string' ? JSON.parse(plan) : plan;
      return touched(expectRow(first).Plan);
    };
    const query = { ...ALL, ...filter() };
    const atMiddle = Buffer.from(JSON.stringify([ROWS / 2])).toString('base64url');
    const acrossMiddle = Buffer.from(JSON.stringify([middle().getTime(), stream, ROWS / 2])).toString('base64url');
    for (const [places, order] of [
      [placesInStreams([stream], query, firstPage(20)), words`operation.seq desc`],
      [placesInStreams([stream], query, { count: 20, after: atMiddle, backward: false }), words`operation.seq desc`],
      [placesAcross(query, firstPage(20)), words`operation.at desc, operation.stream desc, operation.seq desc`],
      [placesAcross(query, { count: 20, after: acrossMiddle, backward: false }), words`operation.at desc, operation.stream desc, operation.seq desc`],
    ] as const) {
      const { rows, scans } = await explained(places, [order]);
      expect(scans).toEqual([]);
      // A row of the page passes a dozen nodes of the plan, once for each kind.
      expect(rows).toBeLessThan(21 * 40);
    }
  });

  it('shows the same rows as a plain search of the table', async () => {
    const all = await fixture.sql<{ seq: number; actor: string; keyId: string; runId: string | null; kind: string; at: number }[]>`
        select seq::int, actor, key_id as "keyId", run_id as "runId", kind, (extract(epoch from at) * 1000)::float8 as at from operation where stream = ${stream} and seq > 1 order by seq desc`;
    for (const [, filter] of cases) {
      const query = filter();
      const expected = all.filter((row) =>
        (query.actor ?? row.actor) === row.actor && (query.keyId ?? row.keyId) === row.keyId && (query.runId === undefined || query.runId === row.runId)
        && (query.kinds?.some((kind) => kind === row.kind) ?? true) && (query.branchName ?? (row.actor === 'rare' ? 'rare' : 'main')) === (row.actor === 'rare' ? 'rare' : 'main')
        && (query.proposalId === undefined || (query.proposalId === 1 ? row.actor === 'rare' : row.actor !== 'rare' && row.seq % 2 === 0))
        && (query.since?.getTime() ?? 0) <= row.at && row.at < (query.until?.getTime() ?? Infinity));
      const shown = await fixture.storage.reader().operations({ ...ALL, stream, ...query }, firstPage(30));
      expect(shown.edges.map(({ node }) => node.seq).filter((seq) => seq > 1)).toEqual(expected.slice(0, 30).map(({ seq }) => seq));
    }
  });
});

describe('the stream of the server', () => {
  it('is filtered as any other', async () => {
    await fixture.storage.transaction((tx) => tx.append(newOperation(SERVER_STREAM, { kind: 'ROTATE_KEY', actor: 'keeper' })));
    expect((await rowsOf({ kinds: ['ROTATE_KEY'], actor: 'keeper' })).map(({ stream: at }) => at)).toEqual([SERVER_STREAM]);
    expect(await rowsOf({ kinds: ['ROTATE_KEY'], actor: 'keeper', server: false })).toEqual([]);
  });
});
