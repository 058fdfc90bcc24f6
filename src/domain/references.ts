import { everyRow } from './every-row.js';
import type { Reader } from './ports/reader.js';
import type { RepoRecord } from './repo.js';

/**
 * Every reference of a repository as git names them: `refs/heads/…`, `refs/tags/…`, and the head of each proposal as
 * `refs/proposals/<number>/head`.
 */
export async function allReferences(reader: Reader, repo: RepoRecord): Promise<Map<string, string>> {
  const everything = { repoId: repo.id, nameContains: null, kind: null, runId: null, sessionId: null, deleted: false, states: null, idleAfter: 0, inactiveFor: null, marked: null, descending: false } as const;
  const branches = everyRow((page) => reader.branches({ ...everything, defaultBranch: repo.defaultBranch, nameGlobs: ['**'], orderBy: 'NAME' }, page));
  const tags = everyRow((page) => reader.tags(repo.id, page));
  const proposals = everyRow((page) =>
    reader.proposals({ repoId: repo.id, repoGlobs: ['**'], branchGlobs: ['**'], states: null, sourceBranchId: null, targetName: null, createdBy: null, runId: null }, page),
  );
  const references = new Map<string, string>();
  for (const { name, head } of await branches) references.set(`refs/heads/${name}`, head);
  for (const { name, oid } of await tags) references.set(`refs/tags/${name}`, oid);
  for (const { number, head } of await proposals) references.set(`refs/proposals/${number}/head`, head);
  return references;
}
