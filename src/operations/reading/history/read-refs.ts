import { everyRow } from '../../../domain/every-row.js';
import type { RepoRecord, TagRecord } from '../../../domain/repo.js';
import type { ObjectSource, Oid } from '../../../git/objects/object-source.js';
import { peel } from '../../../git/objects/tag.js';
import type { AdvertisedRef, Advertisement } from '../../../git/protocol/advertisement.js';
import type { Request } from '../../request.js';
import { mayReadBranch } from '../readable-branch.js';

const BRANCHES = 'refs/heads/';
const TAGS = 'refs/tags/';
const PROPOSALS = 'refs/proposals/';

/**
 * The references that this key may know of, as git names them: branches of its `readBranches`, every tag, and the heads of proposals
 * from branches that it reads, as `refs/proposals/<number>/head`. HEAD names the default branch, and nothing where that is hidden.
 * With `prefixes` kinds that no name could come from are not read, and left out; names of the other kinds are not judged here.
 */
export async function readableRefs(request: Request, repo: RepoRecord, prefixes: readonly string[] = []): Promise<Advertisement> {
  // HEAD stands for a branch.
  const mayName = (kind: string): boolean => prefixes.length === 0 || prefixes.some((prefix) => kind.startsWith(prefix) || prefix.startsWith(kind) || (kind === BRANCHES && 'HEAD'.startsWith(prefix)));
  const { reader, viewer: { key } } = request;
  const every = { repoId: repo.id, nameContains: null, kind: null, runId: null, sessionId: null, deleted: false, states: null, idleAfter: 0, inactiveFor: null, marked: null, descending: false } as const;
  const [branches, tags, proposals] = await Promise.all([
    mayName(BRANCHES) ? everyRow((page) => reader.branches({ ...every, defaultBranch: repo.defaultBranch, nameGlobs: key.readBranches, orderBy: 'NAME' }, page)) : [],
    mayName(TAGS) ? readableTags(request, repo) : [],
    !mayName(PROPOSALS) ? [] : everyRow((page) => reader.proposals({ repoId: repo.id, repoGlobs: [repo.name], branchGlobs: key.readBranches, states: null, sourceBranchId: null, targetName: null, createdBy: null, runId: null }, page)),
  ]);
  const refs: AdvertisedRef[] = [
    ...branches.map(({ name, head }) => ({ name: BRANCHES + name, oid: head, peeled: null })),
    ...tags,
    ...proposals.map(({ number, head }) => ({ name: `${PROPOSALS}${number}/head`, oid: head, peeled: null })),
  ];
  refs.sort((a, b) => (a.name < b.name ? -1 : 1));
  return { head: mayReadBranch(request, repo.name, repo.defaultBranch) ? BRANCHES + repo.defaultBranch : null, refs };
}

/** Every tag of a repository that the key may read, as git names it. */
export async function readableTags(request: Request, repo: RepoRecord): Promise<AdvertisedRef[]> {
  const objects = request.gateway.storage.objects.open(repo.id);
  const tags = await everyRow((page) => request.reader.tags(repo.id, page));
  return Promise.all(tags.map(async (tag) => ({ name: TAGS + tag.name, oid: tag.oid, peeled: await peeled(objects, tag) })));
}

/** Only annotated tags peel. Those of a tree or a file, which are rare, have nothing in their row. */
async function peeled(objects: ObjectSource, { oid, commitOid, message }: TagRecord): Promise<Oid | null> {
  if (commitOid !== null) return commitOid === oid ? null : commitOid;
  return message === null ? null : (await peel(objects, oid)).oid;
}
