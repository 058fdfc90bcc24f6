import type { GitOutput } from '../../../domain/ports/native-git.js';
import type { RepoRecord } from '../../../domain/repo.js';
import { ObjectMissing } from '../../../git/objects/errors.js';
import type { Oid } from '../../../git/objects/object-source.js';
import type { AdvertisedRef } from '../../../git/protocol/advertisement.js';
import { renderFetch, type FetchRequest } from '../../../git/protocol/fetch-request.js';
import type { Request } from '../../request.js';
import { readableRefs, readableTags } from './read-refs.js';
import { readableCommits, readsEveryBranch } from '../readable-commit.js';

/** A pack on its way, or one sentence for the client's terminal. */
export type PackAnswer = { readonly kind: 'PACK'; readonly output: GitOutput } | { readonly kind: 'REFUSED'; readonly sentence: string };

/** Who may ask for objects by size and type, and for single ones of them afterwards: only keys from which no branch is hidden. */
export function mayFilter(request: Request): boolean {
  return readsEveryBranch(request);
}

/**
 * The pack of a fetch. The git program serves whatever object it is asked for, and tells which commits it has: so it is asked only for
 * what this key may read, and is told only of such commits. What is hidden is refused as what is absent.
 * Rejects as `NativeGit.uploadPack` does.
 */
export async function readPack(request: Request, repo: RepoRecord, fetch: FetchRequest): Promise<PackAnswer> {
  if (fetch.filter !== null && !mayFilter(request)) return refused('This key may not read every branch, and so cannot make partial clones: clone without --filter.');
  const commits = await readableCommits(request, repo);
  // Tags matter where they are wanted themselves, or come along with what they are of.
  const tags = fetch.options.has('include-tag') || !fetch.wants.every((oid) => commits.has(oid)) ? await readableTags(request, repo) : [];
  const hidden = await firstUnreadable(request, repo, fetch.wants, { commits, tags });
  if (hidden !== null) return refused(`upload-pack: not our ref ${hidden}`);
  const left = await leftOut(request, repo, fetch.deepenNot);
  if ('unknown' in left) return refused(`upload-pack: there is no reference ${JSON.stringify(left.unknown.slice(0, 200))} to leave out`);
  const checked: FetchRequest = {
    ...fetch,
    shallow: fetch.shallow.filter((oid) => commits.has(oid)),
    deepenNot: left.names,
    negotiation: fetch.negotiation.filter((one) => typeof one === 'string' || commits.has(one.have)),
  };
  // The program deepens from where the client's history ends by what references reach: without any, it deepens nothing and says so to nobody.
  const heads = fetch.options.has('deepen-relative') ? (await readableRefs(request, repo)).refs : [];
  const references = new Map([...heads, ...tags, ...left.refs].map(({ name, oid }) => [name, oid]));
  const output = await request.gateway.git.uploadPack(repo.id, { version: fetch.version, input: renderFetch(checked), references }, request.signal);
  return { kind: 'PACK', output };
}

function refused(sentence: string): PackAnswer {
  return { kind: 'REFUSED', sentence };
}

/** Commits, and tags by their object. Whoever reads every branch may ask for trees and files too, as partial clones do. */
async function firstUnreadable(
  request: Request,
  repo: RepoRecord,
  wants: readonly Oid[],
  { commits, tags }: { readonly commits: { has(oid: Oid): boolean }; readonly tags: readonly AdvertisedRef[] },
): Promise<Oid | null> {
  const tagObjects = new Set(tags.map(({ oid }) => oid));
  for (const oid of wants) {
    if (commits.has(oid) || tagObjects.has(oid)) continue;
    if (!mayFilter(request) || !(await isContent(request, repo, oid))) return oid;
  }
  return null;
}

async function isContent(request: Request, repo: RepoRecord, oid: Oid): Promise<boolean> {
  try {
    const { type } = await request.gateway.storage.objects.open(repo.id).header(oid);
    return type === 'tree' || type === 'blob';
  } catch (error) {
    if (error instanceof ObjectMissing) return false;
    throw error;
  }
}

/** The references that `--shallow-exclude` names, in full: what git would find under a short name, among those that the key may know of. */
async function leftOut(request: Request, repo: RepoRecord, names: readonly string[]): Promise<{ readonly names: readonly string[]; readonly refs: readonly AdvertisedRef[] } | { readonly unknown: string }> {
  if (names.length === 0) return { names: [], refs: [] };
  const { refs } = await readableRefs(request, repo);
  const byName = new Map(refs.map((ref) => [ref.name, ref]));
  const found: AdvertisedRef[] = [];
  for (const name of names) {
    const ref = byName.get(name) ?? byName.get(`refs/${name}`) ?? byName.get(`refs/tags/${name}`) ?? byName.get(`refs/heads/${name}`);
    if (ref === undefined) return { unknown: name };
    found.push(ref);
  }
  return { names: found.map(({ name }) => name), refs: found };
}
