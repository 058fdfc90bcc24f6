import { encodeGlobalId } from '../../src/domain/global-id.js';
import { holdsRead } from '../../src/operations/reading/allowed.js';
import { loadCommit } from '../../src/operations/reading/read-commits.js';
import { directDiff } from '../../src/operations/reading/comparing/read-diff.js';
import { readNeighbour } from '../../src/operations/reading/read-lists.js';
import { present } from '../../src/operations/reading/readable-repo.js';
import { CheckpointOrigin, CheckpointState } from '../enums/branch.js';
import { DiffOptions } from '../inputs.js';
import { Branch, Checkpoint, Commit, Diff, Label, Node } from '../refs.js';

Checkpoint.implement({
  description:
    'One forward move of a branch: a commit through the API, a push, a merge, an import. Undo and redo step over these and make none. ' +
    'A checkpoint keeps its commit alive and readable, also after the branch is deleted.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, good as a rev.', resolve: ({ id }) => encodeGlobalId({ type: 'Checkpoint', id }) }),
    branch: t.field({
      type: Branch,
      description: 'The branch that moved, which may be deleted by now.',
      resolve: async ({ branchId }, _args, { request }) => present(await request.reader.branch(branchId), 'branch'),
    }),
    number: t.exposeInt('number', { description: '1, 2, 3 … on its branch, never used again.' }),
    origin: t.field({ type: CheckpointOrigin, description: 'Which verb moved the branch.', resolve: ({ origin }) => origin }),
    state: t.field({ type: CheckpointState, description: 'Where it stands in the timeline now.', resolve: ({ state }) => state }),
    prompt: t.string({ nullable: true, description: 'What was asked of the agent. Kept in the database, never in the commit; null when none was given or it was erased.', resolve: ({ id }, _args, { request }) => request.reader.prompt(id) }),
    message: t.exposeString('message', { description: 'The commit message as it was given, without trailers.' }),
    metadata: t.field({ type: [Label], description: 'What its maker kept with it.', resolve: ({ metadata }) => metadata }),
    runId: t.exposeString('runId', { nullable: true, description: 'The run that made it.' }),
    sessionId: t.exposeString('sessionId', { nullable: true, description: 'The session that made it.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the branch moved.' }),
    createdBy: t.exposeString('createdBy', { description: 'The actor who moved it.' }),
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The id of the commit that became the head.' }),
    commit: t.field({ type: Commit, nullable: true, description: 'The commit that became the head.', resolve: ({ repoId, oid }, _args, { request }) => loadCommit(request, repoId, oid) }),
    parent: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The checkpoint that the branch was at before; null for the first.',
      resolve: ({ parentId }, _args, { request }) => readNeighbour(request, parentId),
    }),
    diff: t.field({
      type: Diff,
      nullable: true,
      description: 'What this move changed: from the head before it to the head after it.',
      args: { options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }) },
      resolve: ({ repoId, before, oid }, { options }, { request }) => (holdsRead(request) ? directDiff(repoId, before, oid, options) : null),
    }),
  }),
});
