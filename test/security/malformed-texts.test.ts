import { getNamedType, getNullableType, GraphQLError, GraphQLID, GraphQLString, isEnumType, isInputObjectType, isListType, isNonNullType, isObjectType, type GraphQLField, type GraphQLInputType, type GraphQLResolveInfo } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { type Json, startGateway, type TestGateway } from '../support/gateway.js';

type Path = readonly (string | number)[];

/** A text or an id among the arguments of a field. */
interface Place {
  readonly type: string;
  readonly field: GraphQLField<unknown, unknown>;
  readonly path: Path;
}

/** Inputs within inputs that are walked into. */
const DEPTH = 8;
/** Where a file's contents stand: the only texts in which a NUL is one character among others. */
const CONTENTS = /(?:^|\.)(?:(?:write|content)\.text|replace\.0\.find|replace\.0\.with|replace\.text|input\.patch|files\.0\.text)$/u;
const MALFORMED = [['a NUL', 'a\0b'], ['half of a pair', 'a\ud800'], ['a pair the wrong way round', '\udc00\ud800']] as const;

const PLACES: readonly Place[] = Object.values(schema.getTypeMap()).flatMap((type) => {
  if (!isObjectType(type) || type.name.startsWith('__')) return [];
  return Object.values(type.getFields()).flatMap((field) => field.args.flatMap((argument) => textsOf([argument.name], argument.type).map((path) => ({ type: type.name, field, path }))));
});

function textsOf(path: Path, type: GraphQLInputType): Path[] {
  const nullable = getNullableType(type);
  if (path.length > DEPTH) return [];
  if (isListType(nullable)) return textsOf([...path, 0], nullable.ofType);
  if (isInputObjectType(nullable)) return Object.values(nullable.getFields()).flatMap((field) => textsOf([...path, field.name], field.type));
  return nullable === GraphQLString || nullable === GraphQLID ? [path] : [];
}

/** A value with this text at this place, and elsewhere only what is required. */
function filled(type: GraphQLInputType, path: Path | null, text: string): Json {
  const nullable = getNullableType(type);
  if (isListType(nullable)) return [filled(nullable.ofType, path === null ? null : path.slice(1), text)];
  if (!isInputObjectType(nullable)) return path === null ? usual(nullable) : text;
  const fields = Object.values(nullable.getFields());
  // Of alternatives one is named: the one that is meant, or any.
  const members = fields.filter(({ name, type: member }, index) => name === path?.[0] || isNonNullType(member) || (nullable.isOneOf && path === null && index === 0));
  return Object.fromEntries(members.map(({ name, type: member }) => [name, filled(member, name === path?.[0] ? path.slice(1) : null, text)]));
}

function usual(type: GraphQLInputType): Json {
  const named = getNamedType(type);
  if (isEnumType(named)) return named.getValues()[0]?.name;
  return { Int: 1, SafeInt: 1, Boolean: true, Duration: 'P1D', DateTime: '2030-01-01T00:00:00Z', GitObjectID: '0'.repeat(40) }[named.name] ?? 'text';
}

function nameOf({ type, field, path }: Place): string {
  return `${type}.${field.name}(${path.join('.')})`;
}

function dotted(path: Path): string {
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part}`)).join('').slice(1);
}

function isContents({ path }: Place): boolean {
  return CONTENTS.test(path.join('.'));
}

/** The variables and the document that ask a field of a root type. */
function asking({ type, field, path }: Place, text: string): readonly [document: string, variables: Record<string, unknown>] {
  const given = field.args.filter(({ name, type: argument }) => name === path[0] || isNonNullType(argument));
  const variables = Object.fromEntries(given.map(({ name, type: argument }) => [name, filled(argument, name === path[0] ? path.slice(1) : null, text)]));
  const declared = given.map(({ name, type: argument }) => `$${name}: ${String(argument)}`).join(', ');
  const selected = getNamedType(field.type).name.match(/^(?:String|Int|ID|SafeInt)$/u) === null ? ` { __typename ${type === 'Mutation' ? '... on InvalidInput { code field rule }' : ''} }` : '';
  return [`${type.toLowerCase()} (${declared}) { ${field.name}(${given.map(({ name }) => `${name}: $${name}`).join(', ')})${selected} }`, variables];
}

describe('every text among the arguments of the schema', () => {
  it('is found: more than 200, in inputs within inputs and beneath the roots too, and the contents of files among them', () => {
    expect(PLACES.length).toBeGreaterThan(200);
    const names = PLACES.map(nameOf);
    expect(names).toEqual(expect.arrayContaining(['Mutation.undo(input.branch)', 'Query.repo(name)', 'Repo.branch(name)', 'Mutation.createCheckpoint(input.changes.0.move.from)', 'Subscription.events(after)']));
    expect(PLACES.filter(isContents).length).toBeGreaterThan(4);
  });

  it.each(MALFORMED)('refuses %s before anything is asked', async (_, text) => {
    const taken: string[] = [];
    for (const place of PLACES) {
      if (text.includes('\0') && isContents(place)) continue;
      const { type, field, path } = place;
      const args = Object.fromEntries([[path[0], filled(field.args.find(({ name }) => name === path[0])?.type ?? GraphQLString, path.slice(1), text)]]);
      // Nothing of the context is there: whoever asks beyond the arguments fails otherwise.
      const answer: Json = await Promise.resolve().then(() => (field.subscribe ?? field.resolve)?.({}, args, {}, {} as GraphQLResolveInfo)).catch((error: unknown) => error);
      const refused = type === 'Mutation'
        ? answer?.code === 'INVALID_INPUT' && answer.rule === 'text/malformed' && answer.field === dotted(path.slice(1))
        : answer instanceof GraphQLError && answer.extensions['code'] === 'INVALID_ARGUMENT' && answer.message.includes(`"${dotted(path)}"`);
      if (!refused) taken.push(`${nameOf(place)}: ${String(answer)}`);
    }
    expect(taken).toEqual([]);
  });
});

describe('over HTTP', () => {
  let gateway: TestGateway;
  beforeAll(async () => {
    gateway = await startGateway();
    await gateway.data('mutation { createRepo(input: { name: "texts", files: [{ path: "a", text: "a" }] }) { __typename } }');
  });
  afterAll(() => gateway.close());

  it.each(MALFORMED)('%s in a variable is never INTERNAL and never taken', async (_, text) => {
    const wrong: string[] = [];
    for (const place of PLACES.filter(({ type }) => type === 'Mutation' || type === 'Query')) {
      if (text.includes('\0') && isContents(place)) continue;
      const [document, variables] = asking(place, text);
      const { data, errors } = await gateway.gql(document, variables);
      const answer = data?.[place.field.name];
      const refused = place.type === 'Mutation' ? answer?.rule === 'text/malformed' && answer.field === dotted(place.path.slice(1)) : errors?.[0]?.extensions.code === 'INVALID_ARGUMENT';
      if (!refused) wrong.push(`${nameOf(place)}: ${JSON.stringify({ data, errors }).slice(0, 200)}`);
    }
    expect(wrong).toEqual([]);
  });

  it('a literal is refused as a variable is, and half of a pair already by the syntax', async () => {
    expect((await gateway.gql(String.raw`{ repo(name: "a\u0000b") { name } }`)).errors?.[0]?.extensions.code).toBe('INVALID_ARGUMENT');
    expect((await gateway.gql(String.raw`{ repo(name: "a\ud800") { name } }`)).errors?.[0]?.extensions.code).toBe('GRAPHQL_PARSE_FAILED');
    expect(await gateway.data(String.raw`mutation { undo(input: { repo: "texts", branch: "a\u0000b" }) { ... on InvalidInput { field rule } } }`)).toEqual({ undo: { field: 'branch', rule: 'text/malformed' } });
  });

  it('a NUL in what a file holds is kept, whole', async () => {
    const input = { repo: 'texts', branch: 'main', message: 'm', changes: [{ write: { path: 'b', text: 'x\0y' } }, { edit: { path: 'a', replace: [{ find: 'a', with: 'a\0z' }] } }] };
    const { createCheckpoint } = await gateway.data('mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename ... on Problem { message } } }', { input });
    expect(createCheckpoint).toEqual({ __typename: 'CreateCheckpointSuccess' });
    const { repo } = await gateway.data('{ repo(name: "texts") { defaultBranch { head { oid } } } }');
    const read = async (path: string): Promise<string> => (await gateway.fetch(`/raw/texts/-/${repo.defaultBranch.head.oid}/${path}`)).text();
    expect([await read('a'), await read('b')]).toEqual(['a\0z', 'x\0y']);
  });

  it.each(['/raw/te%00xts/-/main/a', '/raw/texts/-/main/a%00', '/archive/te%00xts/-/main.zip', '/archive/texts/-/ma%00in.zip', '/git/te%00xts.git/info/refs?service=git-upload-pack', '/blobs/te%00xts'])('%s is no address', async (path) => {
    expect((await gateway.fetch(path, path.startsWith('/blobs') ? { method: 'POST', body: 'a' } : {})).status).toBe(404);
  });
});
