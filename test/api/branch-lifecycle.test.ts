import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';
import { clientFor } from '../support/postgres.js';
import { seedBranch, seedCheckpoint, seedRepo } from './support/seed.js';

let gateway: TestGateway;
let sql: ReturnType<typeof clientFor>;

/** Each branch with the days for which it has rested, and what became of it. */
const BRANCHES = [['session/fresh', 0], ['session/tired', 10], ['session/idle', 15], ['proposal/login-7', 30], ['work/merged', 20], ['work/gone', 40]] as const;

beforeAll(async () => {
  gateway = await startGateway();
  sql = clientFor(urlTarget(gateway.app.config.databaseUrl ?? '').options, 1);
  await seedRepo(gateway, 'app', [{ path: 'a.txt', text: 'one\n' }]);
  for (const [name] of BRANCHES) {
    await seedBranch(gateway, 'app', name);
    await seedCheckpoint(gateway, 'app', name, { path: `${name}.txt`, text: 'work\n' });
  }
  await done('mergeBranch', { from: 'work/merged', into: 'main' });
  await done('deleteBranch', { name: 'work/gone' });
  for (const [name, days] of BRANCHES) await sql`update branch set created_at = created_at - ${days} * interval '1 day', last_activity_at = last_activity_at - ${days} * interval '1 day' where name = ${name}`;
});
afterAll(async () => {
  await sql.end({ timeout: 1 });
  await gateway.close();
});

/** Does a verb on the repository; answers its success. */
async function done(verb: string, input: Record<string, unknown>, fields = ''): Promise<Json> {
  const type = verb.charAt(0).toUpperCase() + verb.slice(1);
  const document = `mutation ($input: ${type}Input!) { ${verb}(input: $input) { __typename ... on ${type}Success { ${fields} operation { kind } } ... on Problem { message } ... on InvalidInput { field rule } } }`;
  return (await gateway.data(document, { input: { repo: 'app', ...input } }))[verb];
}

async function namesOf(filter: string, orderBy = ''): Promise<string[]> {
  const { repo } = await gateway.data(`{ repo(name: "app") { branches(filter: { ${filter} } ${orderBy}) { nodes { name } } } }`);
  return repo.branches.nodes.map(({ name }: Json) => name);
}

async function statesByName(): Promise<Record<string, string>> {
  const { repo } = await gateway.data('{ repo(name: "app") { branches(filter: { states: [ACTIVE, IDLE, MERGED, DELETED] }) { nodes { name state } } } }');
  return Object.fromEntries(repo.branches.nodes.map(({ name, state }: Json) => [name, state]));
}

describe('branches are listed', () => {
  test.each([
    ['states: [ACTIVE]', ['main', 'session/fresh', 'session/tired']],
    ['states: [IDLE]', ['proposal/login-7', 'session/idle']],
    ['states: [MERGED]', ['work/merged']],
    ['states: [DELETED]', ['work/gone']],
    ['states: [IDLE, DELETED]', ['proposal/login-7', 'session/idle', 'work/gone']],
    ['states: [IDLE, DELETED], deleted: true', ['work/gone']],
    ['states: [], deleted: false', []],
    ['states: [ACTIVE, IDLE], kind: SESSION', ['session/fresh', 'session/idle', 'session/tired']],
    ['inactiveFor: "P12D"', ['proposal/login-7', 'session/idle', 'work/merged']],
    ['inactiveFor: "P12D", deleted: true', ['work/gone']],
    ['marked: true', []],
    ['marked: false, kind: SESSION', ['session/fresh', 'session/idle', 'session/tired']],
  ])('by %s', async (filter, names) => {
    expect(await namesOf(filter)).toEqual(names);
  });

  test('with the longest at rest first', async () => {
    expect(await namesOf('kind: SESSION', ', orderBy: { field: LAST_ACTIVITY }')).toEqual(['session/idle', 'session/tired', 'session/fresh']);
  });

  test('in the state that the filter finds them in, also where the repository counts idleness differently', async () => {
    const states = await statesByName();
    expect(states).toEqual({ main: 'ACTIVE', 'session/fresh': 'ACTIVE', 'session/tired': 'ACTIVE', 'session/idle': 'IDLE', 'proposal/login-7': 'IDLE', 'work/merged': 'MERGED', 'work/gone': 'DELETED' });
    expect((await done('updateRepo', { settings: { idleAfter: 'P5D' } }, 'repo { settings { idleAfter } }')).repo.settings.idleAfter).toBe('P5D');
    expect(await statesByName()).toEqual({ ...states, 'session/tired': 'IDLE' });
    expect(await namesOf('states: [IDLE]')).toEqual(['proposal/login-7', 'session/idle', 'session/tired']);
    expect((await done('updateRepo', { settings: { idleAfter: 'PT0S' } }, 'repo { settings { idleAfter } }')).repo.settings.idleAfter).toBeNull();
    expect(await statesByName()).toEqual(states);
  });
});

const STEP = 'branch { name state markedAt } action rule reason since';

async function previewBehind(after: string | null): Promise<Json> {
  const { repo } = await gateway.data(`query ($after: String) { repo(name: "app") { retentionPreview(first: 1, after: $after) { nodes { ${STEP} } pageInfo { hasNextPage endCursor } } } }`, { after });
  return repo.retentionPreview;
}

/** So many rules, called as told by their places. */
function rulesNamed(count: number, name: (index: number) => string): object[] {
  return Array.from({ length: count }, (_, index) => ({ name: name(index), branches: ['**'], action: 'MARK' }));
}

describe('a policy of retention', () => {
  const RULES = [
    { name: 'abandoned', branches: ['proposal/**'], kinds: ['PROPOSAL'], maxInactivity: 'P21D', action: 'DELETE' },
    { name: 'idle', branches: ['session/**'], maxInactivity: 'P14D', maxAge: 'P14D', action: 'MARK' },
  ];

  test('is set, and read back whole', async () => {
    const { repo } = await done('updateRepo', { settings: { retention: { rules: RULES } } }, 'repo { settings { retention { rules { name branches kinds maxAge maxInactivity merged action } } } }');
    expect(repo.settings.retention.rules).toEqual([
      { ...RULES[0], maxAge: null, merged: false },
      { ...RULES[1], kinds: null, merged: false },
    ]);
  });

  test('is previewed: which branches, by which rule, why, and since when', async () => {
    const first = await previewBehind(null);
    expect(first).toMatchObject({ nodes: [{ branch: { name: 'proposal/login-7', state: 'IDLE' }, action: 'DELETE', rule: 'abandoned', reason: 'it has not moved for 21 days' }], pageInfo: { hasNextPage: true } });
    expect(Math.round((Date.now() - Date.parse(first.nodes[0].since)) / 86_400_000)).toBe(9);
    expect(await previewBehind(first.pageInfo.endCursor)).toMatchObject({ nodes: [{ branch: { name: 'session/idle' }, action: 'MARK', rule: 'idle', reason: 'it is older than 14 days, it has not moved for 14 days' }], pageInfo: { hasNextPage: false } });
  });

  test('is previewed to those who may read, as far as they may', async () => {
    const document = '{ repo(name: "app") { retentionPreview { nodes { branch { name } } } } }';
    const seenBy = async (input: Record<string, unknown>): Promise<Json> => (await gateway.data(document, {}, await gateway.createKey(input))).repo?.retentionPreview.nodes.map(({ branch }: Json) => branch.name);
    expect(await seenBy({ scopes: ['READ'] })).toEqual(['proposal/login-7', 'session/idle']);
    expect(await seenBy({ scopes: ['READ'], readBranches: ['session/*'] })).toEqual(['session/idle']);
  });

  test('is applied on demand, told in the log, and then there is nothing left to do', async () => {
    const dry = await done('runRetention', { dryRun: true }, `steps { ${STEP} } more`);
    expect(dry).toMatchObject({ operation: null, more: false, steps: [{ action: 'DELETE' }, { action: 'MARK' }] });
    const run = await done('runRetention', {}, `repo { name } steps { ${STEP} } more`);
    expect(run).toMatchObject({ repo: { name: 'app' }, operation: { kind: 'RETENTION' }, more: false, steps: [{ branch: { name: 'proposal/login-7', state: 'DELETED' } }, { branch: { name: 'session/idle', state: 'IDLE', markedAt: expect.any(String) } }] });
    expect(await namesOf('marked: true')).toEqual(['session/idle']);
    const { repo } = await gateway.data('{ repo(name: "app") { operations(filter: { kinds: [RETENTION] }) { nodes { reason actor subject { __typename ... on Branch { name } } refs { branchName after } } } retentionPreview { nodes { action } } } }');
    expect(repo.operations.nodes).toEqual([
      { reason: null, actor: 'admin', subject: { __typename: 'Repo' }, refs: [] },
      { reason: 'idle: it is older than 14 days, it has not moved for 14 days', actor: 'admin', subject: { __typename: 'Branch', name: 'session/idle' }, refs: [] },
      { reason: 'abandoned: it has not moved for 21 days', actor: 'admin', subject: { __typename: 'Branch', name: 'proposal/login-7' }, refs: [{ branchName: 'proposal/login-7', after: null }] },
    ]);
    expect(repo.retentionPreview.nodes).toEqual([]);
    await seedCheckpoint(gateway, 'app', 'session/idle', { path: 'awake.txt', text: 'x' });
    expect(await namesOf('marked: true')).toEqual([]);
  });

  test.each([
    ['.rules[0].name', { name: '' }, 'retention-rule-name/empty'],
    ['.rules[0].branches', { branches: [] }, 'retention/globs'],
    ['.rules[0].branches[0]', { branches: [''] }, 'glob/empty'],
    ['.rules[0].kinds', { kinds: ['DEFAULT'] }, 'retention/no-kinds'],
    ['.rules[0].maxAge', { maxAge: 'P4000D' }, 'retention/span'],
    ['.rules[0].action', { maxInactivity: null }, 'retention/unconditional'],
  ])('is refused for %s of %j', async (at, more, rule) => {
    const rules = [{ name: 'one', branches: ['**'], maxInactivity: 'P1D', action: 'DELETE', ...more }];
    expect(await done('updateRepo', { settings: { retention: { rules } } })).toMatchObject({ __typename: 'InvalidInput', field: `settings.retention${at}`, rule });
  });

  test('has rules of different names, and 50 at most', async () => {
    expect(await done('updateRepo', { settings: { retention: { rules: rulesNamed(2, () => 'same') } } })).toMatchObject({ field: 'settings.retention.rules[1].name', rule: 'retention/same-name' });
    expect(await done('updateRepo', { settings: { retention: { rules: rulesNamed(51, String) } } })).toMatchObject({ field: 'settings.retention.rules', rule: 'retention/too-many-rules' });
    expect(await done('updateRepo', { settings: { retention: { rules: rulesNamed(50, String) } } })).toMatchObject({ __typename: 'UpdateRepoSuccess' });
  });
});
