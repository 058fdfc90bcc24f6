import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { actorAsAuthor, stageCommit } from '../../../src/domain/commit-draft.js';
import { applyFileChanges } from '../../../src/domain/file-changes.js';
import { readCommit } from '../../../src/git/objects/commit.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { compare, type Comparison } from '../measure.js';
import { runGit } from '../native-git.js';
import { BenchRefused, received, type Subject, type Workplace } from '../workplace.js';

/** Beyond this many files a working tree of native git takes too long to check out; there the verb is compared with fast-import. */
const LARGEST_WORK_TREE = 20_000;

interface Write {
  readonly path: string;
  readonly text: string;
}

/** Three files, new content each round. */
function files(round: number, side: string): Write[] {
  return [1, 2, 3].map((n) => ({ path: `bench/${side}/${n}.txt`, text: `round ${round}, file ${n}\n`.repeat(20) }));
}

/** A checkpoint of three files as the engine makes it: tree, commit and one durable pack, not yet a branch's head. */
export async function engineCheckpoint(place: Workplace, subject: Subject, round: number): Promise<void> {
  const { app } = place;
  const objects = app.storage.objects.open(subject.repoId);
  const graph = await app.storage.graph(subject.repoId);
  const staged = objects.stage();
  const { tree } = await readCommit(staged, subject.head);
  const changes = files(round, 'engine').map((write) => ({ write }));
  const changed = await applyFileChanges({ staged, tree, limits: app.gateway.limits, mayUseBlob: async () => false }, changes, 'changes');
  if ('code' in changed) throw new BenchRefused(changed.message);
  stageCommit(staged, graph, { tree: changed.tree, parents: [subject.head], author: actorAsAuthor('bench'), message: `Round ${round}`, trailers: [], at: new Date() });
  await objects.persist(staged);
}

/** The same by `git fast-import`, synced to the disk; one pack, which is its quicker way: loose objects cost one fsync each. */
function fastImport(subject: Subject, round: number): void {
  const commands = files(round, 'native').map(({ path, text }) => `M 100644 inline ${path}\ndata ${text.length}\n${text}`);
  const stream = `commit refs/heads/bench\ncommitter B <b@example.org> ${1_700_000_000 + round} +0000\ndata 5\nround\nfrom ${subject.head}\n${commands.join('\n')}\ndone\n`;
  runGit(subject.bare, ['-c', 'core.fsync=all', '-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--done', '--force'], stream);
}

/** The whole verb: transaction, log row, answer. */
export async function verbCheckpoint(place: Workplace, { repoName, branch }: Subject, round: number): Promise<void> {
  received(await createCheckpoint(place.request(), { repo: repoName, branch, message: `Round ${round}`, changes: files(round, 'verb').map((write) => ({ write })) }));
}

/** Checkpoints of three files: by the engine beside `git fast-import`, and as the verb beside a commit in a working tree; all durable. */
export async function checkpoint(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const on = { rounds, subject: subject.name };
  const native = { name: 'git fast-import + fsync', run: (round: number) => fastImport(subject, round) };
  const verb = { name: 'createCheckpoint', run: (round: number) => verbCheckpoint(place, subject, round) };
  return [
    await compare('durable checkpoint, 3 files', { name: 'engine', run: (round) => engineCheckpoint(place, subject, round) }, native, { ...on, goal: 0.75 }),
    await compare('createCheckpoint, 3 files', verb, subject.files > LARGEST_WORK_TREE ? native : commitInWorkTree(place, subject), { ...on, goal: null }),
  ];
}

function commitInWorkTree(place: Workplace, subject: Subject): { readonly name: string; run(round: number): void } {
  const work = join(place.directory, `work-${subject.repoName}`);
  runGit('.', ['clone', '-q', '--no-tags', '--branch', subject.branch, subject.bare, work]);
  mkdirSync(join(work, 'bench/verb'), { recursive: true });
  return {
    name: 'git add + commit, fsync',
    run(round) {
      for (const { path, text } of files(round, 'verb')) writeFileSync(join(work, path), text);
      runGit(work, ['-c', 'core.fsync=all', 'add', '--force', 'bench']);
      runGit(work, ['-c', 'core.fsync=all', 'commit', '-q', '-m', `Round ${round}`]);
    },
  };
}
