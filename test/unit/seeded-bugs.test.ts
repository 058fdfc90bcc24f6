import { describe, expect, it } from 'vitest';
import { AUTHORIZATION, callSites, withoutCall } from '../seeded-bugs/sites.js';

const SOURCE = `import { authorize } from './authorize.js';
export function authorize(viewer: Viewer): Problem | null {
const refusal = authorize(viewer, f('x')) ?? broken(input);
if (!isAllowed(request, 'readAudit') || keys.isAllowed(1)) return null;
`;

describe('the calls that are taken out', () => {
  it('are all calls of these functions, and no declaration, import or method', () => {
    expect(callSites(SOURCE, AUTHORIZATION).map(({ name, line }) => [name, line])).toEqual([['authorize', 3], ['isAllowed', 4]]);
  });

  it('leave the answer that lets everything pass', () => {
    const [first, second] = callSites(SOURCE, AUTHORIZATION);
    if (first === undefined || second === undefined) throw new TypeError('there are two calls');
    expect(withoutCall(SOURCE, first, AUTHORIZATION)).toBe(SOURCE.replace("authorize(viewer, f('x'))", 'null'));
    expect(withoutCall(SOURCE, second, AUTHORIZATION)).toBe(SOURCE.replace("isAllowed(request, 'readAudit')", 'true'));
  });
});
