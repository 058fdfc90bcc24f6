import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY, REPO } from '../descriptions.js';

/** A repository, for verbs that need no more than that. */
export const RepoInput = builder.inputType('RepoInput', {
  description: 'A repository.',
  fields: (t) => ({
    repo: t.string({ required: true, description: REPO }),
    expectedVersion: t.int({ description: 'Refuse with StaleHead unless the repository is at this version.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});
