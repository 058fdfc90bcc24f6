import type { TestGateway } from '../../support/gateway.js';

/** A file to begin with. */
export interface SeedFile {
  readonly path: string;
  readonly text?: string;
  readonly base64?: string;
}

const CREATE_REPO = `mutation ($input: CreateRepoInput!) {
  createRepo(input: $input) { ... on CreateRepoSuccess { repo { id name defaultBranch { headOid } } } ... on Problem { code message } }
}`;
const CREATE_BRANCH = `mutation ($input: CreateBranchInput!) {
  createBranch(input: $input) { ... on CreateBranchSuccess { branch { id name headOid } } ... on Problem { code message } }
}`;
const CREATE_CHECKPOINT = `mutation ($input: CreateCheckpointInput!) {
  createCheckpoint(input: $input) { ... on CreateCheckpointSuccess { checkpoint { number oid } branch { headOid } } ... on Problem { code message } }
}`;
const OPEN_PROPOSAL = `mutation ($input: OpenProposalInput!) {
  openProposal(input: $input) { ... on OpenProposalSuccess { proposal { number head { oid } } } ... on Problem { code message } }
}`;

function succeeded<T extends { readonly code?: string; readonly message?: string }>(payload: T): T {
  if (payload.code !== undefined) throw new TypeError(`refused: ${payload.code} ${payload.message ?? ''}`);
  return payload;
}

/** Makes a repository; answers the head of its default branch. */
export async function seedRepo(gateway: TestGateway, name: string, files: readonly SeedFile[] = [{ path: 'README.md', text: '# Seed\n' }]): Promise<string> {
  const { createRepo } = await gateway.data(CREATE_REPO, { input: { name, files } });
  return succeeded(createRepo).repo.defaultBranch.headOid;
}

/** Makes a branch of the default branch. */
export async function seedBranch(gateway: TestGateway, repo: string, name: string, key?: string): Promise<void> {
  const { createBranch } = await gateway.data(CREATE_BRANCH, { input: { repo, name } }, key);
  succeeded(createBranch);
}

/** Writes one file as a checkpoint; answers the new head. */
export async function seedCheckpoint(gateway: TestGateway, repo: string, branch: string, file: SeedFile, key?: string): Promise<string> {
  const { createCheckpoint } = await gateway.data(CREATE_CHECKPOINT, { input: { repo, branch, message: `Write ${file.path}`, changes: [{ write: file }] } }, key);
  return succeeded(createCheckpoint).checkpoint.oid;
}

/** Opens a proposal of a branch into the default branch; answers its number. */
export async function seedProposal(gateway: TestGateway, repo: string, source: string, key?: string): Promise<number> {
  const { openProposal } = await gateway.data(OPEN_PROPOSAL, { input: { repo, source, title: `Merge ${source}`, body: '' } }, key);
  return succeeded(openProposal).proposal.number;
}
