import { graphql } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema } from '../../schema/index.js';
import type { ObjectSource } from '../../src/git/objects/object-source.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createDiffCaches } from '../../src/operations/reading/comparing/diff-caches.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import type { Request } from '../../src/operations/request.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { updateRepo } from '../../src/operations/repo/update-repo.js';
import type { PostgresStorage } from '../../src/storage/index.js';
import { openOperations, receiptOf, type OperationsFixture } from '../support/operations.js';
import { openStorageFixture, type StorageFixture } from '../support/storage-fixture.js';

let store: StorageFixture;
let operations: OperationsFixture;

beforeAll(async () => {
  [store, operations] = await Promise.all([openStorageFixture(), openOperations()]);
});

afterAll(async () => {
  await store.close();
  await operations.close();
});

/** A request over the store whose statements are counted; the rest of the gateway is that of another one. `kept`: what diffs are kept in. */
function as(actor: string, storage: PostgresStorage = store.storage, kept = operations.app.gateway.diffs): Request {
  const request = operations.as(actor);
  return { ...request, reader: storage.reader(), gateway: { ...request.gateway, storage, diffs: kept } };
}

async function ask(request: Request, source: string): Promise<string> {
  const { data, errors } = await graphql({ schema, source, contextValue: { request } });
  expect(errors).toBeUndefined();
  return JSON.stringify(data);
}

/** What was asked of rows since the last look; what the log does by itself in the background is not. */
function readsSent(): string[] {
  return store.statements().filter((statement) => /\bfrom\b/u.test(statement) && !/advisory|unplaced|event_position/u.test(statement));
}

async function propose(repo: string, source: string, files: readonly (readonly [path: string, text: string])[]): Promise<string> {
  receiptOf(await createBranch(as('agent'), { repo, name: source }));
  const changes = files.map(([path, text]) => ({ write: { path, text } }));
  receiptOf(await createCheckpoint(as('agent'), { repo, branch: source, message: 'Work', changes }));
  const { proposalId } = receiptOf(await openProposal(as('agent'), { repo, source, title: source }));
  const proposal = await store.storage.reader().proposal(proposalId);
  return proposal?.head ?? '';
}

/** The store, and how many objects of each type were read through it. */
function counted(storage: PostgresStorage): { readonly storage: PostgresStorage; readonly reads: Map<string, number> } {
  const reads = new Map<string, number>();
  const watched = (source: ObjectSource): ObjectSource => new Proxy(source, {
    get(target, name) {
      if (name !== 'read') return bound(target, name);
      return async (oid: string) => {
        const object = await target.read(oid);
        reads.set(object.type, (reads.get(object.type) ?? 0) + 1);
        return object;
      };
    },
  });
  const objects = new Proxy(storage.objects, { get: (target, name) => (name === 'open' ? (repoId: number) => watched(target.open(repoId)) : bound(target, name)) });
  return { storage: new Proxy(storage, { get: (target, name) => (name === 'objects' ? objects : bound(target, name)) }), reads };
}

function bound(target: object, name: string | symbol): unknown {
  const member: unknown = Reflect.get(target, name);
  return typeof member === 'function' ? member.bind(target) : member;
}

/** How many statements a page of the inbox sends, with so many proposals and this of each. */
async function statements(first: number, shown: string): Promise<number> {
  store.statements();
  const answer = await ask(as('rita'), `{ proposals(first: ${first}) { edges { node { ${shown} } } } }`);
  expect(answer.match(/"number"/gu)?.length).toBeGreaterThanOrEqual(first);
  return readsSent().length;
}

describe('a page of proposals', () => {
  const PROPOSALS = 12;

  beforeAll(async () => {
    const rule = { targets: ['main'], approverLabels: [{ key: 'team', value: 'core' }], paths: [{ globs: ['src/**'], approvals: 2 }] };
    for (const repo of ['statements/one', 'statements/two']) {
      receiptOf(await createRepo(as('ada'), { name: repo, files: [{ path: 'src/shared.txt', text: 'one\n' }] }));
      receiptOf(await updateRepo({ ...as('root'), viewer: operations.as('root', { scopes: ['ADMIN'] }).viewer }, { repo, settings: { approvalsRequired: 1, review: { rules: [rule] } } }));
      for (let number = 1; number <= PROPOSALS / 2; number++) {
        const head = await propose(repo, `work-${number}`, [['src/shared.txt', `${number}\n`], [`own-${number}.txt`, 'own\n']]);
        receiptOf(await reviewProposal(as('rita'), { repo, number, verdict: number % 2 === 0 ? 'APPROVE' : 'REQUEST_CHANGES', head, comments: [{ path: 'src/shared.txt', side: 'NEW', line: 1, body: 'Hm.' }] }));
      }
    }
  });

  const INBOX = 'number title state repo { name } source { name } target { name headOid } head { oid } base { oid } rules { rule satisfied explanation } reviews(first: 5) { edges { node { verdict actor stale } } } threads(first: 5) { edges { node { path line outdated resolved comments(first: 2) { edges { node { body } } } } } }';
  const RIVALS = 'number rivals(first: 3) { edges { node { proposal { number title } paths bothCanLand } } }';

  test.each([['rules, reviews and threads', INBOX, 16], ['rivals', RIVALS, 6]])('with %s takes as many statements for twelve of two repositories as for two of them', async (_what, shown, most) => {
    // The commit graph is read once.
    await statements(PROPOSALS, shown);
    const two = await statements(2, shown);
    const all = await statements(PROPOSALS, shown);
    expect(all).toBe(two);
    expect(all).toBeLessThanOrEqual(most);
  });
});

describe('the first page of a proposal', () => {
  const FILES = 400;
  const PAGE = 20;

  beforeAll(async () => {
    const files = Array.from({ length: FILES }, (_, n) => ({ path: `d${n % 20}/f${n}.txt`, text: `file ${n}\n` }));
    receiptOf(await createRepo(as('ada'), { name: 'page/of-files', files }));
    const changed = (count: number): (readonly [string, string])[] => files.slice(0, count).map(({ path, text }) => [path, `${text}more\n`]);
    await propose('page/of-files', 'large', changed(FILES));
    await propose('page/of-files', 'small', changed(PAGE));
  });

  async function open(number: number, stats: string): Promise<{ readonly answer: string; readonly blobs: number; readonly trees: number; readonly sent: readonly string[] }> {
    const { storage, reads } = counted(store.storage);
    store.statements();
    const answer = await ask(as('rita', storage, createDiffCaches(1 << 24)), `{ repo(name: "page/of-files") { proposal(number: ${number}) { title state diff { stats { ${stats} } files(first: ${PAGE}) { edges { node { path status additions deletions } } } } } } }`);
    return { answer, blobs: reads.get('blob') ?? 0, trees: reads.get('tree') ?? 0, sent: readsSent() };
  }

  test('compares the files of the page and no other, however many the proposal changes, and says how many those are', async () => {
    // Connections ask for the types of the database when they open.
    for (let warm = 0; warm < 3; warm++) await open(1, 'files');
    const [large, small] = [await open(1, 'files'), await open(2, 'files')];
    expect(large.answer).toContain(`"stats":{"files":${FILES}}`);
    expect(small.answer).toContain(`"stats":{"files":${PAGE}}`);
    expect([large.blobs, small.blobs]).toEqual([2 * PAGE, 2 * PAGE]);
    expect(large.sent).toEqual(small.sent);
  });

  test('walks the trees once for all the fields that need them', async () => {
    const { trees } = await open(1, 'files');
    // Root and 20 directories on both sides.
    expect(trees).toBe(2 * 21);
  });

  test('has the lines of all files counted when they are asked for', async () => {
    const large = await open(1, 'files additions deletions');
    expect(large.answer).toContain(`"stats":{"files":${FILES},"additions":${FILES},"deletions":0}`);
    expect(large.blobs).toBeGreaterThanOrEqual(2 * FILES);
  });
});
