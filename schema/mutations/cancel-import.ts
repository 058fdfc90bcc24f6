import { cancelImport } from '../../src/operations/import/cancel-import.js';
import type { ImportReceipt } from '../../src/operations/receipts.js';
import { builder } from '../builder.js';
import { IDEMPOTENCY_KEY } from '../descriptions.js';
import { answer, resultOf } from '../problems.js';
import { importOf, operationOf } from '../receipts.js';
import { ImportJob, Operation } from '../refs.js';

const Input = builder.inputType('CancelImportInput', {
  description: 'An import to call off.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The node id of the job.' }),
    idempotencyKey: t.string({ description: IDEMPOTENCY_KEY }),
  }),
});

const Success = builder.objectRef<ImportReceipt>('CancelImportSuccess').implement({
  description: 'The import was called off: it makes no repository any more.',
  fields: (t) => ({
    job: t.field({ type: ImportJob, description: 'The job after it.', resolve: importOf }),
    operation: t.field({ type: Operation, description: 'The row of the log that tells of it.', resolve: operationOf }),
  }),
});

builder.mutationField('cancelImport', (t) =>
  t.field({
    type: resultOf('CancelImport', Success, ['INVALID_STATE']),
    description: 'Calls off an import that has not come to an end. Needs ADMIN.',
    args: { input: t.arg({ type: Input, required: true, description: 'An import to call off.' }) },
    resolve: (_root, { input }, context) => answer(context, cancelImport(context.request, input)),
  }),
);
