import { execute, parse } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { Request } from '../../src/operations/request.js';
import { urlTarget } from '../../src/storage/postgres/database-target.js';
import { receiptOf } from '../support/operations.js';
import { clientFor } from '../support/postgres.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;
let repoId: number;

beforeAll(async () => {
  world = await openWorld();
  ({ repoId } = receiptOf(await createRepo(world.as('owner'), { name: 'named/repo', files: [{ path: 'a.txt', text: 'a\n' }] })));
  await world.put('owner', 'named/repo', 'main', 'a.txt', 'b\n');
});
afterAll(() => world.close());

/** How often a request looked for a name in the database, and how often it took what is believed of it. */
interface Counted {
  readonly request: Request;
  readonly fresh: string[];
  readonly believed: string[];
}

function counted(actor: string, more: Partial<Request['viewer']['key']> = {}): Counted {
  const request = world.as(actor);
  const fresh: string[] = [];
  const believed: string[] = [];
  const { reader, viewer } = request;
  const { storage } = request.gateway;
  const readerOver = new Proxy(reader, { get: (target, name) => (name === 'repoByName' ? (asked: string) => (fresh.push(asked), target.repoByName(asked)) : bound(target, name)) });
  const storageOver = new Proxy(storage, { get: (target, name) => (name === 'repoNamed' ? (asked: string) => (believed.push(asked), target.repoNamed(asked)) : bound(target, name)) });
  return { request: { ...request, reader: readerOver, gateway: { ...request.gateway, storage: storageOver }, viewer: { ...viewer, key: { ...viewer.key, ...more } } }, fresh, believed };
}

function bound(target: object, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? value.bind(target) : value;
}

async function ask({ request }: Counted, selection: string, name = 'named/repo'): Promise<unknown> {
  const { data, errors } = await execute({ schema, document: parse(selection), variableValues: { name }, contextValue: { request } });
  expect(errors).toBeUndefined();
  return data;
}

describe('a repository by its name', () => {
  it.each([
    ['a diff', 'query ($name: String!) { repo(name: $name) { diff(from: "checkpoint:1@main", to: "main") { stats { additions deletions } } } }', { additions: 1, deletions: 1 }],
    ['a branch in a fragment', 'query ($name: String!) { repo(name: $name) { ...b ... on Repo { __typename } } } fragment b on Repo { branch(name: "main") { name } }', { name: 'main' }],
  ])('is believed where %s is all that is asked of it', async (_what, document, answer) => {
    const asked = counted('owner');
    expect(JSON.stringify(await ask(asked, document))).toContain(JSON.stringify(answer));
    expect(asked).toMatchObject({ fresh: [], believed: ['named/repo'] });
  });

  it.each([
    ['its own facts', 'query ($name: String!) { repo(name: $name) { description } }'],
    ['its name', 'query ($name: String!) { repo(name: $name) { branch(name: "main") { name } name } }'],
    ['the default branch, beside a branch', 'query ($name: String!) { repo(name: $name) { branch(name: "main") { name } defaultBranch } }'],
    ['a fact in a fragment within a fragment', 'query ($name: String!) { repo(name: $name) { ...a } } fragment a on Repo { ...b id } fragment b on Repo { updatedAt }'],
    ['a list that knows the default branch', 'query ($name: String!) { repo(name: $name) { branches { edges { node { name } } } } }'],
    ['a fact in one of two places', 'query ($name: String!) { repo(name: $name) { id } ... on Query { repo(name: $name) { settings { approvalsRequired } } } }'],
  ])('is read anew where %s is asked for', async (_what, document) => {
    const asked = counted('owner');
    expect(await ask(asked, document)).toMatchObject({ repo: {} });
    expect(asked).toMatchObject({ fresh: ['named/repo'], believed: [] });
  });

  it('shows facts as they are, also right after it was believed', async () => {
    await ask(counted('owner'), 'query ($name: String!) { repo(name: $name) { id } }');
    const described = 'query ($name: String!) { repo(name: $name) { description } }';
    const sql = clientFor(urlTarget(world.app.config.databaseUrl ?? '').options, 1);
    await sql`update repo set description = 'told' where id = ${repoId}`;
    await sql.end();
    expect(await ask(counted('owner'), described)).toEqual({ repo: { description: 'told' } });
  });

  it.each(['id', 'description'])('is not looked for at all where the key may not read it, so that hidden and absent take the same time (%s)', async (field) => {
    for (const name of ['named/repo', 'named/none']) {
      const asked = counted('stranger', { repos: ['elsewhere/**'] });
      expect(await ask(asked, `query ($name: String!) { repo(name: $name) { ${field} } }`, name)).toEqual({ repo: null });
      expect(asked).toMatchObject({ fresh: [], believed: [] });
    }
  });
});
