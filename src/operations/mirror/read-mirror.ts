import { authorize } from '../../auth/authorize.js';
import type { MirrorRecord } from '../../domain/mirror.js';
import type { RepoRecord } from '../../domain/repo.js';
import type { Request } from '../request.js';

/** The mirror of a repository; null where it has none, and for a key without ADMIN over it. */
export async function readMirror({ viewer, reader }: Request, repo: RepoRecord): Promise<MirrorRecord | null> {
  return authorize(viewer, 'readMirror', { repoName: repo.name }) === null ? reader.mirror(repo.id) : null;
}
