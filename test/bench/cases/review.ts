import type { DocumentNode } from 'graphql';
import { createBranch } from '../../../src/operations/branch/create-branch.js';
import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { openProposal } from '../../../src/operations/proposal/open-proposal.js';
import { pathOf } from '../generate.js';
import { compare, type Comparison, type Contender } from '../measure.js';
import { BenchRefused, document, received, type Asking, type Subject, type Workplace } from '../workplace.js';

/** Files of the repository, all of which the large proposal changes. */
const FILES = 5_000;
/** Files that the small proposal changes: as many as one page shows. */
const PAGE = 50;
const GOAL = 2;

const PROPOSAL = 'number title state createdBy createdAt sourceName targetName';
const FILES_SHOWN = 'files(first: $first) { edges { node { path status additions deletions } } pageInfo { endCursor hasNextPage } }';
const FIRST_PAGE = document(`query ($repo: String!, $number: Int!, $first: Int!) {
  repo(name: $repo) { proposal(number: $number) { ${PROPOSAL} diff { stats { files } ${FILES_SHOWN} } } }
}`);
const WITH_TOTALS = document(`query ($repo: String!, $number: Int!, $first: Int!) {
  repo(name: $repo) { proposal(number: $number) { ${PROPOSAL} diff { stats { files additions deletions } ${FILES_SHOWN} } } }
}`);

/** A proposal of 5,000 files beside one of 50 in the same repository, both opened at their first page: what the size of a change costs its reviewer. */
export async function review(place: Workplace, rounds: number): Promise<Comparison[]> {
  const subject = await place.generated({ files: FILES, commits: 1 });
  const large = { name: `${FILES} files`, number: await propose(place, subject, FILES) };
  const small = { name: `${PAGE} files`, number: await propose(place, subject, PAGE) };
  const other = await propose(place, subject, 1);
  const on = { rounds, subject: `${large.name} / ${small.name}` };
  const asking = (asked: Asking, page: DocumentNode, number: number): Promise<unknown> => asked.ask(page, { repo: subject.repoName, number, first: PAGE });
  const warm = (page: DocumentNode) => [large, small].map(({ name, number }): Contender => ({ name, run: () => asking(place, page, number) }));
  const cold = (page: DocumentNode) =>
    [large, small].map(({ name, number }): Contender => {
      let gateway: Awaited<ReturnType<Workplace['another']>> | null = null;
      return {
        name,
        async before() {
          gateway = await place.another();
          // Connections, statements and the commit graph are there; nothing of this change is.
          await asking(gateway, page, other);
        },
        run: () => (gateway === null ? Promise.reject(new BenchRefused('No gateway was opened.')) : asking(gateway, page, number)),
        after: () => gateway?.close(),
      };
    });
  const pair = async (job: string, [ours, against]: readonly Contender[], goal: number | null): Promise<Comparison> => {
    if (ours === undefined || against === undefined) throw new BenchRefused('Two proposals are compared.');
    return compare(job, ours, against, { ...on, goal });
  };
  return [
    await pair('first page of a proposal, cold', cold(FIRST_PAGE), GOAL),
    await pair('first page of a proposal, warm', warm(FIRST_PAGE), GOAL),
    await pair('the same with all lines counted, cold', cold(WITH_TOTALS), null),
    await pair('the same with all lines counted, warm', warm(WITH_TOTALS), GOAL),
  ];
}

/** Opens a proposal that changes one line in each of so many files, spread over the directories; answers its number. */
async function propose(place: Workplace, { repoName, branch, files }: Subject, count: number): Promise<number> {
  const source = `review-${count}`;
  const changes = Array.from({ length: count }, (_, n) => ({ write: { path: pathOf(n * (files / count), files), text: `export const changed = ${n};\n` } }));
  received(await createBranch(place.request(), { repo: repoName, name: source, from: branch }));
  received(await createCheckpoint(place.request(), { repo: repoName, branch: source, message: 'Change', changes }));
  const { proposalId } = received(await openProposal(place.request(), { repo: repoName, source, target: branch, title: `${count} files` }));
  const proposal = await place.app.storage.reader().proposal(proposalId);
  if (proposal === null) throw new BenchRefused('A proposal that was just opened is not there.');
  return proposal.number;
}
