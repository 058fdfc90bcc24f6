import { createSourceEventStream, parse, type ExecutionResult } from 'graphql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { schema, type Context } from '../../schema/index.js';
import type { LoggedEvent } from '../../src/domain/ports/event-log.js';
import type { EventFeed } from '../../src/events/topics.js';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { Audiences } from '../../src/server/graphql/audiences.js';
import { openResults, type Results } from '../../src/server/graphql/results.js';
import { receiptOf } from '../support/operations.js';
import { KEY_KINDS } from './key-kinds.js';
import { forbiddenWords, mayRead } from './model.js';
import { CANARIES, OTHER_REPO, REPO } from './names.js';
import { fill, openMatrixWorld, textAt, valueAt, type MatrixWorld } from './world.js';

const KINDS = Object.keys(KEY_KINDS);
const COMMON = '__typename id kind actor repoName repo { name }';
const MOVE = 'branchName before after version branch { name } checkpoint { message prompt }';
const PROPOSAL = 'proposal { title body target { name } mergeCommit { message } }';

/** A document of a subscription, and what a key needs for each event that happens, in the order of the log. */
type Stream = readonly [field: string, document: string, events: readonly (readonly [type: string, guard: string])[]];
const STREAMS: readonly Stream[] = [
  ['branchMoved', `branchMoved(repo: "${REPO}") { ${COMMON} ${MOVE} }`, [['BranchMoved', 'session'], ['BranchMoved', 'main'], ['BranchMoved', 'main']]],
  ['branchMoved', `branchMoved(repo: "<repoId>", branch: "<mainId>") { ${COMMON} ${MOVE} }`, [['BranchMoved', 'main'], ['BranchMoved', 'main']]],
  ['proposalOpened', `proposalOpened { ${COMMON} ${PROPOSAL} }`, [['ProposalOpened', 'session']]],
  ['proposalChanged', `proposalChanged(repo: "${REPO}") { ${COMMON} ${PROPOSAL} ... on ProposalReviewed { review { body } } ... on ProposalMerged { commit { message } } }`, [
    ['ProposalOpened', 'session'], ['ProposalReviewed', 'session'], ['ProposalMerged', 'session'],
  ]],
  ['events', `events(filter: { repos: ["${REPO}"] }) { ${COMMON} ... on BranchMoved { ${MOVE} } ... on ProposalEvent { ${PROPOSAL} } }`, [
    ['BranchCreated', 'session'], ['BranchMoved', 'session'], ['BranchMoved', 'main'], ['ProposalOpened', 'session'], ['ProposalReviewed', 'session'], ['BranchMoved', 'main'], ['ProposalMerged', 'session'],
  ]],
];

/** Subscribers of each kind for each stream: what several are told together is told to more than one. */
const TWINS = 2;

let world: MatrixWorld;
/** One for everybody, as in a server: kinds of key that see different things must not be told together. */
let audiences: Audiences;
let cells = 0;

beforeAll(async () => {
  world = await openMatrixWorld();
  audiences = new Audiences({ schema, gateway: world.context('admin').request.gateway, introspection: true, mask: (result) => result });
});
afterAll(() => world.close());

function isLast({ payload }: LoggedEvent): boolean {
  return payload.repoName === OTHER_REPO && payload.branchName === 'session/last';
}

/** The real feed, cut off behind the event that is made last: below the rights, so that streams end whether or not they may see it. */
function untilTheLast(feed: EventFeed): EventFeed {
  return {
    ...feed,
    async *follow(after, stillAllowed, signal) {
      for await (const event of feed.follow(after, stillAllowed, signal)) {
        yield event;
        if (isLast(event)) return;
      }
    },
  };
}

function contextOf(kind: string): Context {
  const { request } = world.context(kind);
  return { request: { ...request, gateway: { ...request.gateway, events: untilTheLast(request.gateway.events) } } };
}

type Answer = Results | ExecutionResult;

/** The documents of the streams, parsed once: those who ask the same share them in a server too. */
const parsed = new Map<string, ReturnType<typeof parse>>();

function documentOf(text: string): ReturnType<typeof parse> {
  const document = parsed.get(text) ?? parse(fill(`subscription { ${text} }`, world.words));
  parsed.set(text, document);
  return document;
}

async function open(kind: string, text: string): Promise<Answer> {
  const document = documentOf(text);
  const context = contextOf(kind);
  const source = await createSourceEventStream({ schema, document, contextValue: context });
  if (!(Symbol.asyncIterator in source)) return source;
  const seat = audiences.join({ document }, context.request.viewer, `of ${kind}`);
  const { signal } = new AbortController();
  return openResults({ source: source[Symbol.asyncIterator](), tell: seat.tell, context, mask: (result) => result, gone: signal, ended: signal, end: () => undefined, release: seat.leave });
}

/** Makes one of each kind of event, and the last one. */
async function makeEvents(): Promise<void> {
  const ada = world.verbs.as('ada', { scopes: ['ADMIN'] });
  const rita = world.verbs.as('rita', { scopes: ['ADMIN'] });
  const { session, main } = CANARIES;
  receiptOf(await createBranch(ada, { repo: REPO, name: 'session/live', from: 'tag:v1' }));
  await world.verbs.put('ada', REPO, 'session/live', 'live.txt', 'live\n');
  await world.verbs.put('ada', REPO, 'main', 'more.txt', `${main}\n`);
  receiptOf(await openProposal(ada, { repo: REPO, source: 'session/live', title: `${session} live`, body: session }));
  const { id } = (await world.verbs.app.storage.reader().repoByName(REPO)) ?? { id: 0 };
  const head = await world.verbs.head(id, 'session/live');
  receiptOf(await reviewProposal(rita, { repo: REPO, number: 5, verdict: 'APPROVE', head, body: session }));
  receiptOf(await mergeProposal(ada, { repo: REPO, number: 5, expectedHead: head, message: `${main} live merge` }));
  receiptOf(await createBranch(ada, { repo: OTHER_REPO, name: 'session/last' }));
}

async function drain(answer: Answer): Promise<ExecutionResult[] | string> {
  if (!(Symbol.asyncIterator in answer)) return String(answer.errors?.[0]?.extensions['code']);
  const results: ExecutionResult[] = [];
  for await (const result of answer) results.push(result);
  // Every stream ends behind the last event, which is no refusal here.
  return results.filter(({ data }) => data !== undefined);
}

/** What is wrong with what a stream told a key of this kind, in words. */
function faultsOf(kind: string, [field, , events]: Stream, told: readonly ExecutionResult[] | string): string[] {
  const traits = KEY_KINDS[kind] ?? {};
  const where = `${kind}, ${field}`;
  cells += events.length;
  if (typeof told === 'string') return mayRead(traits, 'read') || told !== 'FORBIDDEN' ? [`${where} is refused with ${told}`] : [];
  const expected = events.filter(([, guard]) => mayRead(traits, guard)).map(([type]) => type);
  const types = told.map(({ data }) => textAt(data, `${field}.__typename`));
  const body = JSON.stringify(told);
  // Its own proposal shows a key with no right to the target neither the target nor the merge.
  const beyond = mayRead(traits, 'main') ? [] : told.filter(({ data }) => ['proposal.target', 'proposal.mergeCommit', 'commit'].some((path) => valueAt(data, `${field}.${path}`) ?? false));
  return [
    ...(mayRead(traits, 'read') ? [] : [`${where} opens without READ`]),
    ...(types.join() === expected.join() ? [] : [`${where} tells ${types.join()} and not ${expected.join()}`]),
    ...told.flatMap(({ errors }) => (errors ?? []).map((error) => `${where} fails: ${error.message}`)),
    ...beyond.map((each) => `${where} shows the hidden target: ${JSON.stringify(each)}`),
    ...forbiddenWords(traits).filter((word) => body.includes(word)).map((word) => `${where} tells ${word}: ${body}`),
  ];
}

describe('every subscription, opened by every kind of key', () => {
  test('has a stream here', () => {
    const fields = Object.keys(schema.getSubscriptionType()?.getFields() ?? {});
    expect(fields.filter((field) => !STREAMS.some(([name]) => name === field))).toEqual([]);
  });

  test('delivers the events that the key may read, and no others', async () => {
    const twins = Array.from({ length: TWINS }, () => KINDS).flat();
    const opened = await Promise.all(twins.flatMap((kind) => STREAMS.map(async (stream) => ({ kind, stream, answer: await open(kind, stream[1]) }))));
    await makeEvents();
    const told = await Promise.all(opened.map(({ answer }) => drain(answer)));
    expect(opened.flatMap(({ kind, stream }, at) => faultsOf(kind, stream, told[at] ?? 'nothing'))).toEqual([]);
    expect(cells).toBe(TWINS * KINDS.length * 16);
    const kinds = new Map<ExecutionResult, Set<string>>();
    opened.forEach(({ kind }, at) => {
      for (const result of typeof told[at] === 'string' ? [] : (told[at] ?? [])) kinds.set(result, (kinds.get(result) ?? new Set()).add(kind));
    });
    const results = told.flatMap((each) => (typeof each === 'string' ? [] : each));
    // Drained all at once, twins are told together; with the rights of another kind of key nobody is.
    expect(kinds.size).toBeLessThan(results.length);
    expect([...kinds.values()].filter(({ size }) => size > 1)).toEqual([]);
  });
});
