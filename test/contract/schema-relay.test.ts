import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { printedSchema } from '../../schema/print.js';

const compiler = new URL('../../node_modules/relay-compiler/cli.js', import.meta.url).pathname;
const run = promisify(execFile);
let project: string;

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), 'weir-relay-'));
  await mkdir(join(project, 'src'));
  await mkdir(join(project, 'generated'));
  await writeFile(join(project, 'schema.graphql'), printedSchema());
  await writeFile(join(project, 'package.json'), '{"name":"relay-project","private":true}');
  const customScalarTypes = { DateTime: 'string', Duration: 'string', GitObjectID: 'string', SafeInt: 'number' };
  await writeFile(join(project, 'relay.config.json'), JSON.stringify({ src: './src', schema: './schema.graphql', language: 'typescript', artifactDirectory: './generated', customScalarTypes }));
});

afterAll(() => rm(project, { recursive: true, force: true }));

async function compile(source: string): Promise<{ readonly ok: boolean; readonly output: string }> {
  await writeFile(join(project, 'src', 'inbox.ts'), source);
  try {
    const { stdout, stderr } = await run(process.execPath, [compiler, 'relay.config.json'], { cwd: project });
    return { ok: true, output: stdout + stderr };
  } catch (error) {
    return { ok: false, output: String(error instanceof Error && 'stdout' in error ? error.stdout : error) };
  }
}

const APPLICATION = `
import { graphql } from 'react-relay';
export const inbox = graphql\`
  query inboxQuery($count: Int!, $cursor: String) { ...inbox_proposals @arguments(count: $count, cursor: $cursor) viewer { actor } }
\`;
export const list = graphql\`
  fragment inbox_proposals on Query @argumentDefinitions(count: { type: "Int", defaultValue: 20 }, cursor: { type: "String" }) @refetchable(queryName: "inboxPageQuery") {
    proposals(first: $count, after: $cursor, filter: { states: [OPEN] }) @connection(key: "inbox_proposals") { edges { node { ...inbox_proposal } } }
  }
\`;
export const row = graphql\`
  fragment inbox_proposal on Proposal @refetchable(queryName: "inboxProposalQuery") { id title state createdAt diff { stats { additions deletions } files(first: 5) { edges { node { path status } } } } }
\`;
export const approve = graphql\`
  mutation inboxApproveMutation($input: ReviewProposalInput!) {
    reviewProposal(input: $input) { __typename ... on ReviewProposalSuccess { proposal { ...inbox_proposal } } ... on Problem { code message hint } ... on StaleHead { actualHead } }
  }
\`;
export const changes = graphql\`
  subscription inboxChangesSubscription($after: String) { proposalChanged(after: $after) { cursor kind proposal { ...inbox_proposal } ... on ProposalReviewed { review { verdict } } } }
\`;
`;

test('relay-compiler takes the schema, with pages, refetching by id, refusals and subscriptions', async () => {
  const { ok, output } = await compile(APPLICATION);
  expect({ ok, output }).toMatchObject({ ok: true });
  const artifacts = await readdir(join(project, 'generated'));
  expect(artifacts).toEqual(expect.arrayContaining(['inboxQuery.graphql.ts', 'inboxPageQuery.graphql.ts', 'inboxProposalQuery.graphql.ts', 'inboxApproveMutation.graphql.ts', 'inboxChangesSubscription.graphql.ts']));
});

test('relay-compiler refuses a field that is not there, so the test above means something', async () => {
  const { ok } = await compile(APPLICATION.replace('title state', 'title colour'));
  expect(ok).toBe(false);
});
