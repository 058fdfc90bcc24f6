import { buildSchema, execute, getNamedType, parse, type ExecutionResult } from 'graphql';
import { beforeEach, describe, expect, it } from 'vitest';
import { schema as weir } from '../../schema/index.js';
import type { Context } from '../../schema/context.js';
import type { Viewer } from '../../src/auth/viewer.js';
import type { EventKind } from '../../src/domain/operation.js';
import type { LoggedEvent } from '../../src/domain/ports/event-log.js';
import { Audiences, type Seat } from '../../src/server/graphql/audiences.js';
import type { Operation } from '../../src/server/graphql/operation.js';
import { FakeStorage, requestTo } from '../support/fake-gateway.js';

const schema = buildSchema('type Query { a: Int } type Told { who(size: Int, full: Boolean): String slow: String bad: String } type Subscription { told(after: String, filter: String): Told }');

/** Each resolving of the field `who`: for whom, and with what arguments. */
let resolved: { readonly actor: string; readonly keyId: string; readonly args: unknown; readonly signal: AbortSignal }[];
let finishSlow: ((text: string) => void)[];
/** What the shared reader is at the moment; another object is another reader. */
let reader: Context['request']['reader'];
let audiences: Audiences;

interface Fields {
  who(args: unknown, context: Context): string;
  slow(): Promise<string>;
  bad(): never;
}
const told: Fields = {
  who(args, { request: { viewer, signal } }) {
    resolved.push({ actor: viewer.actor, keyId: viewer.key.id, args, signal });
    return `${viewer.key.id} ${viewer.actor} ${JSON.stringify(args)}`;
  },
  slow: () => new Promise((resolve) => finishSlow.push(resolve)),
  bad() {
    throw new TypeError('on purpose');
  },
};
const subscription = schema.getSubscriptionType()?.getFields()['told'];
if (subscription !== undefined) subscription.resolve = () => told;

beforeEach(() => {
  resolved = [];
  finishSlow = [];
  const { gateway, reader: first } = requestTo(new FakeStorage());
  reader = first;
  const events = { readerFor: () => reader, now: () => expect.fail(), reaches: () => expect.fail(), follow: () => expect.fail() };
  // The fake gateway answers for all that is not set here.
  const withEvents = new Proxy(gateway, { get: (target, name) => (name === 'events' ? events : Reflect.get(target, name)) });
  audiences = new Audiences({ schema, gateway: withEvents, introspection: true, mask: (result, requestId) => (result.errors === undefined ? result : { ...result, extensions: { masked: requestId } }) });
});

const BASE = requestTo(new FakeStorage()).viewer;

function viewer({ actor = 'ada', onBehalfOf = null, ...key }: Partial<Viewer['key']> & { readonly onBehalfOf?: string | null } = {}): Viewer {
  return { actor, onBehalfOf, key: { ...BASE.key, scopes: ['READ'], repos: ['**'], ...key } };
}

function event(position: number, index = 0): LoggedEvent {
  return { cursor: { position, index }, stream: 1, seq: position, at: new Date(0), actor: 'ada', keyId: 'k', runId: null, payload: { kind: 'REPO_UPDATED', repoName: 'r' } };
}

const [FIELDS, ALIAS, ARGUMENT] = ['{ told { __typename who } }', '{ told { me: who } }', '{ told { who(size: 3) } }'].map((selection) => parse(`subscription ${selection}`));
const WHO = parse('subscription ($after: String, $size: Int) { told(after: $after) { who(size: $size) } }');

function join(operation: { readonly [K in keyof Operation]?: Operation[K] | undefined } = {}, of: Viewer = viewer()): Seat {
  return audiences.join({ ...operation, document: operation.document ?? WHO }, of, 'request-1');
}

/** Tells two subscribers of one event; answers how many times it was resolved, and both results. */
async function tellBoth(a: Seat, b: Seat): Promise<readonly [number, ExecutionResult, ExecutionResult]> {
  const before = resolved.length;
  const [one, other] = await Promise.all([a.tell(event(1)), b.tell(event(1))]);
  return [resolved.length - before, one, other];
}

describe('an audience', () => {
  it('is told an event once, in one result that has its cursor', async () => {
    const seats = Array.from({ length: 50 }, () => join());
    const results = await Promise.all(seats.map((seat) => seat.tell(event(1))));
    expect([new Set(results).size, resolved.length]).toEqual([1, 1]);
    expect(results[0]).toEqual({ data: { told: { who: 'key000000001 ada {}' } }, extensions: { cursor: expect.any(String) } });
  });

  it('is told each event by itself', async () => {
    const [a, b] = [join(), join()];
    const results = await Promise.all([event(1), event(1, 1), event(2), event(11)].flatMap((each) => [a.tell(each), b.tell(each)]));
    expect([new Set(results).size, new Set(results.map(({ extensions }) => extensions?.['cursor'])).size]).toEqual([4, 4]);
  });

  it('is told with the new reader when there is one, whatever was told of the event before', async () => {
    const [a, b] = [join(), join()];
    const first = await a.tell(event(1));
    reader = requestTo(new FakeStorage()).reader;
    const [second, third] = await Promise.all([b.tell(event(1)), a.tell(event(1))]);
    expect([second === first, third === second, resolved.length]).toEqual([false, true, 2]);
  });

  it('is the same for whoever resumes after another cursor, or filters otherwise', async () => {
    const text = 'subscription ($after: String, $filter: String) { told(after: $after, filter: $filter) { who } }';
    const document = parse(text);
    const [times] = await tellBoth(join({ document, variableValues: { after: 'x', filter: 'a' } }), join({ document, variableValues: { after: 'y' } }));
    expect(times).toBe(1);
  });

  it('of one is remembered by nobody', async () => {
    const seat = join();
    expect(await seat.tell(event(1))).not.toBe(await seat.tell(event(1)));
  });

  it.each<[string, () => readonly [Seat, Seat]]>([
    ['another key', () => [join(), join({}, viewer({ id: 'key000000002' }))]],
    ['another actor', () => [join(), join({}, viewer({ actor: 'bob' }))]],
    ['somebody on whose behalf it asks', () => [join(), join({}, viewer({ onBehalfOf: 'ada' }))]],
    ['other scopes', () => [join(), join({}, viewer({ scopes: ['READ', 'AUDIT'] }))]],
    ['other repositories', () => [join(), join({}, viewer({ repos: ['team/**'] }))]],
    ['other branches to read', () => [join(), join({}, viewer({ readBranches: ['main'] }))]],
    ['other branches to write', () => [join(), join({}, viewer({ branches: ['main'] }))]],
    ['other paths', () => [join(), join({}, viewer({ paths: ['src/**'] }))]],
    ['another value of a variable of the selection', () => [join({ variableValues: { size: 1 } }), join({ variableValues: { size: 2 } })]],
    ['null for a variable of the selection', () => [join(), join({ variableValues: { size: null } })]],
    ['other fields', () => [join(), join({ document: FIELDS })]],
    ['an alias', () => [join(), join({ document: ALIAS })]],
    ['another argument', () => [join(), join({ document: ARGUMENT })]],
  ])('with %s is another one', async (_what, seats) => {
    const [a, b] = seats();
    // A second member each, so that both are remembered.
    const twins = seats();
    const [times, one, other] = await tellBoth(a, b);
    expect([times, one === other]).toEqual([2, false]);
    expect(await twins[0].tell(event(1))).toBe(one);
    expect(await twins[1].tell(event(1))).toBe(other);
  });

  it.each([
    ['a directive of the root field', 'subscription ($v: Boolean = false) { told @skip(if: $v) { who } }'],
    ['a fragment', 'subscription ($v: Boolean = false) { told { ...F } } fragment F on Told { who(full: $v) }'],
    ['a fragment at the root', 'subscription ($v: Boolean = false) { ...S } fragment S on Subscription { told { who(full: $v) } }'],
    ['an argument below', 'subscription ($v: Boolean = false) { told { who(full: $v) } }'],
  ])('is another one by a variable in %s', async (_where, text) => {
    const document = parse(text);
    const seats = [true, false, true, false].map((v) => join({ document, variableValues: { v } }));
    const results = await Promise.all(seats.map((seat) => seat.tell(event(1))));
    expect([results[0] === results[2], results[1] === results[3], results[0] === results[1]]).toEqual([true, true, false]);
    expect(results[0]).not.toEqual(results[1]);
  });

  it('is another one by the operation of the document', async () => {
    const document = parse('subscription A { told { who(size: 1) } } subscription B { told { who(size: 2) } }');
    const [, one, other] = await tellBoth(join({ document, operationName: 'A' }), join({ document, operationName: 'B' }));
    expect([one.data, other.data]).toEqual([{ told: { who: 'key000000001 ada {"size":1}' } }, { told: { who: 'key000000001 ada {"size":2}' } }]);
  });

  it('stops what is being resolved when its last one leaves, and not before', async () => {
    const [a, b] = [join(), join()];
    await a.tell(event(1));
    const [first] = resolved;
    a.leave();
    a.leave();
    expect(first?.signal.aborted).toBe(false);
    b.leave();
    expect(first?.signal.aborted).toBe(true);
    await join().tell(event(1));
    expect(resolved.at(-1)?.signal.aborted).toBe(false);
  });

  it('waits together for what takes long, also who comes late', async () => {
    const document = parse('subscription { told { slow } }');
    const [a, b] = [join({ document }), join({ document })];
    const results = Promise.all([a.tell(event(1)), b.tell(event(1))]);
    const late = join({ document }).tell(event(1));
    for (const finish of finishSlow) finish('done');
    expect([finishSlow.length, (await results)[0] === (await late)]).toEqual([1, true]);
  });

  it('is told of errors in one masked result too', async () => {
    const document = parse('subscription { told { bad } }');
    const [, one, other] = await tellBoth(join({ document }), join({ document }));
    expect(one).toBe(other);
    expect(one).toMatchObject({ data: { told: { bad: null } }, extensions: { masked: 'request-1', cursor: expect.any(String) } });
  });

  it('has no more than a thousand events remembered', async () => {
    const [a, b] = [join(), join()];
    const first = await a.tell(event(1));
    for (let position = 2; position <= 1024; position++) await a.tell(event(position));
    expect(await b.tell(event(1))).toBe(first);
    await a.tell(event(1025));
    expect(await b.tell(event(1))).not.toBe(first);
  });
});

describe('a subscription of the schema', () => {
  /** Two values of each type that an argument has. */
  const VALUES: Readonly<Record<string, readonly [string, string]>> = { String: ['"one"', '"two"'], Int: ['1', '2'], EventFilter: ['{ repos: ["one"] }', '{ kinds: [REPO_DELETED], actor: "nobody" }'] };
  const KINDS: Readonly<Record<string, EventKind>> = { branchMoved: 'BRANCH_MOVED', proposalOpened: 'PROPOSAL_OPENED', proposalChanged: 'PROPOSAL_CLOSED', events: 'REPO_UPDATED' };
  const fields = Object.values(weir.getSubscriptionType()?.getFields() ?? {});

  it.each(fields.map(({ name, args }) => [name, args] as const))('%s tells of an event the same whatever its arguments are', async (name, args) => {
    const told = event(1);
    const rootValue = { ...told, payload: { ...told.payload, kind: KINDS[name] } };
    const results = await Promise.all([0, 1].map((which) => {
      const given = args.map((arg) => `${arg.name}: ${VALUES[getNamedType(arg.type).name]?.[which]}`).join(', ');
      const contextValue: Context = { request: requestTo(new FakeStorage()), telling: told.cursor };
      return execute({ schema: weir, document: parse(`subscription { ${name}(${given}) { __typename kind cursor repoName actor at } }`), rootValue, contextValue });
    }));
    expect(results[0]).toEqual(results[1]);
    expect(results[0]).toMatchObject({ data: { [name]: { kind: KINDS[name], actor: 'ada' } } });
  });
});
