import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGateway, type TestGateway } from '../support/gateway.js';
import { compareHttp, HTTP_ROWS, judge } from './http/compare-http.js';
import { openSides, type Side, type Sides } from './http/sides.js';

let gateway: TestGateway;
let sides: Sides;
beforeAll(async () => {
  gateway = await startGateway();
  sides = await openSides({ ...gateway, url: (await gateway.listen()).url });
});
afterAll(async () => {
  await sides.close();
  await gateway.close();
});

describe('the same as git http-backend', () => {
  it.each(HTTP_ROWS.filter(({ smoke }) => smoke === true).map((row) => [row.name, row] as const))('%s', async (_, row) => {
    const { here, there, fault } = await judge(row, sides);
    expect({ fault, here }).toEqual({ fault: null, here: row.differs === undefined ? there : here });
  });

  it('is told of a row that is not so, whichever way', async () => {
    const lines: string[] = [];
    const told = (line: string): void => void lines.push(line.split('\n')[0] ?? '');
    const rows = [
      { name: 'other', ask: async ({ name }: Side) => name },
      { name: 'same', ask: async () => 1, differs: { why: 'it was so once', here: 1 } },
      { name: 'unlike', ask: async ({ name }: Side) => name, differs: { why: 'it is so', here: 'git' } },
      { name: 'failing', ask: async ({ client }: Side) => client.git('nothing') },
      { name: 'right', ask: async ({ name }: Side) => name, differs: { why: 'it is so', here: 'weir' } },
    ];
    expect(await compareHttp(sides, told, rows)).toEqual({ equal: 0, deliberate: 1, different: 4 });
    expect(lines).toEqual([
      'http: other: the gateway does not do what git http-backend does',
      'http: same: the gateway does what git http-backend does, which the row says it does not',
      'http: unlike: the gateway differs, and not as the row says',
      expect.stringMatching(/^http: failing: TypeError: git nothing ended with 1/u),
    ]);
  });

  it('is at least 120 behaviours, each with a name of its own, and no difference without a sentence', () => {
    expect(HTTP_ROWS.length).toBeGreaterThanOrEqual(120);
    expect(new Set(HTTP_ROWS.map(({ name }) => name)).size).toBe(HTTP_ROWS.length);
    expect(HTTP_ROWS.filter(({ differs }) => differs !== undefined && !/^.{20,140}$/u.test(differs.why))).toEqual([]);
  });
});
