import { describe, expect, it } from 'vitest';
import { connect, type PagedList } from '../../schema/pagination.js';
import { cursorBinding, encodePageCursor } from '../../src/domain/cursor.js';
import type { Page, PageRequest } from '../../src/domain/ports/pages.js';
import { QueryError } from '../../src/operations/reading/query-error.js';
import type { Request } from '../../src/operations/request.js';
import { openWorld } from '../support/verbs.js';

const PAGE: Page<string> = { edges: [{ node: 'a', key: '0' }, { node: 'b', key: '1' }], hasNext: true, hasPrevious: false };

async function asked(work: (request: Request) => unknown): Promise<void> {
  const world = await openWorld();
  try {
    await work(world.as('owner'));
  } finally {
    await world.close();
  }
}

describe('a page', () => {
  it('that is at hand is answered at once, one that is read later', async () => {
    await asked(async (request) => {
      const list: PagedList = { field: 'T.f', parent: 'T:1' };
      expect(connect(request, {}, list, () => PAGE)).not.toBeInstanceOf(Promise);
      const later = connect(request, {}, list, async () => PAGE);
      expect(later).toBeInstanceOf(Promise);
      expect((await later).edges.map(({ node }) => node)).toEqual(['a', 'b']);
    });
  });

  it('makes the id of its list for its cursors alone, and only once', async () => {
    await asked(async (request) => {
      let made = 0;
      const list: PagedList = { field: 'T.f', parent: () => `T:${++made}`, rows: { order: 'NAME' } };
      const page = await connect(request, {}, list, () => PAGE);
      expect([page.pageInfo.hasNextPage, page.edges.length, made]).toEqual([true, 2, 0]);
      const binding = cursorBinding('T.f', 'T:1', { order: 'NAME' });
      expect(page.edges.map(({ cursor }) => cursor)).toEqual(['0', '1'].map((key) => encodePageCursor(binding, key)));
      expect([page.pageInfo.startCursor, page.pageInfo.endCursor, made]).toEqual([encodePageCursor(binding, '0'), encodePageCursor(binding, '1'), 1]);
    });
  });

  it('begins after a cursor of its own list, and refuses that of another whether it is read at once or later', async () => {
    await asked(async (request) => {
      const list: PagedList = { field: 'T.f', parent: () => 'T:1' };
      const seen: PageRequest[] = [];
      const read = (page: PageRequest): Page<string> => {
        seen.push(page);
        return PAGE;
      };
      const after = encodePageCursor(cursorBinding('T.f', 'T:1', {}), '1');
      await connect(request, { after }, list, read);
      expect(seen).toMatchObject([{ after: '1', backward: false }]);
      const foreign = encodePageCursor(cursorBinding('T.f', 'T:2', {}), '1');
      expect(() => connect(request, { after: foreign }, list, read)).toThrow(expect.objectContaining({ code: 'CURSOR_INVALID' }));
      const broken = connect(request, {}, list, async () => Promise.reject(new QueryError('TIMEOUT', 'Too late.')));
      await expect(broken).rejects.toMatchObject({ code: 'TIMEOUT' });
      expect(seen).toHaveLength(1);
    });
  });

  it('of nothing has no cursors', async () => {
    await asked(async (request) => {
      const { pageInfo } = await connect(request, {}, { field: 'T.f', parent: null }, (): Page<string> => ({ edges: [], hasNext: false, hasPrevious: false }));
      expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([null, null]);
    });
  });
});
