import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_BRANCH_NAMING: 'strict', WEIR_BRANCH_PATTERNS: 'session/<id>, proposal/<feature>-<run-id>, fix/<ticket>' } });
});
afterAll(() => gateway.close());

const PROBLEM = '__typename ... on InvalidInput { field rule message hint } ... on NameTaken { name }';
const CREATE_REPO = `mutation ($input: CreateRepoInput!) { createRepo(input: $input) { ${PROBLEM} ... on CreateRepoSuccess { repo { settings { naming { mode patterns } } } } } }`;
const UPDATE_REPO = `mutation ($input: UpdateRepoInput!) { updateRepo(input: $input) { ${PROBLEM} ... on UpdateRepoSuccess { repo { version settings { approvalsRequired naming { mode patterns } } } } } }`;
const CREATE = `mutation ($input: CreateBranchInput!) { createBranch(input: $input) { ${PROBLEM} ... on CreateBranchSuccess { branch { id kind } } } }`;
const DELETE = 'mutation ($input: DeleteBranchInput!) { deleteBranch(input: $input) { __typename } }';
const RESTORE = `mutation ($input: RestoreBranchInput!) { restoreBranch(input: $input) { ${PROBLEM} ... on RestoreBranchSuccess { branch { name } } } }`;

async function create(repo: string, name: string) {
  const { createBranch } = await gateway.data(CREATE, { input: { repo, name } });
  return createBranch;
}

describe('a naming policy', () => {
  it('of the server is told, and holds in a repository that has none', async () => {
    expect(await gateway.data('{ server { branchNaming { mode patterns } } }')).toEqual({
      server: { branchNaming: { mode: 'STRICT', patterns: ['session/<id>', 'proposal/<feature>-<run-id>', 'fix/<ticket>'] } },
    });
    await gateway.data(CREATE_REPO, { input: { name: 'plain' } });
    for (const [name, kind] of [['session/1', 'SESSION'], ['proposal/login-r1', 'PROPOSAL'], ['fix/7', 'OTHER']]) {
      expect(await create('plain', name ?? '')).toMatchObject({ __typename: 'CreateBranchSuccess', branch: { kind } });
    }
    expect(await create('plain', 'feature/7')).toEqual({
      __typename: 'InvalidInput', field: 'name', rule: 'branch-name/server-policy',
      message: 'The branch name "feature/7" fits no pattern of this server: "session/<id>", "proposal/<feature>-<run-id>", "fix/<ticket>".',
      hint: 'Name it like "session/id1"; a word in angle brackets stands for what you choose.',
    });
    expect(await create('plain', 'proposal/login-')).toMatchObject({ rule: 'branch-name/server-policy' });
    expect(await create('plain', 'a..b')).toMatchObject({ rule: 'branch-name/double-dot' });
  });

  it('of a repository asks for more, never for less', async () => {
    const { createRepo } = await gateway.data(CREATE_REPO, { input: { name: 'own', defaultBranch: 'trunk', settings: { naming: { mode: 'STRICT', patterns: ['fix/<ticket>', 'wild/<any>'] } } } });
    expect(createRepo.repo.settings.naming).toEqual({ mode: 'STRICT', patterns: ['fix/<ticket>', 'wild/<any>'] });
    expect(await create('own', 'fix/7')).toMatchObject({ __typename: 'CreateBranchSuccess' });
    expect(await create('own', 'session/1')).toMatchObject({ rule: 'branch-name/repository-policy' });
    expect(await create('own', 'wild/1')).toMatchObject({ rule: 'branch-name/server-policy' });
    expect(await create('own', 'trunk')).toMatchObject({ __typename: 'NameTaken' });
  });

  it('is set as a whole, its missing members to their defaults, and other sections stay', async () => {
    await gateway.data(CREATE_REPO, { input: { name: 'set', settings: { approvalsRequired: 3, naming: { mode: 'STRICT', patterns: ['fix/<ticket>'] } } } });
    const { updateRepo } = await gateway.data(UPDATE_REPO, { input: { repo: 'set', settings: { naming: { mode: 'STRICT' } } } });
    expect(updateRepo.repo).toEqual({ version: 2, settings: { approvalsRequired: 3, naming: { mode: 'STRICT', patterns: ['session/<id>', 'proposal/<feature>-<run-id>'] } } });
  });

  it.each([
    [{ mode: 'STRICT', patterns: [] }, 'settings.naming.patterns', 'naming/none'],
    [{ patterns: ['ok/<id>', 'a*'] }, 'settings.naming.patterns[1]', 'naming/pattern'],
    [{ patterns: ['<a><b>'] }, 'settings.naming.patterns[0]', 'naming/pattern'],
    [{ patterns: Array.from({ length: 51 }, () => 'a') }, 'settings.naming.patterns', 'naming/too-many'],
  ])('is refused with what no name could fit: %j', async (naming, field, rule) => {
    expect(await gateway.data(UPDATE_REPO, { input: { repo: 'plain', settings: { naming } } })).toMatchObject({ updateRepo: { __typename: 'InvalidInput', field, rule } });
  });

  it('holds for branches that come back, which then take another name', async () => {
    await gateway.data(CREATE_REPO, { input: { name: 'back' } });
    const { branch } = await create('back', 'session/1');
    await gateway.data(DELETE, { input: { repo: 'back', name: 'session/1' } });
    await gateway.data(UPDATE_REPO, { input: { repo: 'back', settings: { naming: { mode: 'STRICT', patterns: ['fix/<ticket>'] } } } });
    expect(await gateway.data(RESTORE, { input: { id: branch.id } })).toMatchObject({ restoreBranch: { field: 'name', rule: 'branch-name/repository-policy' } });
    expect(await gateway.data(RESTORE, { input: { id: branch.id, name: 'fix/1' } })).toMatchObject({ restoreBranch: { branch: { name: 'fix/1' } } });
  });
});
