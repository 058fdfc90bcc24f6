import { readDeletedRepos, readRepos } from '../../src/operations/reading/read-lists.js';
import { readableRepo, readableRepoIdentity } from '../../src/operations/reading/readable-repo.js';
import { builder } from '../builder.js';
import { DeletedRepoConnection, RepoConnection } from '../connections.js';
import { REPO } from '../descriptions.js';
import { RepoFilter, RepoOrder } from '../filters.js';
import { connect, forwardArgs, pageArgs, pageCost } from '../pagination.js';
import { Repo } from '../refs.js';
import { selectsOnly } from '../selects.js';

/** Fields of a repository that look up what they answer by its id and its name, and show nothing else of its row. */
const BY_IDENTITY: ReadonlySet<string> = new Set(['__typename', 'id', 'branch', 'checkpoint', 'commit', 'diff', 'file', 'mergePreview', 'proposal', 'tags', 'tree']);

builder.queryField('repo', (t) =>
  t.field({
    type: Repo,
    nullable: true,
    description: 'A repository by name or node id; null when it is absent or this key may not read it, which cannot be told apart.',
    args: { name: t.arg.string({ required: true, description: REPO }) },
    resolve: (_root, { name }, { request }, info) => (selectsOnly(info, BY_IDENTITY) ? readableRepoIdentity : readableRepo)(request, name),
  }),
);

builder.queryField('repos', (t) =>
  t.field({
    type: RepoConnection,
    description: 'The repositories that this key may read, by name unless ordered otherwise.',
    args: {
      ...pageArgs,
      filter: t.arg({ type: RepoFilter, description: 'Which repositories; all unless given.' }),
      orderBy: t.arg({ type: RepoOrder, description: 'The order; by name unless given.' }),
    },
    complexity: pageCost,
    resolve: (_root, { filter, orderBy, ...args }, { request }) =>
      connect(request, args, { field: 'Query.repos', parent: null, rows: { filter, orderBy } }, (page) => readRepos(request, filter, orderBy, page)),
  }),
);

builder.queryField('deletedRepos', (t) =>
  t.field({
    type: DeletedRepoConnection,
    description: 'The deleted repositories that `restoreRepo` still brings back, within the reach of this key, the last deleted first. Needs the scope ADMIN.',
    args: { ...forwardArgs },
    complexity: pageCost,
    resolve: (_root, args, { request }) => connect(request, args, { field: 'Query.deletedRepos', parent: null }, (page) => readDeletedRepos(request, page)),
  }),
);
