import { createCheckpoint } from '../../../src/operations/checkpoint/create-checkpoint.js';
import { redo } from '../../../src/operations/checkpoint/redo.js';
import { undo } from '../../../src/operations/checkpoint/undo.js';
import { makeLongTimeline, type LongTimeline } from '../long-timeline.js';
import { compare, type Comparison } from '../measure.js';
import { BenchRefused, document, received, type Workplace } from '../workplace.js';

const GOAL = 1.3;
const PAGE_SIZE = 50;
/** The largest page: what leads to the middle of a million in ten thousand steps at most. */
const STRIDE = 100;

const FIELDS = 'edges { node { number state origin message createdBy createdAt runId oid } } pageInfo { endCursor hasNextPage }';
const FORWARDS = document(`query ($repo: String!, $branch: String!, $first: Int!, $after: String) {
  repo(name: $repo) { branch(name: $branch) { canUndo canRedo checkpoints(first: $first, after: $after) { ${FIELDS} } } }
}`);
const BACKWARDS = document(`query ($repo: String!, $branch: String!, $last: Int!) {
  repo(name: $repo) { branch(name: $branch) { canUndo canRedo checkpoints(last: $last) { ${FIELDS} } } }
}`);
const ENDS = document(`query ($repo: String!, $branch: String!, $first: Int!, $after: String) {
  repo(name: $repo) { branch(name: $branch) { checkpoints(first: $first, after: $after) { pageInfo { endCursor } } } }
}`);

/** A timeline as long as the longest beside one as short as the shortest, the same work on both: what length costs. */
export async function timeline(place: Workplace, lengths: readonly number[], rounds: number, progress: (text: string) => void): Promise<Comparison[]> {
  const made: Side[] = [];
  for (const length of lengths) {
    const started = performance.now();
    const branch = await makeLongTimeline(place, length);
    made.push({ ...branch, middle: await middleOf(place, branch) });
    progress(`  ${length} checkpoints made in ${((performance.now() - started) / 1000).toFixed(0)} s\n`);
  }
  const [short] = made;
  const long = made.at(-1);
  if (short === undefined || long === undefined) return [];
  const on = { rounds, goal: GOAL, subject: `${long.name} / ${short.name}` };
  const both = (run: (side: Side, round: number) => unknown, after?: (side: Side) => unknown) =>
    [long, short].map((side) => ({ name: side.name, run: (round: number) => run(side, round), ...(after === undefined ? {} : { after: () => after(side) }) }));
  const pair = async (job: string, sides: ReturnType<typeof both>): Promise<Comparison> => {
    const [ours, other] = sides;
    if (ours === undefined || other === undefined) throw new BenchRefused('two timelines are compared');
    return compare(job, ours, other, on);
  };
  return [
    await pair('timeline, first page', both((side) => place.ask(FORWARDS, { ...side, first: PAGE_SIZE }))),
    await pair('timeline, middle page', both((side) => place.ask(FORWARDS, { ...side, first: PAGE_SIZE, after: side.middle }))),
    await pair('timeline, last page', both((side) => place.ask(BACKWARDS, { ...side, last: PAGE_SIZE }))),
    await pair('undo', both(async (side) => received(await undo(place.request(), side)), async (side) => received(await redo(place.request(), side)))),
    await pair('createCheckpoint', both(async (side, round) => received(await createCheckpoint(place.request(), { ...side, message: 'More', changes: [{ write: { path: 'more.txt', text: `${round}\n` } }] })))),
  ];
}

interface Side extends LongTimeline {
  /** The cursor of the checkpoint half way. */
  readonly middle: string;
}

async function middleOf(place: Workplace, { repo, branch, checkpoints }: LongTimeline): Promise<string> {
  let after: string | null = null;
  for (let passed = 0; passed < checkpoints / 2; passed += STRIDE) after = endOf(await place.ask(ENDS, { repo, branch, first: STRIDE, after }));
  if (after === null) throw new BenchRefused('the timeline has no middle');
  return after;
}

/** The end cursor, wherever it stands in the answer. */
function endOf(answer: unknown): string | null {
  if (typeof answer !== 'object' || answer === null) return null;
  for (const [name, value] of Object.entries(answer)) {
    const found: unknown = name === 'endCursor' ? value : endOf(value);
    if (typeof found === 'string') return found;
  }
  return null;
}
