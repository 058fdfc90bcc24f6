import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { StorageBusy } from '../../src/domain/ports/errors.js';
import { asQueryError, gitRead } from '../../src/operations/reading/query-error.js';

/** What Node rejects with where the system says no. */
function refusedBy(code: string): Error {
  return Object.assign(new Error(`${code}: refused, open '/data/objects/2/pack-1.idx'`), { code });
}

describe('a read that cannot be answered', () => {
  it.each(['EMFILE', 'ENFILE', 'EIO', 'EACCES', 'ESTALE', 'ENOSYS'])('for the disk (%s) may be asked again, and is told no path', async (code) => {
    const error: unknown = await gitRead(() => Promise.reject(refusedBy(code))).catch((refused: unknown) => refused);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: expect.not.stringContaining('/data') });
  });

  it('for the database may be asked again', () => {
    expect(asQueryError(new StorageBusy())).toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('for anything else is not excused', async () => {
    expect(asQueryError(new TypeError('a mistake of ours'))).toBeNull();
    const missing: unknown = await open('/nowhere/at/all').catch((error: unknown) => error);
    expect(asQueryError(missing)).toBeNull();
  });
});
