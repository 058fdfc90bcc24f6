import { join } from 'node:path';
import { createBranch } from '../../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../../src/operations/repo/create-repo.js';
import { compare, type Comparison } from '../measure.js';
import { runGit } from '../native-git.js';
import { document, received, type Workplace } from '../workplace.js';

const REPOS = 50;
const BRANCHES = 5;

const PAGE = document(`query ($first: Int!, $branches: Int!) {
  repos(first: $first, filter: { nameContains: "page-" }) { edges { node {
    name defaultBranchName updatedAt
    branches(first: $branches) { edges { node { name headOid lastActivityAt checkpoint { number message createdBy createdAt } } } }
  } } }
}`);

/** One page of 50 repositories, each with five branches and their current checkpoints, beside asking 50 bare repositories by native git. */
export async function page(place: Workplace, rounds: number): Promise<Comparison[]> {
  const bare: string[] = [];
  for (let repo = 0; repo < REPOS; repo++) {
    const name = `page-${repo}`;
    await fill(place, name);
    bare.push(fillNatively(join(place.directory, `${name}.git`)));
  }
  const native = (): void => {
    for (const directory of bare) runGit(directory, ['for-each-ref', '--format=%(refname) %(objectname) %(committerdate) %(contents:subject)', 'refs/heads']);
  };
  return [
    await compare(
      'a page of 50 repositories, 250 branches',
      { name: 'GraphQL in process', run: () => place.ask(PAGE, { first: REPOS, branches: BRANCHES }) },
      { name: 'git for-each-ref in each, spawned', run: native },
      { rounds, goal: null, subject: `${REPOS} repositories` },
    ),
  ];
}

async function fill(place: Workplace, repo: string): Promise<void> {
  received(await createRepo(place.request(), { name: repo, files: [{ path: 'README.md', text: `${repo}\n` }] }));
  for (let n = 1; n < BRANCHES; n++) {
    const branch = `work-${n}`;
    received(await createBranch(place.request(), { repo, name: branch }));
    received(await createCheckpoint(place.request(), { repo, branch, message: 'Work', changes: [{ write: { path: 'work.txt', text: `${n}\n` } }] }));
  }
}

function fillNatively(directory: string): string {
  runGit('.', ['init', '-q', '--bare', '-b', 'main', directory]);
  const branches = Array.from({ length: BRANCHES }, (_, n) => (n === 0 ? 'main' : `work-${n}`));
  const stream = branches.map((branch, n) => `commit refs/heads/${branch}\ncommitter B <b@example.org> 1700000000 +0000\ndata 4\nWork\nM 100644 inline work.txt\ndata 2\n${n}\n\n`).join('');
  runGit(directory, ['fast-import', '--quiet'], stream);
  return directory;
}
