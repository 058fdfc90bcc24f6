import { readMirror } from '../../src/operations/mirror/read-mirror.js';
import { builder } from '../builder.js';
import { MirrorState } from '../enums/mirror.js';
import { Mirror, Repo } from '../refs.js';

Mirror.implement({
  description: 'Where a repository is pushed to after each change: its branches and tags, and nothing else. Changes that come while a push is under way are pushed by the next.',
  fields: (t) => ({
    url: t.exposeString('url', { description: 'Where it is pushed to. User name and password are never told.' }),
    state: t.expose('state', { type: MirrorState, description: 'How it stands.' }),
    pendingSince: t.expose('pendingSince', { type: 'DateTime', nullable: true, description: 'When the first thing happened that it was not given yet; null where there is none.' }),
    lastAttemptAt: t.expose('lastAttemptAt', { type: 'DateTime', nullable: true, description: 'When a gateway last looked what there is to push; null: not yet.' }),
    lastPushedAt: t.expose('lastPushedAt', { type: 'DateTime', nullable: true, description: 'When the last push came to its end; null: none has.' }),
    nextAttemptAt: t.expose('nextAttemptAt', { type: 'DateTime', nullable: true, description: 'When a push that failed is tried again at the earliest; null unless the last attempt failed.' }),
    attempts: t.exposeInt('attempts', { description: 'How many attempts have failed since the last push.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why the last attempt failed; null when it did not. It may quote the other server.' }),
  }),
});

builder.objectField(Repo, 'mirror', (t) =>
  t.field({ type: Mirror, nullable: true, description: 'Where it is pushed to after each change; null where nowhere, and for keys without ADMIN.', resolve: (repo, _args, { request }) => readMirror(request, repo) }),
);
