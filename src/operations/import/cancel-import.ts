import { authorize } from '../../auth/authorize.js';
import { decodeGlobalId } from '../../domain/global-id.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CancelImportInput } from '../inputs.js';
import type { ImportReceipt } from '../receipts.js';

/**
 * Calls an import off. The gateway that works on it notices within a second; whatever it has fetched by then goes, and no repository is made
 * any more. Needs ADMIN.
 *
 * Refuses: NotFound, Forbidden, InvalidState (it has come to an end).
 */
export const cancelImport = defineOperation<CancelImportInput, ImportReceipt>({
  kind: 'CANCEL_IMPORT',
  action: 'cancelImport',
  async decide(request, input) {
    const ref = decodeGlobalId(input.id);
    const job = ref?.type === 'ImportJob' ? await request.reader.importJob(ref.id) : null;
    if (job === null || authorize(request.viewer, 'cancelImport', { repoName: job.repoName }) !== null) {
      return refused(authorize(request.viewer, 'cancelImport') ?? problems.notFound('import', input.id));
    }
    if (job.state !== 'RUNNING') return refused(problems.importOver(job.state));
    return {
      kind: 'write',
      async apply(tx) {
        // It may have come to an end since: another look tells how.
        if ((await tx.cancelImport(job.id)) === null) return { kind: 'moved', branchId: null };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'ImportJob', id: job.id }, runId: null, events: [] },
          receipt: (operation) => ({ jobId: job.id, operation }),
        };
      },
    };
  },
});
