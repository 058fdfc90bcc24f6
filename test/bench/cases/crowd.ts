import { createBranch } from '../../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { createRepo } from '../../../src/operations/repo/create-repo.js';
import { mergeBranch } from '../../../src/operations/branch/merge-branch.js';
import { undo } from '../../../src/operations/checkpoint/undo.js';
import { addBranches, addRepos, BUSY_REPO, makeBusyRepo } from '../crowded.js';
import { compare, type Comparison } from '../measure.js';
import { document, openWorkplace, received, type Workplace } from '../workplace.js';

const GOAL = 1.3;
/** A sync to the disk takes as long as others let it: more rounds for a median that says something. */
const SYNCED_ROUNDS = 2;
/** Reads in one run: one alone takes a millisecond. */
const IN_A_ROW = 10;
/** Five rounds of so few milliseconds gave medians between 0.7 and 1.5 for the same work. */
const READ_ROUNDS = 20;

const BY_NAME = document('query ($repo: String!) { repo(name: $repo) { name updatedAt defaultBranch { name headOid } } }');
const REPOS = document('query ($repo: String!) { repos(first: 50) { nodes { name updatedAt } pageInfo { hasNextPage endCursor } } repo(name: $repo) { id } }');
const NEWEST = document('query ($repo: String!) { repos(first: 50, orderBy: { field: UPDATED_AT, direction: DESC }) { nodes { name updatedAt } } repo(name: $repo) { id } }');
const BRANCHES = document('query ($repo: String!) { repo(name: $repo) { branches(first: 50) { nodes { name headOid lastActivityAt } } } }');
const ACTIVE = document('query ($repo: String!) { repo(name: $repo) { branches(first: 50, orderBy: { field: LAST_ACTIVITY, direction: DESC }) { nodes { name headOid } } } }');
const DIFF = document('query ($repo: String!) { repo(name: $repo) { diff(from: "main", to: "work") { stats { files additions deletions } files(first: 20) { nodes { path hunks(first: 20) { nodes { lines { text } } } } } } } }');
const EVENTS = document('query ($repo: String!) { repo(name: $repo) { operations(first: 50) { nodes { kind at } } } }');
const PAGE_OF_EVENTS = document('query ($repo: String!) { events(first: 50) { edges { cursor node { __typename } } } repo(name: $repo) { id } }');
const LOG = document('query ($repo: String!) { operations(first: 50) { nodes { kind at } } repo(name: $repo) { id } }');

/** One of two places: a repository among few or many others, or with few or many branches. */
interface Side {
  readonly name: string;
  readonly place: Workplace;
  readonly repo: string;
}

/**
 * The same work in a gateway of `many` repositories and in one of `few`, then in a repository of `many` branches and in one of `few`, in turns: what
 * numbers cost. `counts`: few, then many.
 */
export async function crowd(place: Workplace, counts: readonly number[], rounds: number, progress: (text: string) => void): Promise<Comparison[]> {
  const few = counts[0];
  const many = counts.at(-1);
  if (few === undefined || many === undefined) return [];
  const other = await openWorkplace(null, { WEIR_MAX_BRANCHES: '1000000' });
  try {
    for (const [where, count] of [[place, many], [other, few]] as const) {
      const started = performance.now();
      await addRepos(where, await makeBusyRepo(where, BUSY_REPO), count);
      progress(`  ${count} repositories made in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
    }
    const repositories = await compared([{ name: `${many} repositories`, place, repo: BUSY_REPO }, { name: `${few} repositories`, place: other, repo: BUSY_REPO }], rounds);
    for (const [name, count] of [['branches-many', many], ['branches-few', few]] as const) await addBranches(other, await makeBusyRepo(other, name), count);
    const branches = await compared([{ name: `${many} branches`, place: other, repo: 'branches-many' }, { name: `${few} branches`, place: other, repo: 'branches-few' }], rounds);
    return [...repositories, ...branches];
  } finally {
    await other.close();
  }
}

async function compared([large, small]: readonly [Side, Side], rounds: number): Promise<Comparison[]> {
  const subject = `${large.name} / ${small.name}`;
  let made = 0;
  const pair = (job: string, run: (side: Side, n: number) => Promise<unknown>, { before, units = 1, times = SYNCED_ROUNDS }: { readonly before?: (side: Side, n: number) => Promise<unknown>; readonly units?: number; readonly times?: number } = {}): Promise<Comparison> => {
    const contender = (side: Side) => ({ name: side.name, run: (round: number) => run(side, round), ...(before === undefined ? {} : { before: (round: number) => before(side, round) }) });
    return compare(job, contender(large), contender(small), { rounds: times * rounds, goal: GOAL, subject, units });
  };
  const read = (job: string, asked: typeof DIFF): Promise<Comparison> =>
    pair(job, async ({ place, repo }) => {
      for (let n = 0; n < IN_A_ROW; n++) await place.ask(asked, { repo });
    }, { units: IN_A_ROW, times: READ_ROUNDS });
  const write = async ({ place, repo }: Side, branch: string): Promise<void> => void received(await createCheckpoint(place.request(), { repo, branch, message: 'Work', changes: [{ write: { path: 'src/file-1.txt', text: `${made++}\n` } }] }));
  return [
    await read('repo by name', BY_NAME),
    await read('repos, first page', REPOS),
    await read('repos, last changed first', NEWEST),
    await read('branches, first page', BRANCHES),
    await read('branches, last active first', ACTIVE),
    await read('diff', DIFF),
    await read('log of a repository', EVENTS),
    await read('log of all', LOG),
    await read('events, a page', PAGE_OF_EVENTS),
    await pair('createCheckpoint', (side) => write(side, 'work')),
    await pair('createBranch', async ({ place, repo }, n) => received(await createBranch(place.request(), { repo, name: `new/${n}-${made++}` }))),
    await pair('undo', async ({ place, repo }) => received(await undo(place.request(), { repo, branch: 'work' })), { before: (side) => write(side, 'work') }),
    await pair('merge', async ({ place, repo }, n) => received(await mergeBranch(place.request(), { repo, from: `merge/${n}`, into: 'main' })), {
      before: async (side, n) => {
        received(await createBranch(side.place.request(), { repo: side.repo, name: `merge/${n}` }));
        received(await createCheckpoint(side.place.request(), { repo: side.repo, branch: `merge/${n}`, message: 'Work', changes: [{ write: { path: `merged/${n}.txt`, text: `${n}\n` } }] }));
      },
    }),
    await pair('createRepo', async ({ place, repo }) => received(await createRepo(place.request(), { name: `made-${repo}-${made++}`, files: [{ path: 'README.md', text: 'x' }] }))),
  ];
}
