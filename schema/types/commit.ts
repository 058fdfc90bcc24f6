import { encodeGlobalId } from '../../src/domain/global-id.js';
import { commitTrailers, headline, loadCommit, readCommitCheckpoint } from '../../src/operations/reading/read-commits.js';
import { directDiff } from '../../src/operations/reading/comparing/read-diff.js';
import { readFileAt } from '../../src/operations/reading/read-file.js';
import { readDirectory } from '../../src/operations/reading/read-tree.js';
import { DiffOptions } from '../inputs.js';
import { Checkpoint, Commit, Diff, File, Label, Node, Signature, Tree } from '../refs.js';

Commit.implement({
  description: 'A git commit. Immutable: its id stands for the same content for ever.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, good as a rev.', resolve: ({ repoId, commit }) => encodeGlobalId({ type: 'Commit', repoId, oid: commit.oid }) }),
    oid: t.field({ type: 'GitObjectID', description: 'The object id.', resolve: ({ commit }) => commit.oid }),
    treeOid: t.field({ type: 'GitObjectID', description: 'The object id of its root directory.', resolve: ({ commit }) => commit.tree }),
    headline: t.string({ description: 'The first line of the message.', resolve: ({ commit }) => headline(commit.message) }),
    message: t.string({ description: 'The whole message, trailers included.', resolve: ({ commit }) => commit.message }),
    author: t.field({ type: Signature, description: 'Who wrote it.', resolve: ({ commit }) => commit.author }),
    committer: t.field({ type: Signature, description: 'Who committed it; the server, for commits made here.', resolve: ({ commit }) => commit.committer }),
    parents: t.field({
      type: [Commit],
      description: 'The commits it follows, first parent first; two for a merge, none for a first commit.',
      complexity: { field: 1, multiplier: 2 },
      resolve: ({ repoId, commit }, _args, { request }) => Promise.all(commit.parents.map((oid) => loadCommit(request, repoId, oid))),
    }),
    trailers: t.field({ type: [Label], description: 'The trailers of the message, such as `Weir-Run`, in order.', resolve: (view) => [...commitTrailers(view)] }),
    checkpoint: t.field({
      type: Checkpoint,
      nullable: true,
      description: 'The newest checkpoint that has this commit as its head; null when none that this key may read does.',
      args: { branch: t.arg.string({ description: 'On this branch only, by name or node id.' }) },
      resolve: (view, { branch }, { request }) => readCommitCheckpoint(request, view, branch),
    }),
    diff: t.field({
      type: Diff,
      nullable: true,
      description: 'What it changed over its first parent, or over nothing for a first commit.',
      args: { options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }) },
      resolve: ({ repoId, commit }, { options }) => directDiff(repoId, commit.parents[0] ?? null, commit.oid, options),
    }),
    tree: t.field({
      type: Tree,
      nullable: true,
      description: 'The directory at a path; null when there is none, or a file.',
      args: { path: t.arg.string({ description: 'The path from the root; the root itself unless given.' }) },
      resolve: (view, { path }, { request }) => readDirectory(request, view, path),
    }),
    file: t.field({
      type: File,
      nullable: true,
      description: 'The file at a path; null when there is none, or a directory.',
      args: { path: t.arg.string({ required: true, description: 'The path from the root, without a leading slash.' }) },
      resolve: (view, { path }, { request }) => readFileAt(request, view, path),
    }),
  }),
});

Signature.implement({
  description: 'Who and when, as a commit says it.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name.' }),
    email: t.exposeString('email', { description: 'The mail address, which need not exist.' }),
    at: t.field({ type: 'DateTime', description: 'The instant, to the second.', resolve: ({ seconds }) => new Date(seconds * 1000) }),
  }),
});
