import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { schema } from '../../schema/index.js';
import { framesOf, type Frame } from '../support/event-stream.js';
import { startGateway, type Json, type TestGateway } from '../support/gateway.js';

/** All that a page shows of a change: nothing else is asked anywhere in this file to know what has happened. */
const PAGE = `__typename kind at actor repoName
  repo { name description archivedAt defaultBranch { name headOid } }
  ... on RepoUpdated { changed }
  ... on BranchCreated { branchName before after version branch { name headOid kind state } }
  ... on BranchMoved { branchName before after version branch { name headOid version canUndo canRedo } checkpoint { number message oid origin prompt createdBy } }
  ... on BranchDeleted { branchName before after version }
  ... on ProposalEvent { proposal { number title body state sourceName targetName createdBy reason head { oid } mergeCommit { oid } closedBy } }
  ... on ProposalReviewed { review { verdict body actor headOid } }
  ... on ProposalCommented { comment { body actor } }
  ... on ProposalMerged { commit { oid message } }
  ... on ProposalRejected { reason }`;

const OID = expect.stringMatching(/^[0-9a-f]{40}$/u);
const REPO = 'team/app';

let gateway: TestGateway;
/** What everybody's events are read from: one stream, in the order of the log. */
let frames: AsyncGenerator<Frame>;
const over = new AbortController();
const keys: Record<string, string> = {};
/** What the mutations have answered that later ones need. */
const known: Record<string, Json> = {};
/** Kinds that were told so far. */
const kindsTold = new Set<string>();
const verbsDone = new Set<string>();

beforeAll(async () => {
  gateway = await startGateway({ settings: { WEIR_MIRROR_HOSTS: 'mirror.example' } });
  for (const actor of ['ada', 'rita']) keys[actor] = await gateway.createKey({ actor, scopes: ['ADMIN'] });
  const { url } = await gateway.listen();
  const response = await fetch(`${url}/graphql?${new URLSearchParams({ query: `subscription { events { ${PAGE} } }` })}`, { headers: { accept: 'text/event-stream', authorization: `Bearer ${gateway.adminKey}` } });
  frames = framesOf(response, over.signal);
});
afterAll(async () => {
  over.abort();
  await gateway.close();
});

async function nextEvent(): Promise<Json> {
  const { value } = await frames.next();
  const { data, errors }: Json = JSON.parse(value?.['data'] ?? 'null');
  expect(errors).toBeUndefined();
  return data.events;
}

/** One call of a mutation: its input, what of the answer is remembered, and every event that it makes, in order. */
interface Step {
  readonly verb: string;
  readonly by?: 'ada' | 'rita';
  readonly input: () => Record<string, unknown>;
  /** Read of the success, and remembered under these names. */
  readonly select?: string;
  readonly remember?: (success: Json) => Record<string, Json>;
  readonly events: () => readonly Record<string, unknown>[];
}

const proposal = (more: Record<string, unknown>): Record<string, unknown> => ({ number: 1, sourceName: 'session/a', targetName: 'main', createdBy: 'ada', ...more });
const write = (path: string, text: string): Record<string, unknown> => ({ write: { path, text } });
const HEAD = 'branch { id headOid }';
const headOf = (name: string) => ({ branch }: Json): Record<string, Json> => ({ [name]: branch.headOid });

/** A checkpoint on a branch and the event of its move. */
function checkpoint(branch: string, before: () => Json, remember: string, version: number, more: { readonly by?: 'rita'; readonly runId?: string; readonly path?: string; readonly revised?: () => Record<string, unknown> } = {}): Step {
  const { by = 'ada', runId, path = 'a.txt', revised } = more;
  const message = `Write ${remember}`;
  return {
    verb: 'createCheckpoint', by, select: HEAD, remember: headOf(remember),
    input: () => ({ repo: REPO, branch, message, prompt: 'Write it', changes: [write(path, `${remember}\n`)], ...(runId === undefined ? {} : { runId }) }),
    events: () => [
      { kind: 'BRANCH_MOVED', actor: by, branchName: branch, before: before(), after: known[remember], version, branch: { name: branch, headOid: known[remember], version, canUndo: true }, checkpoint: { message, prompt: 'Write it', oid: known[remember], createdBy: by, origin: 'API' } },
      ...(revised === undefined ? [] : [{ kind: 'PROPOSAL_REVISED', proposal: revised() }]),
    ],
  };
}

/** A life of a repository in which every mutation is called, and every kind of event happens. */
const STEPS: readonly Step[] = [
  { verb: 'createRepo', select: 'repo { id defaultBranch { headOid } }', remember: ({ repo }) => ({ repo: repo.id, main: repo.defaultBranch.headOid }), input: () => ({ name: REPO, description: 'Ours', files: [{ path: 'README.md', text: 'Hello\n' }] }), events: () => [{ kind: 'REPO_CREATED', repo: { name: REPO, description: 'Ours', defaultBranch: { headOid: known['main'] } } }] },
  { verb: 'updateRepo', input: () => ({ repo: REPO, description: 'All of ours' }), events: () => [{ kind: 'REPO_UPDATED', changed: ['description'], repo: { description: 'All of ours' } }] },
  { verb: 'setMirror', input: () => ({ repo: REPO, url: 'https://mirror.example/theirs.git' }), events: () => [{ kind: 'REPO_UPDATED', changed: ['mirror'] }] },
  { verb: 'pushMirror', input: () => ({ repo: REPO }), events: () => [] },
  { verb: 'removeMirror', input: () => ({ repo: REPO }), events: () => [{ kind: 'REPO_UPDATED', changed: ['mirror'] }] },
  { verb: 'archiveRepo', input: () => ({ repo: REPO }), events: () => [{ kind: 'REPO_UPDATED', changed: ['archived'], repo: { archivedAt: expect.any(String) } }] },
  { verb: 'unarchiveRepo', input: () => ({ repo: REPO }), events: () => [{ kind: 'REPO_UPDATED', changed: ['archived'], repo: { archivedAt: null } }] },
  { verb: 'createBranch', select: HEAD, remember: ({ branch }) => ({ branch: branch.id }), input: () => ({ repo: REPO, name: 'session/a' }), events: () => [{ kind: 'BRANCH_CREATED', branchName: 'session/a', before: null, after: known['main'], version: 1, branch: { name: 'session/a', headOid: known['main'] } }] },
  checkpoint('session/a', () => known['main'], 'one', 2),
  checkpoint('session/a', () => known['one'], 'two', 3, { runId: 'run-1', path: 'b.txt' }),
  { verb: 'undo', select: HEAD, input: () => ({ repo: REPO, branch: 'session/a' }), events: () => [{ kind: 'BRANCH_MOVED', branchName: 'session/a', before: known['two'], after: known['one'], version: 4, branch: { canRedo: true }, checkpoint: { message: 'Write one', oid: known['one'] } }] },
  { verb: 'redo', select: HEAD, input: () => ({ repo: REPO, branch: 'session/a' }), events: () => [{ kind: 'BRANCH_MOVED', before: known['one'], after: known['two'], version: 5, branch: { canRedo: false }, checkpoint: { message: 'Write two', oid: known['two'] } }] },
  { verb: 'revertRun', select: HEAD, remember: headOf('reverted'), input: () => ({ repo: REPO, branch: 'session/a', runId: 'run-1' }), events: () => [{ kind: 'BRANCH_MOVED', before: known['two'], after: known['reverted'], version: 6, checkpoint: { oid: known['reverted'], origin: 'REVERT' } }] },
  { verb: 'restore', select: HEAD, remember: headOf('restored'), input: () => ({ repo: REPO, branch: 'session/a', to: known['two'] }), events: () => [{ kind: 'BRANCH_MOVED', before: known['reverted'], after: known['restored'], version: 7, checkpoint: { oid: known['restored'], origin: 'RESTORE' } }] },
  { verb: 'openProposal', input: () => ({ repo: REPO, source: 'session/a', title: 'First', body: 'Please' }), events: () => [{ kind: 'PROPOSAL_OPENED', proposal: proposal({ title: 'First', body: 'Please', state: 'OPEN', head: { oid: known['restored'] } }) }] },
  { verb: 'updateProposal', input: () => ({ repo: REPO, number: 1, title: 'Better' }), events: () => [{ kind: 'PROPOSAL_UPDATED', proposal: proposal({ title: 'Better' }) }] },
  { verb: 'commentOnProposal', by: 'rita', select: 'thread { id }', remember: ({ thread }) => ({ thread: thread.id }), input: () => ({ repo: REPO, number: 1, body: 'Why?' }), events: () => [{ kind: 'PROPOSAL_COMMENTED', actor: 'rita', comment: { body: 'Why?', actor: 'rita' }, proposal: proposal({}) }] },
  { verb: 'resolveThread', by: 'rita', input: () => ({ thread: known['thread'], resolved: true }), events: () => [{ kind: 'PROPOSAL_UPDATED', actor: 'rita', proposal: proposal({ title: 'Better' }) }] },
  { verb: 'reviewProposal', by: 'rita', input: () => ({ repo: REPO, number: 1, verdict: 'APPROVE', head: known['restored'], body: 'Good' }), events: () => [{ kind: 'PROPOSAL_REVIEWED', actor: 'rita', review: { verdict: 'APPROVE', body: 'Good', actor: 'rita', headOid: known['restored'] }, proposal: proposal({ state: 'APPROVED' }) }] },
  checkpoint('session/a', () => known['restored'], 'three', 8, { revised: () => proposal({ state: 'OPEN', head: { oid: known['three'] } }) }),
  checkpoint('main', () => known['main'], 'onMain', 2, { by: 'rita', path: 'main.txt' }),
  { verb: 'refreshBranch', select: HEAD, remember: headOf('fresh'), input: () => ({ repo: REPO, name: 'session/a' }), events: () => [{ kind: 'BRANCH_MOVED', branchName: 'session/a', before: known['three'], after: known['fresh'], version: 9, checkpoint: { oid: known['fresh'], origin: 'REFRESH' } }, { kind: 'PROPOSAL_REVISED', proposal: proposal({ head: { oid: known['fresh'] } }) }] },
  { verb: 'closeProposal', input: () => ({ repo: REPO, number: 1 }), events: () => [{ kind: 'PROPOSAL_CLOSED', proposal: proposal({ state: 'CLOSED', closedBy: 'ada' }) }] },
  { verb: 'reopenProposal', input: () => ({ repo: REPO, number: 1 }), events: () => [{ kind: 'PROPOSAL_REOPENED', proposal: proposal({ state: 'OPEN' }) }, { kind: 'PROPOSAL_REVISED', proposal: proposal({ head: { oid: known['fresh'] } }) }] },
  { verb: 'rejectProposal', by: 'rita', input: () => ({ repo: REPO, number: 1, reason: 'Not so' }), events: () => [{ kind: 'PROPOSAL_REJECTED', actor: 'rita', reason: 'Not so', proposal: proposal({ state: 'REJECTED', reason: 'Not so', closedBy: 'rita' }) }] },
  { verb: 'reopenProposal', input: () => ({ repo: REPO, number: 1 }), events: () => [{ kind: 'PROPOSAL_REOPENED', proposal: proposal({ state: 'OPEN', reason: null }) }, { kind: 'PROPOSAL_REVISED', proposal: proposal({}) }] },
  { verb: 'reviewProposal', by: 'rita', input: () => ({ repo: REPO, number: 1, verdict: 'APPROVE', head: known['fresh'] }), events: () => [{ kind: 'PROPOSAL_REVIEWED', review: { headOid: known['fresh'] }, proposal: proposal({ state: 'APPROVED' }) }] },
  { verb: 'mergeProposal', select: 'commit { oid }', remember: ({ commit }) => ({ landed: commit.oid }), input: () => ({ repo: REPO, number: 1, expectedHead: known['fresh'], message: 'Land it' }), events: () => [{ kind: 'BRANCH_MOVED', branchName: 'main', before: known['onMain'], after: known['landed'], version: 3, branch: { headOid: known['landed'] } }, { kind: 'PROPOSAL_MERGED', commit: { oid: known['landed'], message: expect.stringContaining('Land it') }, proposal: proposal({ state: 'MERGED', mergeCommit: { oid: known['landed'] } }) }] },
  checkpoint('session/a', () => known['fresh'], 'four', 10, { path: 'c.txt' }),
  { verb: 'mergeBranch', select: 'commit { oid }', remember: ({ commit }) => ({ merged: commit.oid }), input: () => ({ repo: REPO, from: 'session/a', into: 'main' }), events: () => [{ kind: 'BRANCH_MOVED', branchName: 'main', before: known['landed'], after: known['merged'], version: 4, branch: { headOid: known['merged'] } }] },
  { verb: 'deleteBranch', input: () => ({ repo: REPO, name: 'session/a' }), events: () => [{ kind: 'BRANCH_DELETED', branchName: 'session/a', before: known['four'], after: null, version: 11 }] },
  { verb: 'restoreBranch', input: () => ({ id: known['branch'] }), events: () => [{ kind: 'BRANCH_CREATED', branchName: 'session/a', before: null, after: known['four'], branch: { name: 'session/a', headOid: known['four'] } }] },
  { verb: 'forkRepo', input: () => ({ repo: REPO, name: 'team/fork' }), events: () => [{ kind: 'REPO_CREATED', repoName: 'team/fork', repo: { name: 'team/fork', defaultBranch: { name: 'main', headOid: known['merged'] } } }] },
  { verb: 'runRetention', input: () => ({ repo: REPO }), events: () => [] },
  { verb: 'createApiKey', select: 'key { id }', remember: ({ key }) => ({ key: key.id }), input: () => ({ name: 'spare', scopes: ['READ'], repos: ['**'], branches: ['**'] }), events: () => [] },
  { verb: 'revokeApiKey', input: () => ({ id: known['key'] }), events: () => [] },
  { verb: 'deleteRepo', input: () => ({ repo: REPO }), events: () => [{ kind: 'REPO_DELETED', repo: null }] },
  { verb: 'restoreRepo', input: () => ({ id: known['repo'] }), events: () => [{ kind: 'REPO_CREATED', repo: { name: REPO, description: 'All of ours' } }] },
];

/** Keys, webhooks and imports are the server's and no part of a repository: their verbs are told to nobody. What an import has made is, once it is there. */
const OF_THE_SERVER = /(?:ApiKey|Webhook)$|^(?:importRepo|cancelImport)$/u;

const inputType = (verb: string): string => String(schema.getMutationType()?.getFields()[verb]?.args[0]?.type);

describe('what one subscription tells of each mutation', () => {
  it.each(STEPS.map((step, at) => [`${at + 1}: ${step.verb}`, step] as const))('%s', async (_name, { verb, by = 'ada', input, select = '__typename', remember, events }) => {
    const success = `${verb[0]?.toUpperCase()}${verb.slice(1)}Success`;
    const { answer } = await gateway.data(`mutation ($input: ${inputType(verb)}) { answer: ${verb}(input: $input) { __typename ... on ${success} { ${select} } ... on Problem { code message } } }`, { input: input() }, keys[by]);
    expect(answer).toMatchObject({ __typename: success });
    Object.assign(known, remember?.(answer) ?? {});
    verbsDone.add(verb);
    for (const expected of events()) {
      const event = await nextEvent();
      kindsTold.add(event.kind);
      expect(event).toMatchObject({ actor: by, repoName: REPO, at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/u), ...expected });
      const heads = [event.before ?? null, event.after ?? null].filter((head) => head !== null);
      expect(heads).toEqual(heads.map(() => OID));
    }
  });

  it('has a row for every mutation and every kind of event, and nothing was told that no row expects', async () => {
    expect(Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((verb) => !verbsDone.has(verb) && !OF_THE_SERVER.test(verb))).toEqual([]);
    const kinds = schema.getType('EventKind');
    expect(kinds !== undefined && 'getValues' in kinds ? kinds.getValues().map(({ name }) => name).filter((kind) => !kindsTold.has(kind)) : 'no such type').toEqual([]);
    await gateway.data('mutation { createRepo(input: { name: "the-last" }) { __typename } }');
    expect((await nextEvent()).repoName).toBe('the-last');
  });
});
