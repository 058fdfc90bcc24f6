import { encodeGlobalId } from '../../src/domain/global-id.js';
import { fileAddress } from '../../src/operations/reading/addresses.js';
import { blobOf, readBase64, readBlobSize, readIsBinary, readText } from '../../src/operations/reading/read-file.js';
import { readEntries, readEntrySize } from '../../src/operations/reading/read-tree.js';
import { readRepoOf } from '../../src/operations/reading/readable-repo.js';
import { TreeEntryConnection } from '../connections.js';
import { FileMode } from '../enums/branch.js';
import { fileMode } from '../file-mode.js';
import { connect, forwardArgs, pageCost } from '../pagination.js';
import { Blob, File, Node, Tree, TreeEntry } from '../refs.js';

Tree.implement({
  description: 'A directory as one commit has it.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, made of repository, commit and path.', resolve: ({ repoId, commit, path }) => encodeGlobalId({ type: 'Tree', repoId, commit, path }) }),
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The object id.' }),
    path: t.exposeString('path', { description: 'The path from the root; empty for the root itself.' }),
    entries: t.field({
      type: TreeEntryConnection,
      description: 'What is in it, in git’s order; not what is in its directories.',
      args: { ...forwardArgs },
      complexity: pageCost,
      resolve: (tree, args, { request }) => connect(request, args, { field: 'Tree.entries', parent: `${tree.repoId}:${tree.oid}` }, (page) => readEntries(request, tree, page)),
    }),
  }),
});

TreeEntry.implement({
  description: 'One entry of a directory.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name; bytes that are no UTF-8 are shown as `\\ooo`.' }),
    path: t.exposeString('path', { description: 'Its path from the root.' }),
    mode: t.field({ type: FileMode, description: 'What it is.', resolve: ({ mode }) => fileMode(mode) }),
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The object id; of a submodule, the commit in the other repository.' }),
    size: t.field({ type: 'SafeInt', nullable: true, description: 'Bytes of its content; null for directories and submodules.', resolve: (entry, _args, { request }) => readEntrySize(request, entry) }),
  }),
});

File.implement({
  description: 'A file as one commit has it.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id, made of repository, commit and path.', resolve: ({ repoId, commit, path }) => encodeGlobalId({ type: 'File', repoId, commit, path }) }),
    path: t.exposeString('path', { description: 'The path from the root.' }),
    mode: t.field({ type: FileMode, description: 'What it is; never DIRECTORY.', resolve: ({ mode }) => fileMode(mode) }),
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The object id of its content; of a submodule, the commit in the other repository.' }),
    blob: t.field({ type: Blob, nullable: true, description: 'Its content; null for a submodule.', resolve: (file) => blobOf(file) }),
  }),
});

Blob.implement({
  description: 'The content of a file. Each field reads only what it needs.',
  fields: (t) => ({
    oid: t.expose('oid', { type: 'GitObjectID', description: 'The object id.' }),
    size: t.field({ type: 'SafeInt', description: 'Bytes.', resolve: (blob, _args, { request }) => readBlobSize(request, blob) }),
    isBinary: t.boolean({ description: 'True when there is a NUL among the first 8000 bytes, as git decides it.', resolve: (blob, _args, { request }) => readIsBinary(request, blob) }),
    text: t.string({ nullable: true, description: 'The content as text; null when it is not UTF-8 or above the limit `inlineFileBytes`.', resolve: (blob, _args, { request }) => readText(request, blob) }),
    base64: t.string({ nullable: true, description: 'The content in base64; null above the limit `inlineFileBytes`.', resolve: (blob, _args, { request }) => readBase64(request, blob) }),
    url: t.string({
      nullable: true,
      description: 'Where the bytes are served, as a path on this server; the same key opens it. Null where no commit has them.',
      resolve: async ({ repoId, at }, _args, { request }) => (at === null ? null : fileAddress((await readRepoOf(request, repoId)).name, at.commit, at.path)),
    }),
  }),
});
