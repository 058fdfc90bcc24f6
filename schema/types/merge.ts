import { HUNK_ID_PREFIX } from '../../src/domain/conflict-resolution.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { decodeName } from '../../src/git/objects/tree.js';
import { loadCommit, loadCommitOrNull } from '../../src/operations/reading/read-commits.js';
import { conflictBlob, conflictMarkers, conflictSide, readConflicts } from '../../src/operations/reading/comparing/read-conflicts.js';
import { previewDiff } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { MergeConflictConnection } from '../connections.js';
import { FileMode } from '../enums/branch.js';
import { ConflictKind, MergeOutcome } from '../enums/diff.js';
import { fileMode } from '../file-mode.js';
import { DiffOptions } from '../inputs.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Blob, Commit, ConflictHunk, ConflictSide, Diff, MergeConflict, MergePreview, Node } from '../refs.js';

MergePreview.implement({
  description: 'What a merge would give, computed without writing anything. OURS is the branch that would be written, THEIRS what comes in.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({
      description: 'The node id, made of repository, commits, strategy, the part that is taken and resolutions. Long ones go into it by their digest, which only the gateway that answered understands, for a while.',
      resolve: ({ repoId, ours, theirs, strategy, resolutions, part, code }) => encodeGlobalId({ type: 'MergePreview', repoId, from: theirs, into: ours, strategy, ...(resolutions === undefined && part === undefined ? {} : { by: code }) }),
    }),
    outcome: t.field({ type: MergeOutcome, description: 'How it comes out.', resolve: ({ outcome }) => outcome }),
    bases: t.field({
      type: [Commit],
      description: 'The merge bases, best first; several are first merged into one, as git’s `ort` strategy does.',
      complexity: { field: 1, multiplier: 2 },
      resolve: ({ repoId, bases }, _args, { request }) => Promise.all(bases.map((oid) => loadCommit(request, repoId, oid))),
    }),
    from: t.field({ type: Commit, description: 'THEIRS: the commit that comes in.', resolve: ({ repoId, theirs }, _args, { request }) => loadCommit(request, repoId, theirs) }),
    into: t.field({ type: Commit, description: 'OURS: the head that would be merged into.', resolve: ({ repoId, ours }, _args, { request }) => loadCommit(request, repoId, ours) }),
    treeOid: t.field({ type: 'GitObjectID', nullable: true, description: 'The tree that the merge gives; null while it conflicts.', resolve: ({ tree }) => tree }),
    conflicts: t.field({
      type: MergeConflictConnection,
      description: 'The paths that do not merge; empty unless the outcome is CONFLICTED.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: (view, args, { request }) =>
        connect(request, args, { field: 'MergePreview.conflicts', parent: `${view.repoId}:${view.ours}:${view.theirs}:${view.code}` }, (page) => readConflicts(request, view, page)),
    }),
    diff: t.field({
      type: Diff,
      nullable: true,
      description: 'What the merge would change on the target: from its head to the merged content; null while it conflicts.',
      args: { options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }) },
      resolve: (view, { options }) => previewDiff(view, options),
    }),
  }),
});

MergeConflict.implement({
  description: 'A path that did not merge. The sides that are null have no file there.',
  fields: (t) => ({
    id: t.id({
      description: 'Made of repository, commits, the way of the merge and the path.',
      resolve: ({ spec, conflict, code }) => `MergeConflict:${spec.repoId}:${spec.ours}:${spec.theirs}:${code === '' ? '' : `${code}:`}${conflict.kind}:${decodeName(conflict.path)}`,
    }),
    path: t.string({ description: 'Where the result would have it.', resolve: ({ conflict }) => decodeName(conflict.path) }),
    paths: t.stringList({ description: 'Every path concerned, that one first.', resolve: ({ conflict }) => conflict.paths.map(decodeName) }),
    kind: t.field({ type: ConflictKind, description: 'What kept it from merging.', resolve: ({ conflict }) => conflict.kind }),
    base: t.field({ type: ConflictSide, nullable: true, description: 'The file as the merge base has it.', resolve: (view) => conflictSide(view, 'base') }),
    ours: t.field({ type: ConflictSide, nullable: true, description: 'The file as the target has it.', resolve: (view) => conflictSide(view, 'ours') }),
    theirs: t.field({ type: ConflictSide, nullable: true, description: 'The file as the incoming side has it.', resolve: (view) => conflictSide(view, 'theirs') }),
    markers: t.string({ nullable: true, description: 'The file with conflict markers, the sides named by object id, as `git merge-tree` writes it. Null where nothing can be marked, and where it is no UTF-8.', resolve: (view) => conflictMarkers(view) }),
    hunks: t.field({ type: [ConflictHunk], description: 'The places in which the sides differ; empty where the file has no lines to compare.', complexity: { field: 1, multiplier: 5 }, resolve: ({ conflict }) => [...conflict.hunks] }),
    commit: t.field({
      type: Commit,
      nullable: true,
      description: 'The commit that REBASE could not replay; the conflict is between it (THEIRS), its parent (BASE) and the target with all that was replayed before (OURS). Null for other strategies.',
      resolve: ({ spec, commit }, _args, { request }) => loadCommitOrNull(request, spec.repoId, commit),
    }),
  }),
});

ConflictSide.implement({
  description: 'A file as one side of a conflict has it.',
  fields: (t) => ({
    path: t.string({ description: 'The path that this side knows it by.', resolve: ({ side }) => decodeName(side.path) }),
    mode: t.field({ type: FileMode, description: 'What it is.', resolve: ({ side }) => fileMode(side.mode) }),
    oid: t.field({ type: 'GitObjectID', description: 'The object id of its content.', resolve: ({ side }) => side.oid }),
    blob: t.field({ type: Blob, nullable: true, description: 'Its content; null for a submodule.', resolve: (view) => conflictBlob(view) }),
  }),
});

ConflictHunk.implement({
  description: 'One place in which both sides changed the same lines.',
  fields: (t) => ({
    id: t.id({ description: 'Made of the three contents: the same for the same conflict, wherever it occurs.', resolve: ({ id }) => `${HUNK_ID_PREFIX}${id}` }),
    base: t.string({ nullable: true, description: 'The lines of the merge base; null where no single stretch of it belongs here.', resolve: ({ base }) => base?.toString('utf8') ?? null }),
    ours: t.string({ description: 'The lines of the target.', resolve: ({ ours }) => ours.toString('utf8') }),
    theirs: t.string({ description: 'The lines of the incoming side.', resolve: ({ theirs }) => theirs.toString('utf8') }),
  }),
});
