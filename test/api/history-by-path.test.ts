import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSchemaGateway, type SchemaGateway } from '../contract/schema-gateway.js';

let gateway: SchemaGateway;
/** Commit ids by message. */
const oids = new Map<string, string>();

const BODY = Array.from({ length: 30 }, (_, line) => `line ${line}`).join('\n');

async function write(branch: string, message: string, changes: readonly object[], runId: string | null = null): Promise<void> {
  const done = await gateway.run(
    'owner',
    'mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { oid } } ... on Problem { message } } }',
    { input: { repo: 'r', branch, message, changes, runId } },
  );
  oids.set(message, done.text('createCheckpoint.checkpoint.oid'));
}

interface Listed {
  readonly messages: readonly string[];
  readonly next: string | null;
}

const QUERY = `query ($rev: String, $path: String, $filter: CommitFilter, $first: Int, $after: String) {
  repo(name: "r") { commits(rev: $rev, path: $path, filter: $filter, first: $first, after: $after) { edges { node { headline } } pageInfo { hasNextPage endCursor } } }
}`;

async function list(variables: Readonly<Record<string, unknown>>): Promise<Listed> {
  const answer = await gateway.run('owner', QUERY, variables);
  const edges = answer.at('repo.commits.edges');
  const messages = Array.isArray(edges) ? edges.map((_, at) => answer.text(`repo.commits.edges.${at}.node.headline`)) : [];
  const more = answer.at('repo.commits.pageInfo.hasNextPage') === true;
  return { messages, next: more ? answer.text('repo.commits.pageInfo.endCursor') : null };
}

beforeAll(async () => {
  gateway = await openSchemaGateway();
  await gateway.run('owner', 'mutation { createRepo(input: { name: "r", files: [{ path: "src/old.ts", text: "x\\n" }, { path: "other", text: "o\\n" }], message: "Start" }) { __typename } }');
  await write('main', 'Fill', [{ write: { path: 'src/old.ts', text: BODY } }]);
  await write('main', 'Elsewhere', [{ write: { path: 'other', text: 'p\n' } }]);
  await gateway.run('owner', 'mutation { createBranch(input: { repo: "r", name: "side" }) { __typename } }');
  await write('side', 'Aside', [{ write: { path: 'other', text: 'side\n' } }], 'run-7');
  await write('main', 'Move', [{ move: { from: 'src/old.ts', to: 'lib/new.ts' } }]);
  await write('main', 'Edit', [{ edit: { path: 'lib/new.ts', replace: [{ find: 'line 7\n', with: 'line seven\n' }] } }], 'run-7');
  await gateway.run('owner', 'mutation { mergeBranch(input: { repo: "r", from: "side", into: "main", message: "Join" }) { __typename } }');
});
afterAll(() => gateway.close());

describe('the history of a path', () => {
  it.each<readonly [string, Readonly<Record<string, unknown>>, readonly string[]]>([
    ['of a file ends at its rename', { path: 'lib/new.ts' }, ['Edit', 'Move']],
    ['of a file goes on beyond its rename when told to', { path: 'lib/new.ts', filter: { follow: true } }, ['Edit', 'Move', 'Fill', 'Start']],
    ['of a file that is gone is still there', { path: 'src/old.ts' }, ['Move', 'Fill', 'Start']],
    ['of a directory is that of all in it', { path: '/src/' }, ['Move', 'Fill', 'Start']],
    ['has what a merge brought in, and not the merge that changed nothing more', { path: 'other' }, ['Aside', 'Elsewhere', 'Start']],
    ['begins where it is told', { path: 'other', rev: 'side' }, ['Aside', 'Elsewhere', 'Start']],
    ['of a path that never was is empty', { path: 'never' }, []],
    ['of the root is all of it', { path: '' }, ['Join', 'Edit', 'Move', 'Aside', 'Elsewhere', 'Fill', 'Start']],
    ['can be narrowed to a run', { path: 'lib', filter: { trailer: { key: 'weir-run', value: 'run-7' } }, rev: 'main' }, ['Edit']],
  ])('%s', async (_, variables, expected) => {
    const { messages, next } = await list(variables);
    expect(messages.toSorted()).toEqual(expected.toSorted());
    expect(messages.at(-1)).toBe(expected.at(-1));
    expect(next).toBeNull();
  });

  it.each([{ path: 'src' }, { path: 'lib/new.ts', filter: { follow: true } }])('comes in pages that do not shift while the branch moves: %j', async (variables) => {
    const whole = (await list(variables)).messages;
    const paged: string[] = [];
    let after: string | null = null;
    for (let turn = 0; turn < 10; turn++) {
      const page = await list({ ...variables, first: 1, after });
      paged.push(...page.messages);
      await write('main', `Later ${turn}`, [{ write: { path: 'src/later', text: `${turn}\n` } }, { write: { path: 'lib/new.ts', text: `${BODY}${turn}` } }]);
      after = page.next;
      if (after === null) break;
    }
    expect(paged).toEqual(whole);
  });
});
