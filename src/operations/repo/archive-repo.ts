import * as problems from '../../domain/problems.js';
import { standingVerb } from './repo-standing.js';

/**
 * Makes a repository read-only: every verb that writes in it refuses from then on, those that are under way too. Reading, and deleting the
 * whole of it, stay possible. Needs ADMIN.
 *
 * Refuses: NotFound, Forbidden, StaleHead (`expectedVersion`), InvalidState (archived already), Busy.
 */
export const archiveRepo = standingVerb({
  kind: 'ARCHIVE_REPO',
  action: 'archiveRepo',
  change: { archived: true },
  event: { kind: 'REPO_UPDATED', changed: ['archived'] },
  refusal: (repo) => (repo.archivedAt === null ? null : problems.repoArchived(repo.name)),
});
