import { authorize } from '../../auth/authorize.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import type { Placed } from '../../domain/ports/reader.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Request } from '../request.js';
import { QueryError } from './query-error.js';

/** True when the key may read this repository at all. */
export function mayReadRepo(request: Request, repoName: string): boolean {
  return authorize(request.viewer, 'readRepo', { repoName }) === null;
}

/** A repository by name or by node id ("Repo:…"); null when it is absent or not readable, which look alike. */
export function readableRepo(request: Request, ref: string): Promise<RepoRecord | null> {
  return byRef(request, ref, (name) => request.reader.repoByName(name));
}

/**
 * The same for whoever needs nothing of the row but its id and its name, and asks for the rest by them: the database is not asked for
 * a name that was found less than half a second ago.
 */
export function readableRepoIdentity(request: Request, ref: string): Promise<RepoRecord | null> {
  return byRef(request, ref, (name) => request.gateway.storage.repoNamed(name));
}

async function byRef(request: Request, ref: string, named: (name: string) => Promise<RepoRecord | null>): Promise<RepoRecord | null> {
  const id = decodeGlobalId(ref);
  if (id !== null) return id.type === 'Repo' && (await isWithinReach(request, 'Repo', id.id)) ? readableRepoById(request, id.id) : null;
  // Decided by the name alone, before anything is looked up: what is hidden and what is absent then take the same time.
  return mayReadRepo(request, ref) ? ifReadable(request, await named(ref)) : null;
}

/**
 * True when the key may read the thing with this row, as far as names decide. Asked for ids that come from outside, before anything is read
 * by them: what is hidden and what is absent then take the same time.
 */
export async function isWithinReach(request: Request, kind: Placed, id: number): Promise<boolean> {
  const place = await request.reader.whereabouts(kind, id);
  if (place === null) return false;
  return kind === 'Repo' ? mayReadRepo(request, place.repoName) : authorize(request.viewer, 'readBranch', place) === null;
}

/** A repository by its row's id; null when it is absent or not readable. */
export async function readableRepoById(request: Request, repoId: number): Promise<RepoRecord | null> {
  return ifReadable(request, await request.reader.repo(repoId));
}

function ifReadable(request: Request, repo: RepoRecord | null): RepoRecord | null {
  return repo !== null && mayReadRepo(request, repo.name) ? repo : null;
}

/** The repository of something that the key could read. Rejects with UNAVAILABLE when it was deleted in that very moment. */
export async function readRepoOf(request: Request, repoId: number): Promise<RepoRecord> {
  return present(await request.reader.repo(repoId), 'repository');
}

/** A row that was there a moment ago and must still be; rejects with UNAVAILABLE otherwise, since asking again gives the answer. */
export function present<T>(row: T | null, noun: string): T {
  if (row === null) throw new QueryError('UNAVAILABLE', `The ${noun} was deleted while it was read; ask again.`);
  return row;
}
