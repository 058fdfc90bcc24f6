import { mirrorUrlViolation } from '../../domain/remote-url.js';
import * as problems from '../../domain/problems.js';
import { rulesOf, type Violation } from '../../domain/violation.js';
import { firstBroken } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { SetMirrorInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import { findRepo } from '../targets.js';

const violation = rulesOf('mirror-credentials');
const MAX_BYTES = 1024;

/**
 * Has a repository pushed to an address after each change, in the place of the mirror that it had: its branches become exactly those of this
 * repository, by force, and so do its tags; other references of it are left alone. Answers at once; `Repo.mirror` tells how it goes. User name and
 * password are stored sealed and never told again. Needs ADMIN.
 *
 * Refuses: InvalidInput (the address, or its host, which the operator must allow; the credentials), NotFound, Forbidden, InvalidState (archived), Unavailable (no git).
 */
export const setMirror = defineOperation<SetMirrorInput, RepoReceipt>({
  kind: 'SET_MIRROR',
  action: 'setMirror',
  sameness: ({ gateway }, { repo, url, username, password }) => ({ repo, url, username, password: gateway.mirrors.fingerprint(password ?? '') }),
  async decide(request, input) {
    const { gateway, viewer } = request;
    const target = await findRepo(request, 'setMirror', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const username = input.username ?? '';
    const password = input.password ?? '';
    const broken = firstBroken([['url', mirrorUrlViolation(input.url, gateway.mirrors.rules)], ['username', credentialViolation(username, /[:\p{Control}]/u)], ['password', credentialViolation(password, /\p{Control}/u)]]);
    if (broken !== null) return refused(broken);
    const fault = await gateway.git.fault();
    if (fault !== null) return refused(problems.gitMissing(fault));
    const credentials = username === '' && password === '' ? null : gateway.mirrors.seal({ username, password });
    return {
      kind: 'write',
      committed: () => gateway.mirrors.wake(),
      async apply(tx) {
        await tx.setMirror({ repoId: repo.id, url: new URL(input.url).href, credentials, createdBy: viewer.actor });
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: [{ kind: 'REPO_UPDATED', repoName: repo.name, changed: ['mirror'] }] },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
    };
  },
});

/** RFC 7617 (section 2) has no colon in a user name, and no control character in either. */
function credentialViolation(text: string, forbidden: RegExp): Violation | null {
  if (Buffer.byteLength(text) > MAX_BYTES) return violation('too-long', `It is longer than ${MAX_BYTES} bytes.`, 'Shorten it.');
  return forbidden.test(text) ? violation('character', 'It holds a character that HTTP cannot carry there.', 'Leave out control characters, and in a user name ":".') : null;
}
