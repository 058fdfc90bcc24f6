import { standingVerb } from './repo-standing.js';

/**
 * Deletes a repository: it looks absent to every key from then on, archived or not, and its name is free for another. Its rows, objects
 * and log stay, so that `restoreRepo` brings all of it back by its id. Needs ADMIN.
 *
 * Refuses: NotFound, Forbidden, StaleHead (`expectedVersion`), Busy.
 */
export const deleteRepo = standingVerb({
  kind: 'DELETE_REPO',
  action: 'deleteRepo',
  change: { deleted: true },
  event: { kind: 'REPO_DELETED' },
  refusal: () => null,
});
