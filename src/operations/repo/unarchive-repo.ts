import * as problems from '../../domain/problems.js';
import { standingVerb } from './repo-standing.js';

/**
 * Lets an archived repository be written again; all is as it was. Needs ADMIN.
 *
 * Refuses: NotFound, Forbidden, StaleHead (`expectedVersion`), InvalidState (not archived), Busy.
 */
export const unarchiveRepo = standingVerb({
  kind: 'UNARCHIVE_REPO',
  action: 'unarchiveRepo',
  change: { archived: false },
  event: { kind: 'REPO_UPDATED', changed: ['archived'] },
  refusal: (repo) => (repo.archivedAt === null ? problems.repoNotArchived(repo.name) : null),
});
