import { authorize } from '../../auth/authorize.js';
import { importUrlViolation } from '../../domain/remote-url.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import * as problems from '../../domain/problems.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { DESCRIPTION } from '../../domain/text.js';
import { firstBroken, optionalText } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { ImportFromUrlInput } from '../inputs.js';
import type { ImportReceipt } from '../receipts.js';

/**
 * Has a repository imported from an address, by whichever gateway has time: answers at once with a job to watch. What the address leads to
 * is judged when it is fetched; the repository, with every branch and tag, is there in one step when the job is DONE. Needs ADMIN.
 *
 * Refuses: InvalidInput (the name; the address, or its host, which the operator must allow), Forbidden, NameTaken, LimitExceeded, Unavailable (no git).
 */
export const startImport = defineOperation<ImportFromUrlInput, ImportReceipt>({
  kind: 'IMPORT_REPO',
  action: 'importRepo',
  async decide(request, input) {
    const { gateway, viewer } = request;
    const broken = firstBroken([['name', repoNameViolation(input.name, gateway.repoNamePattern)], optionalText(DESCRIPTION, 'description', input.description)]);
    if (broken !== null) return refused(broken);
    const refusal = authorize(viewer, 'importRepo', { repoName: input.name });
    if (refusal !== null) return refused(refusal);
    const leading = importUrlViolation(input.url, gateway.imports.rules);
    if (leading !== null) return refused(problems.invalidInput('url', leading));
    if ((await request.reader.repoByName(input.name)) !== null) return refused(problems.nameTaken('repository', input.name));
    const fault = await gateway.git.fault();
    if (fault !== null) return refused(problems.gitMissing(fault));
    return {
      kind: 'write',
      async apply(tx) {
        const { job, running } = await tx.insertImport({
          repoName: input.name, description: input.description ?? null, url: new URL(input.url).href, keyId: viewer.key.id, createdBy: viewer.actor, onBehalfOf: viewer.onBehalfOf, requestId: request.requestId,
        });
        if (running > gateway.imports.most) return { kind: 'refused', problem: problems.limitExceeded('imports', gateway.imports.most, running) };
        return {
          kind: 'done',
          stream: SERVER_STREAM,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'ImportJob', id: job.id }, runId: null, events: [] },
          receipt: (operation) => ({ jobId: job.id, operation }),
        };
      },
      committed: () => gateway.imports.wake(),
    };
  },
});
