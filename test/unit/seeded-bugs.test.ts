import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { BUGS } from '../seeded-bugs/bugs.js';
import { testsLeadingTo } from '../seeded-bugs/leading.js';
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

describe('the tests that are asked about a file', () => {
  it('are those that import it, or a verb that does, and of a door those that knock', () => {
    const root = new URL('../..', import.meta.url).pathname;
    expect(testsLeadingTo(root, 'src/operations/forward-move.ts')).toEqual(expect.arrayContaining(['test/api/restore.test.ts', 'test/api/undo.test.ts']));
    expect(testsLeadingTo(root, 'src/operations/retention/give-up-repo.ts')).toContain('test/faults/give-up-repo.test.ts');
    expect(testsLeadingTo(root, 'src/webhooks/courier.ts')).toContain('test/api/webhook-deliveries.test.ts');
    expect(testsLeadingTo(root, 'src/operations/checkpoint/undo.ts')).not.toContain('test/api/archive.test.ts');
  });
});

describe('the bugs that are planted', () => {
  const root = new URL('../..', import.meta.url).pathname;

  it('are at least thirty, each with a name of its own', () => {
    expect(BUGS.length).toBeGreaterThanOrEqual(30);
    expect(new Set(BUGS.map(({ name }) => name)).size).toBe(BUGS.length);
  });

  it.each(BUGS)('$name: stands in its file once, and asks tests that are there', ({ file, from, to, tests }) => {
    expect(readFileSync(`${root}/${file}`, 'utf8').split(from)).toHaveLength(2);
    expect(to).not.toBe(from);
    expect(tests.filter((test) => !existsSync(`${root}/${test}`))).toEqual([]);
  });
});
