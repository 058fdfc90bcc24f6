import { startImport } from '../../src/operations/import/start-import.js';
import type { ImportReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { importOf, operationOf } from '../receipts.js';
import { ImportJob, Operation } from '../refs.js';

const Input = builder.inputType('ImportRepoInput', {
  description: 'A repository to import.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'The name that it is to have here.' }),
    url: t.string({ required: true, description: 'Its address, as "git clone" takes it: https, without a password, of a host that the operator allows. Redirects are not followed.' }),
    description: t.string({ description: 'What it is for.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ImportReceipt>('ImportRepoSuccess').implement({
  description: 'The import is under way.',
  fields: (t) => ({
    job: t.field({ type: ImportJob, description: 'The job to watch, by `node`; when it is done there is an event, `RepoCreated`.', resolve: importOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('importRepo', (t) =>
  t.field({
    type: resultOf('ImportRepo', Success, ['NAME_TAKEN']),
    description: 'Imports a repository from an address, with every branch and tag, in the background. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'A repository to import.' }) },
    resolve: (_root, { input }, context) => answer(context, startImport(context.request, input)),
  }),
);
