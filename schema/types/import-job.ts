import { encodeGlobalId } from '../../src/domain/global-id.js';
import { readableRepoById } from '../../src/operations/reading/readable-repo.js';
import { ImportState } from '../enums/import.js';
import { Problem } from '../problems.js';
import { ImportJob, Node, Repo } from '../refs.js';

ImportJob.implement({
  description: 'An import of a repository from an address. It goes on when a gateway is stopped or killed; the repository is there whole, or not at all.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'ImportJob', id }) }),
    state: t.expose('state', { type: ImportState, description: 'How far it is.' }),
    repoName: t.exposeString('repoName', { description: 'The name that the repository has, or is to have.' }),
    url: t.exposeString('url', { description: 'From where it is imported.' }),
    repo: t.field({ type: Repo, nullable: true, description: 'The repository; null before it is there, and when it is there no more.', resolve: ({ repoId }, _args, { request }) => (repoId === null ? null : readableRepoById(request, repoId)) }),
    problem: t.field({ type: Problem, nullable: true, description: 'Why it failed; null when it did not.', resolve: ({ problem }) => problem }),
    receivedBytes: t.field({ type: 'SafeInt', description: 'What has come over the network so far, in bytes, about a second old.', resolve: ({ receivedBytes }) => receivedBytes }),
    createdBy: t.exposeString('createdBy', { description: 'The actor who asked for it.' }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it was asked for.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it came to an end; null before.' }),
  }),
});
