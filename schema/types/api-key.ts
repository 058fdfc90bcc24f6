import { encodeGlobalId } from '../../src/domain/global-id.js';
import { Scope } from '../enums/log.js';
import { ApiKey, Label, Node } from '../refs.js';

ApiKey.implement({
  description: 'A key of this API. Its secret is shown once, when it is made; only a hash of it is stored.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.id({ description: 'The node id.', resolve: ({ id }) => encodeGlobalId({ type: 'ApiKey', id }) }),
    name: t.exposeString('name', { description: 'What it is called in lists and in the log.' }),
    scopes: t.field({ type: [Scope], description: 'What it may do.', resolve: ({ scopes }) => [...scopes] }),
    repos: t.stringList({ description: 'Globs of the repositories it reaches; they limit everything.', resolve: ({ repos }) => [...repos] }),
    branches: t.stringList({ description: 'Globs of the branches it may write.', resolve: ({ branches }) => [...branches] }),
    readBranches: t.stringList({ description: 'Globs of the branches it may read.', resolve: ({ readBranches }) => [...readBranches] }),
    paths: t.stringList({ description: 'Globs of the paths it may write.', resolve: ({ paths }) => [...paths] }),
    actor: t.exposeString('actor', { description: 'For whom it speaks, in the log and in the rules of review.' }),
    actAs: t.stringList({ description: 'Globs of the actors it may name in `Weir-Actor`; needs ACT_AS.', resolve: ({ actAs }) => [...actAs] }),
    labels: t.field({ type: [Label], description: 'What its maker kept with it.', resolve: ({ labels }) => labels }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    createdBy: t.exposeString('createdBy', { description: 'The actor who made it.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', nullable: true, description: 'When it stops working by itself; null: never.' }),
    revokedAt: t.expose('revokedAt', { type: 'DateTime', nullable: true, description: 'When it was revoked; null while it works.' }),
    previousSecretUntil: t.expose('previousUntil', { type: 'DateTime', nullable: true, description: 'Until when the secret before its last rotation works, or worked; null: there is none.' }),
    derivedFrom: t.id({
      nullable: true,
      description: 'The node id of the key that it was derived from, with which it ends; null for a key of its own.',
      resolve: ({ lineage }) => {
        const parent = lineage.at(-1);
        return parent === undefined ? null : encodeGlobalId({ type: 'ApiKey', id: parent });
      },
    }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was last used, to the minute; null: never.' }),
  }),
});
