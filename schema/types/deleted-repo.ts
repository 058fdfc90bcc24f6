import { encodeGlobalId } from '../../src/domain/global-id.js';
import { DeletedRepo } from '../refs.js';

DeletedRepo.implement({
  description: 'A repository that was deleted and can be restored. It looks absent everywhere else.',
  fields: (t) => ({
    repoId: t.id({ description: 'The node id that it had and gets back: `restoreRepo` takes it.', resolve: ({ id }) => encodeGlobalId({ type: 'Repo', id }) }),
    name: t.exposeString('name', { description: 'The name that it had; another may have it now.' }),
    description: t.exposeString('description', { nullable: true, description: 'What it was about.' }),
    packBytes: t.expose('packBytes', { type: 'SafeInt', description: 'Bytes on disk of its packs, which stay until it is removed.' }),
    deletedAt: t.expose('deletedAt', { type: 'DateTime', description: 'When it was deleted.' }),
    removedAfter: t.field({
      type: 'DateTime',
      description: 'Until when it can be restored, as the server is set up now (`keepDeletedReposMs` of `server.limits`): soon after, it is removed for good.',
      resolve: ({ deletedAt }, _args, { request }) => new Date(deletedAt.getTime() + request.gateway.limits.keepDeletedReposMs),
    }),
  }),
});
