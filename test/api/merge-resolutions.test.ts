import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBranch } from '../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../src/operations/repo/create-repo.js';
import type { ConflictResolutionInput, MergeBranchInput } from '../../src/operations/inputs.js';
import { mergeBranch } from '../../src/operations/branch/merge-branch.js';
import { mergeProposal } from '../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../src/operations/proposal/open-proposal.js';
import { patchAddress, parsePatchAddress } from '../../src/operations/reading/addresses.js';
import { readConflicts, type ConflictView } from '../../src/operations/reading/comparing/read-conflicts.js';
import { readChanges, readDiffStats } from '../../src/operations/reading/comparing/read-diff.js';
import { previewDiff, previewMerge, type MergeView } from '../../src/operations/reading/comparing/read-merge-preview.js';
import { readNode } from '../../src/operations/reading/read-node.js';
import { reviewProposal } from '../../src/operations/proposal/review-proposal.js';
import { encodeGlobalId } from '../../src/domain/global-id.js';
import { decodeName } from '../../src/git/objects/tree.js';
import { problemOf, receiptOf } from '../support/operations.js';
import { openWorld, type VerbWorld } from '../support/verbs.js';

let world: VerbWorld;
let count = 0;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());

const LINES = 'one\ntwo\nthree\nfour\nfive\nsix\nseven\neight\nnine\n';
const bin = (text: string): string => Buffer.from(text).toString('base64');
const edited = (first: string, last: string): string => LINES.replace('one', first).replace('nine', last);

interface Conflicted {
  readonly repo: string;
  readonly repoId: number;
  readonly ours: string;
  readonly theirs: string;
}

/** `both` conflicts in two places, `gone` was deleted by theirs and changed by ours, `bin` is binary; `clean` merges. */
async function conflicted(): Promise<Conflicted> {
  const name = `resolve-${count++}`;
  const files = [
    { path: 'both', text: LINES },
    { path: 'gone', text: 'a\nb\nc\n' },
    { path: 'bin', base64: Buffer.from('a\0b').toString('base64') },
    { path: 'clean', text: LINES },
  ];
  const { repoId } = receiptOf(await createRepo(world.as('owner'), { name, files }));
  receiptOf(await createBranch(world.as('agent'), { repo: name, name: 'session/1' }));
  await world.write('agent', name, 'session/1', { write: { path: 'both', text: edited('uno', 'nueve') } }, { delete: { path: 'gone' } }, { write: { path: 'bin', base64: bin('a\0theirs') } }, { write: { path: 'clean', text: edited('uno', 'nine') } });
  await world.write('owner', name, 'main', { write: { path: 'both', text: edited('ein', 'neun') } }, { write: { path: 'gone', text: 'a\nb\nd\n' } }, { write: { path: 'bin', base64: bin('a\0ours') } }, { write: { path: 'clean', text: edited('one', 'neun') } });
  return { repo: name, repoId, ours: await world.head(repoId, 'main'), theirs: await world.head(repoId, 'session/1') };
}

const ALL: readonly ConflictResolutionInput[] = [
  { content: { path: 'both', text: 'decided\n', mode: 'FILE' } },
  { delete: { path: 'gone' } },
  { take: { path: 'bin', side: 'THEIRS' } },
];

function merge(repo: string, resolutions: readonly ConflictResolutionInput[], more: Partial<MergeBranchInput> = {}, key = {}): ReturnType<typeof mergeBranch> {
  return mergeBranch(world.as('owner', key), { repo, from: 'session/1', into: 'main', resolutions, ...more });
}

function preview({ repoId, ours, theirs }: Conflicted, resolutions: readonly ConflictResolutionInput[], key = {}): Promise<MergeView> {
  return previewMerge(world.as('owner', key), { repoId, ours, theirs, resolutions }, 'MERGE');
}

async function conflictsOf(spec: Conflicted, resolutions: readonly ConflictResolutionInput[] = []): Promise<ConflictView[]> {
  const page = await readConflicts(world.as('owner'), { ...spec, resolutions }, { count: 100, after: null, backward: false });
  return page.edges.map(({ node }) => node);
}

describe('a merge with resolutions', () => {
  it.each(['MERGE', 'SQUASH'] as const)('by %s writes what was decided, and what merges by itself', async (strategy) => {
    const { repo, repoId, ours, theirs } = await conflicted();
    const { commit, outcome } = receiptOf(await merge(repo, ALL, { strategy }));
    expect(outcome).toBe('MERGED');
    expect((await world.commit(repoId, commit ?? '')).parents).toEqual(strategy === 'MERGE' ? [ours, theirs] : [ours]);
    expect(await world.files(repoId, commit ?? '')).toEqual({ both: 'decided\n', bin: 'a\0theirs', clean: edited('uno', 'neun') });
  });

  it('settles hunks one by one: sides in any order, or other text', async () => {
    const spec = await conflicted();
    const both = (await conflictsOf(spec)).find(({ conflict }) => decodeName(conflict.path) === 'both');
    const [first, last] = both?.conflict.hunks.map(({ id }) => `ConflictHunk:${id}`) ?? [];
    const hunks = [{ take: { id: first ?? '', sides: ['THEIRS', 'OURS'] as const } }, { replace: { id: last ?? '', text: 'NINE\n' } }];
    const { commit } = receiptOf(await merge(spec.repo, [{ hunks: { path: 'both', hunks } }, { take: { path: 'gone', side: 'OURS' } }, { take: { path: 'bin', side: 'BASE' } }]));
    expect(await world.files(spec.repoId, commit ?? '')).toEqual({ both: edited('uno\nein', 'NINE'), bin: 'a\0b', gone: 'a\nb\nd\n', clean: edited('uno', 'neun') });
  });

  it('answers what is left over as the conflicts, and writes nothing', async () => {
    const spec = await conflicted();
    const problem = problemOf(await world.withoutTrace(() => merge(spec.repo, ALL.slice(0, 1))));
    expect(problem).toMatchObject({ code: 'MERGE_CONFLICTED', conflicts: [{ path: 'bin', kind: 'BINARY' }, { path: 'gone', kind: 'MODIFY_DELETE' }] });
    expect((await conflictsOf(spec, ALL.slice(0, 1))).map(({ conflict }) => conflict.path)).toEqual(['bin', 'gone']);
  });

  it.each<readonly [string, readonly ConflictResolutionInput[], string, string]>([
    ['a path that does not conflict', [...ALL, { take: { path: 'clean', side: 'OURS' } }], 'resolutions[3]', 'resolution/no-conflict'],
    ['a path twice', [...ALL, { delete: { path: 'gone' } }], 'resolutions[3]', 'resolution/twice'],
    ['nothing', [{}], 'resolutions[0]', 'resolution/one-kind'],
    ['two things at once', [{ delete: { path: 'gone' }, take: { path: 'gone', side: 'OURS' } }], 'resolutions[0]', 'resolution/one-kind'],
    ['hunks of a file without', [{ hunks: { path: 'bin', hunks: [] } }], 'resolutions[0]', 'resolution/no-hunks'],
    ['too few hunks', [{ delete: { path: 'gone' } }, { hunks: { path: 'both', hunks: [] } }], 'resolutions[1]', 'resolution/hunk-left-over'],
    ['a content without bytes', [{ content: { path: 'both' } }], 'resolutions[0].content', 'write/one-content'],
    ['a blob that the key does not have', [{ content: { path: 'both', blob: 'a'.repeat(40) } }], 'resolutions[0].content.blob', 'write/blob'],
  ])('is refused for %s', async (_, resolutions, field, rule) => {
    const { repo } = await conflicted();
    expect(problemOf(await world.withoutTrace(() => merge(repo, resolutions)))).toMatchObject({ code: 'INVALID_INPUT', field, rule });
  });

  it('is refused where the target would just move', async () => {
    const { repo } = await world.repo();
    await world.worked(repo, 'session/1');
    for (const strategy of ['FAST_FORWARD_ONLY', 'REBASE', 'MERGE'] as const) {
      expect(problemOf(await world.withoutTrace(() => merge(repo, ALL.slice(1, 2), { strategy })))).toMatchObject({ code: 'INVALID_INPUT', rule: 'resolution/no-conflict' });
    }
  });

  it('needs paths of the key for what neither side has, and for nothing else', async () => {
    const { repo } = await conflicted();
    const refusal = problemOf(await world.withoutTrace(() => merge(repo, ALL, {}, { paths: ['clean'] })));
    expect(refusal).toMatchObject({ code: 'FORBIDDEN', needs: null });
    expect(problemOf(await world.withoutTrace(() => merge(repo, ALL, {}, { paths: ['both'] })))).toMatchObject({ code: 'FORBIDDEN' });
    receiptOf(await merge(repo, ALL, {}, { paths: ['both', 'clean'] }));
  });

  it('by SQUASH that keeps everything of the target is recorded, so that it does not conflict again', async () => {
    const { repo, repoId } = await conflicted();
    const keep = ['both', 'gone', 'bin'].map((path) => ({ take: { path, side: 'OURS' } as const }));
    await world.put('owner', repo, 'main', 'clean', edited('uno', 'neun'));
    receiptOf(await merge(repo, keep, { strategy: 'SQUASH' }));
    expect(receiptOf(await merge(repo, []))).toMatchObject({ outcome: 'UP_TO_DATE' });
    await world.put('agent', repo, 'session/1', 'later', 'later\n');
    const { commit } = receiptOf(await merge(repo, [], { strategy: 'SQUASH' }));
    expect(await world.files(repoId, commit ?? '')).toMatchObject({ both: edited('ein', 'neun'), later: 'later\n' });
  });
});

describe('a preview with resolutions', () => {
  it('gives the tree that the merge then writes, and its diff', async () => {
    const spec = await conflicted();
    const view = await preview(spec, ALL);
    const diff = previewDiff(view, null);
    expect(view.outcome).toBe('MERGED');
    if (diff === null) throw new TypeError('a merge without conflicts has a diff');
    expect((await readChanges(world.as('owner'), diff)).map(({ path, status }) => `${status} ${path}`)).toEqual(['MODIFIED bin', 'MODIFIED both', 'MODIFIED clean', 'DELETED gone']);
    expect(await readDiffStats(world.as('owner'), diff)).toMatchObject({ files: 4 });
    const { commit } = receiptOf(await merge(spec.repo, ALL));
    expect((await world.commit(spec.repoId, commit ?? '')).tree).toBe(view.tree);
  });

  it('is found again by its ids and addresses, short resolutions and long', async () => {
    const spec = await conflicted();
    let noise = '';
    for (let n = 1; noise.length < 20_000; n = (n * 48_271) % 2_147_483_647) noise += n.toString(36);
    for (const text of ['short\n', noise]) {
      const view = await preview(spec, [{ content: { path: 'both', text } }, ...ALL.slice(1)]);
      const diff = previewDiff(view, null);
      if (diff === null) throw new TypeError('a merge without conflicts has a diff');
      const request = world.as('owner');
      expect(await readNode(request, encodeGlobalId({ type: 'Diff', ...diff }))).toEqual({ type: 'Diff', value: diff });
      const previewId = encodeGlobalId({ type: 'MergePreview', repoId: spec.repoId, from: spec.theirs, into: spec.ours, strategy: 'MERGE', by: view.code });
      expect(await readNode(request, previewId)).toMatchObject({ type: 'MergePreview', value: { tree: view.tree, code: view.code } });
      const [range = '', query] = patchAddress('r', diff).replace('/raw/r/-/', '').split('?');
      expect(parsePatchAddress(spec.repoId, range, new URLSearchParams(query))).toEqual(diff);
      expect(await readNode(world.as('stranger', { repos: ['other'] }), previewId)).toBeNull();
    }
  });

  it('says what is left over, and refuses what does not fit', async () => {
    const spec = await conflicted();
    expect(await preview(spec, ALL.slice(1))).toMatchObject({ outcome: 'CONFLICTED', tree: null, conflicts: [{ path: 'both' }] });
    await expect(preview(spec, [{ take: { path: 'clean', side: 'OURS' } }])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('lends nobody the bytes of a blob that their key may not use, though the result is cached', async () => {
    const spec = await conflicted();
    const { tree } = await world.commit(spec.repoId, spec.theirs);
    const blob = (await world.app.storage.objects.open(spec.repoId).read(tree)).content.subarray(-20).toString('hex');
    const resolutions = [{ content: { path: 'both', blob } }, ...ALL.slice(1)];
    expect((await preview(spec, resolutions)).outcome).toBe('MERGED');
    await expect(preview(spec, resolutions, { readBranches: ['main', 'session/*'] })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it.each(['M.', 'X', 'M.!!', 'M.eNpLTEo', 'M-unknown', 'R.W10'])('has no node with the forged code %s', async (code) => {
    const spec = await conflicted();
    const id = `MergePreview:${spec.repoId}:${spec.theirs}:${spec.ours}:MERGE:${code}`;
    const node = await readNode(world.as('owner'), id);
    expect(code === 'R.W10' ? [null, 'MergePreview'] : [null]).toContain(node?.type ?? null);
  });
});

describe('a proposal with resolutions', () => {
  it('that needs approval gets a revision that holds them, and merges once that is approved by another', async () => {
    const { repo, repoId, ours, theirs } = await conflicted();
    const { proposalId } = receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head: theirs }));
    expect(problemOf(await world.withoutTrace(() => mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: theirs })))).toMatchObject({ code: 'MERGE_CONFLICTED' });

    const receipt = receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: theirs, resolutions: ALL }));
    expect(receipt).toMatchObject({ outcome: 'CONFLICTED', commit: null });
    const source = await world.branch(repoId, 'session/1');
    expect(await world.head(repoId, 'main')).toBe(ours);
    expect((await world.commit(repoId, source.head)).parents).toEqual([theirs, ours]);
    expect(await world.files(repoId, source.head)).toEqual({ both: 'decided\n', bin: 'a\0theirs', clean: edited('uno', 'neun') });
    expect(await world.proposal(proposalId)).toMatchObject({ state: 'OPEN', head: source.head, base: ours });
    expect(await world.operation(receipt.operation)).toMatchObject({ kind: 'MERGE_PROPOSAL', refs: [{ branchName: 'session/1', before: theirs, after: source.head }], events: [{ kind: 'BRANCH_MOVED' }, { kind: 'PROPOSAL_REVISED' }] });
    expect(await world.app.storage.reader().checkpoint(source.checkpointId ?? 0)).toMatchObject({ origin: 'REFRESH', createdBy: 'owner' });

    const again = { repo, number: 1, expectedHead: source.head };
    expect(problemOf(await mergeProposal(world.as('owner'), again))).toMatchObject({ code: 'RULES_UNMET' });
    expect(problemOf(await reviewProposal(world.as('owner'), { repo, number: 1, verdict: 'APPROVE', head: source.head }))).toMatchObject({ code: 'FORBIDDEN' });
    receiptOf(await reviewProposal(world.as('reviewer'), { repo, number: 1, verdict: 'APPROVE', head: source.head }));
    expect(receiptOf(await mergeProposal(world.as('owner'), again))).toMatchObject({ outcome: 'MERGED' });
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toMatchObject({ both: 'decided\n' });
    await world.expectWholeLog(repoId);
  });

  it('is refused where no revision can be made of them', async () => {
    const { repo, theirs } = await conflicted();
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    const attempt = (more: object, key = {}): ReturnType<typeof mergeProposal> => mergeProposal(world.as('owner', key), { repo, number: 1, expectedHead: theirs, resolutions: ALL, ...more });
    expect(problemOf(await world.withoutTrace(() => attempt({ strategy: 'REBASE' })))).toMatchObject({ code: 'INVALID_INPUT', field: 'strategy' });
    expect(problemOf(await world.withoutTrace(() => attempt({}, { branches: ['main'] })))).toMatchObject({ code: 'FORBIDDEN' });
    expect(problemOf(await world.withoutTrace(() => attempt({ resolutions: [...ALL, { delete: { path: 'clean' } }] })))).toMatchObject({ code: 'INVALID_INPUT', field: 'resolutions[3]' });
    receiptOf(await createCheckpoint(world.as('agent'), { repo, branch: 'session/1', message: 'More', changes: [] }));
    expect(problemOf(await world.withoutTrace(() => attempt({})))).toMatchObject({ code: 'STALE_HEAD' });
  });

  it('that needs no approval is merged with them', async () => {
    const { repo, repoId, theirs } = await conflicted();
    await world.count((sql) => sql`with changed as (update repo set settings = jsonb_set(settings, '{approvalsRequired}', '0') where id = ${repoId} returning 1) select count(*) from changed`);
    receiptOf(await openProposal(world.as('agent'), { repo, source: 'session/1', title: 'Work' }));
    expect(receiptOf(await mergeProposal(world.as('owner'), { repo, number: 1, expectedHead: theirs, resolutions: ALL }))).toMatchObject({ outcome: 'MERGED' });
    expect(await world.files(repoId, await world.head(repoId, 'main'))).toMatchObject({ both: 'decided\n' });
  });
});
