import { createBranch } from '../../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { mergeProposal } from '../../../src/operations/proposal/merge-proposal.js';
import { openProposal } from '../../../src/operations/proposal/open-proposal.js';
import { reviewProposal } from '../../../src/operations/proposal/review-proposal.js';
import { compare, type Comparison } from '../measure.js';
import { runGit } from '../native-git.js';
import { BenchRefused, received, type Subject, type Workplace } from '../workplace.js';

/** Proposals that wait for the same target at once. */
const PROPOSALS = 16;
const ROUNDS = 5;
/** Agents that race through two gateways, the proposals of each one after the other, and how often that is measured: it takes seconds. */
const AGENTS = 50;
const EACH = 5;
const RACES = 1;

interface Waiting {
  readonly number: number;
  readonly head: string;
}

/**
 * Many approved proposals into one branch, merged at once by one gateway, and raced by fifty agents through two, in milliseconds each;
 * beside native git merging as many branches into one, one after the other, since it has no queue: merge-tree, commit-tree,
 * update-ref, synced.
 */
export async function landing(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const [few, races] = [Math.min(rounds, ROUNDS), Math.min(rounds, RACES)];
  const wanted = (few + 1) * PROPOSALS;
  const waiting: Waiting[] = [];
  for (let n = 0; n < wanted + races * AGENTS * EACH; n++) waiting.push(await propose(place, subject, n));
  const branches = nativeBranches(subject, waiting.length);
  const native = (from: number, count: number): void => {
    for (const branch of branches.slice(from, from + count)) landNatively(subject, branch);
  };
  const merge = async (by: Pick<Workplace, 'request'>, { number, head }: Waiting): Promise<void> => {
    received(await mergeProposal(by.request(), { repo: subject.repoName, number, expectedHead: head }));
  };
  const atOnce = await compare(
    `landing of ${PROPOSALS} proposals at once, each`,
    { name: 'mergeProposal', run: (round) => Promise.all(waiting.slice(round * PROPOSALS, (round + 1) * PROPOSALS).map((each) => merge(place, each))) },
    { name: NATIVE, run: (round) => native(round * PROPOSALS, PROPOSALS) },
    { rounds: few, goal: null, subject: subject.name, units: PROPOSALS },
  );
  const second = await place.another();
  try {
    const gateways = [place, second] as const;
    const race = async (round: number): Promise<void> => {
      const from = wanted + round * AGENTS * EACH;
      const agents = Array.from({ length: AGENTS }, async (_, agent) => {
        const own = waiting.slice(from + agent * EACH, from + (agent + 1) * EACH);
        for (const [nth, each] of own.entries()) await merge(gateways[(agent + nth) % 2 === 0 ? 0 : 1], each);
      });
      await Promise.all(agents);
    };
    const raced = await compare(
      `landing of ${AGENTS * EACH} proposals that ${AGENTS} agents race, each`,
      { name: 'mergeProposal, two gateways', run: race },
      { name: NATIVE, run: (round) => native(wanted + round * AGENTS * EACH, AGENTS * EACH) },
      { rounds: races, goal: null, subject: subject.name, units: AGENTS * EACH, warmUp: false },
    );
    return [atOnce, raced];
  } finally {
    await second.close();
  }
}

const NATIVE = 'git merge-tree, commit-tree, update-ref';

async function propose(place: Workplace, { repoName, branch }: Subject, n: number): Promise<Waiting> {
  const source = `work-${n}`;
  received(await createBranch(place.request(), { repo: repoName, name: source, from: branch }));
  received(await createCheckpoint(place.request(), { repo: repoName, branch: source, message: 'Work', changes: [{ write: { path: `bench/landing/${n}.txt`, text: `work ${n}\n` } }] }));
  const { proposalId } = received(await openProposal(place.request(), { repo: repoName, source, target: branch, title: `Work ${n}` }));
  const proposal = await place.app.storage.reader().proposal(proposalId);
  if (proposal === null) throw new BenchRefused('A proposal that was just opened is not there.');
  const { number, head } = proposal;
  received(await reviewProposal(place.request('reviewer'), { repo: repoName, number, verdict: 'APPROVE', head }));
  return { number, head };
}

const LANDED = 'refs/heads/landed';

/** Makes branches of one commit each off the head, and the branch they shall be merged into; answers their names. */
function nativeBranches({ bare, git, head }: Subject, count: number): string[] {
  git('update-ref', LANDED, head);
  const names = Array.from({ length: count }, (_, n) => `refs/heads/bench-work-${n}`);
  const commits = names.map((name, n) => {
    const text = `work ${n}\n`;
    return `commit ${name}\ncommitter B <b@example.org> 1700000000 +0000\ndata 5\nWork\nfrom ${head}\nM 100644 inline bench/landing/${n}.txt\ndata ${text.length}\n${text}\n`;
  });
  runGit(bare, ['-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--force'], commits.join(''));
  return names;
}

function landNatively({ git }: Subject, branch: string): void {
  const tree = git('-c', 'core.fsync=all', 'merge-tree', '--write-tree', LANDED, branch).trim();
  const commit = git('-c', 'core.fsync=all', 'commit-tree', '-m', 'Land', '-p', LANDED, '-p', branch, tree).trim();
  git('-c', 'core.fsync=all', 'update-ref', LANDED, commit);
}
