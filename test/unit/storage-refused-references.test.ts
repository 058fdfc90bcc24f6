import { describe, expect, it } from 'vitest';
import { RefusedReferences } from '../../src/storage/git/refused-references.js';

/** What is found in a text that comes in pieces of so many bytes. */
function found(text: string, size: number): Pick<RefusedReferences, 'count' | 'first'> {
  const refused = new RefusedReferences();
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) refused.add(bytes.subarray(at, at + size));
  return { count: refused.count, first: refused.first };
}

describe('what git push --porcelain prints', () => {
  const PRINTED = 'To https://example.org/a.git\n=\trefs/heads/a:refs/heads/a\t[up to date]\n*\trefs/heads/!:refs/heads/!\t[new branch]\n!\trefs/heads/é:refs/heads/é\t[remote rejected] (declined (by é))\n!\t:refs/tags/v1\t[rejected]\nDone\n';

  it.each([1, 2, 7, 1000])('is read in pieces of %i bytes', (size) => {
    expect(found(PRINTED, size)).toEqual({ count: 2, first: { name: 'refs/heads/é', reason: 'declined (by é)' } });
  });

  it('may hold no refusal, one without a reason, and a line that was cut off', () => {
    expect(found('', 1)).toEqual({ count: 0, first: null });
    expect(found('!\t:refs/tags/v1\t[remote failure]\n', 9)).toEqual({ count: 1, first: { name: 'refs/tags/v1', reason: '' } });
    expect(found('!\t:refs/tags/v1\t[remote failure] (half', 9)).toEqual({ count: 0, first: null });
  });
});
