import { drawsOfTheRun } from '../support/draws.js';
import type { Json } from '../support/gateway.js';
import type { Called, Caller } from './caller.js';

const PROBLEM = '... on Problem { code message } ... on Busy { retryAfterMs }';
const CREATE_REPO = `mutation ($input: CreateRepoInput!) { done: createRepo(input: $input) { ... on CreateRepoSuccess { repo { id } } ${PROBLEM} } }`;
const CREATE_BRANCH = `mutation ($input: CreateBranchInput!) { done: createBranch(input: $input) { ... on CreateBranchSuccess { branch { name } } ${PROBLEM} } }`;
const CHECKPOINT = `mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { ... on CreateCheckpointSuccess { checkpoint { number oid } } ${PROBLEM} } }`;
const OPEN = `mutation ($input: OpenProposalInput!) { done: openProposal(input: $input) { ... on OpenProposalSuccess { proposal { number title head { oid } } } ${PROBLEM} } }`;
const MERGE = `mutation ($input: MergeProposalInput!) { done: mergeProposal(input: $input) { ... on MergeProposalSuccess { outcome } ${PROBLEM} } }`;
const FILES = 'stats { files additions deletions } files(first: 20) { nodes { path status additions deletions hunks(first: 20) { nodes { section lines { kind oldNumber newNumber text } } } } }';
const DIFF = `query ($repo: String!, $to: String!) { done: repo(name: $repo) { diff(from: "main", to: $to) { ${FILES} } } }`;
const TIMELINE = `query ($repo: String!, $branch: String!) { done: repo(name: $repo) { branch(name: $branch) { headOid checkpoints(first: 20) { nodes { number oid message createdAt } } } } }`;
const PAGE = `query { done: repos(first: 20) { nodes { name updatedAt branches(first: 5) { nodes { name headOid } } } } }`;

/** How many there are. */
export interface Crowd {
  readonly repos: number;
  /** Agents with a branch of their own. */
  readonly sessions: number;
}

/** As many as a small team has at work. */
export const TEAM: Crowd = { repos: 8, sessions: 64 };

/** Files of a repository, and those that one session goes on changing. */
const FILES_AT_FIRST = 120;
const FILES_OF_SESSION = 12;
/** Of a hundred arrivals: the rest look at a page of repositories. */
const CHECKPOINTS = 40;
const DIFFS = 30;
const PROPOSALS = 16;
const TIMELINES = 10;

/** A proposal on its way: each arrival takes it one step on. */
interface Story {
  readonly repo: string;
  readonly branch: string;
  step: 'branch' | 'checkpoint' | 'open' | 'merge';
  number: number;
  head: string;
}

/** What became of an arrival: its kind and its call. */
export interface Acted {
  readonly kind: string;
  readonly called: Called;
}

/** Agents at work: each arrival is one call of one of them, drawn from the mix. */
export class Agents {
  readonly #caller: Caller;
  readonly #crowd: Crowd;
  readonly #idle: Story[] = [];
  readonly #draw = drawsOfTheRun();
  #written = 0;
  #told = 0;
  #merged = 0;
  /** When proposals were acknowledged, by their titles, until an event tells of them. */
  readonly opened = new Map<string, number>();

  constructor(caller: Caller, crowd: Crowd = TEAM) {
    this.#caller = caller;
    this.#crowd = crowd;
  }

  /** Proposals that were merged. */
  get merged(): number {
    return this.#merged;
  }

  /** Checkpoints that were acknowledged. */
  get written(): number {
    return this.#written;
  }

  /** Makes repositories and sessions; throws where the gateway does not. */
  async prepare(): Promise<void> {
    const made = async (query: string, input: object): Promise<void> => {
      const { ending, said } = await this.#caller.call(query, { input });
      if (ending !== 'GOOD') throw new TypeError(`not prepared: ${ending} ${said}`);
    };
    for (let n = 0; n < this.#crowd.repos; n++) {
      const files = Array.from({ length: FILES_AT_FIRST }, (_, at) => ({ path: pathOf(at), text: textOf(at, 0) }));
      await made(CREATE_REPO, { name: `load-${n}`, files, settings: { approvalsRequired: 0 } });
    }
    for (let n = 0; n < this.#crowd.sessions; n++) {
      await made(CREATE_BRANCH, { repo: this.#repoOf(n), name: `session/${n}` });
      await made(CHECKPOINT, { repo: this.#repoOf(n), branch: `session/${n}`, message: 'Begin', changes: this.#changes(n, FILES_OF_SESSION) });
    }
  }

  /** One arrival. */
  async act(): Promise<Acted> {
    const drawn = this.#draw(100);
    const session = this.#draw(this.#crowd.sessions);
    const repo = this.#repoOf(session);
    const branch = `session/${session}`;
    if (drawn < CHECKPOINTS) return this.#checkpoint(session);
    if (drawn < CHECKPOINTS + DIFFS) return { kind: 'diff', called: await this.#caller.call(DIFF, { repo, to: branch }) };
    if (drawn < CHECKPOINTS + DIFFS + PROPOSALS) return this.#tell();
    if (drawn < CHECKPOINTS + DIFFS + PROPOSALS + TIMELINES) return { kind: 'timeline', called: await this.#caller.call(TIMELINE, { repo, branch }) };
    return { kind: 'page', called: await this.#caller.call(PAGE, {}) };
  }

  async #checkpoint(session: number): Promise<Acted> {
    const called = await this.#caller.call(CHECKPOINT, { input: { repo: this.#repoOf(session), branch: `session/${session}`, message: 'Work', prompt: 'go on', changes: this.#changes(session, 2) } });
    if (called.ending === 'GOOD') this.#written++;
    return { kind: 'checkpoint', called };
  }

  /** The next step of a story that rests, or of a new one. One that was refused takes the step again later. */
  async #tell(): Promise<Acted> {
    const n = this.#told;
    const story = this.#idle.shift() ?? { repo: this.#repoOf(this.#told++), branch: `proposal/${n}`, step: 'branch', number: 0, head: '' };
    const kind = story.step;
    const called = await this.#stepOf(story);
    if (called.ending === 'GOOD') this.#moved(story, called.done);
    // A step whose outcome is unknown cannot be taken again without the key of the first try: the story ends here.
    if (called.ending !== 'LATE' && called.ending !== 'FAILED' && !(kind === 'merge' && called.ending === 'GOOD')) this.#idle.push(story);
    return { kind, called };
  }

  #stepOf({ repo, branch, step, number, head }: Story): Promise<Called> {
    switch (step) {
      case 'branch':
        return this.#caller.call(CREATE_BRANCH, { input: { repo, name: branch } });
      case 'checkpoint':
        return this.#caller.call(CHECKPOINT, { input: { repo, branch, message: 'Propose', changes: [{ write: { path: `proposed/${branch.slice(-1)}/${branch.slice('proposal/'.length)}.txt`, text: `${branch}\n` } }] } });
      case 'open':
        return this.#caller.call(OPEN, { input: { repo, source: branch, title: branch } });
      case 'merge':
        return this.#caller.call(MERGE, { input: { repo, number, expectedHead: head, deleteSource: true } });
    }
  }

  #moved(story: Story, done: Json): void {
    if (story.step === 'open') {
      story.number = done.proposal.number;
      story.head = done.proposal.head.oid;
      this.opened.set(done.proposal.title, performance.now());
    }
    if (story.step === 'merge') this.#merged++;
    const next = { branch: 'checkpoint', checkpoint: 'open', open: 'merge', merge: 'merge' } as const;
    story.step = next[story.step];
  }

  #repoOf(n: number): string {
    return `load-${n % this.#crowd.repos}`;
  }

  #changes(session: number, count: number): readonly object[] {
    const first = this.#draw(FILES_OF_SESSION);
    return Array.from({ length: count }, (_, n) => {
      const at = (session * FILES_OF_SESSION + ((first + n) % FILES_OF_SESSION)) % FILES_AT_FIRST;
      return { write: { path: pathOf(at), text: textOf(at, this.#draw(1_000_000)) } };
    });
  }
}

function pathOf(at: number): string {
  return `src/part-${at % 10}/file-${at}.txt`;
}

/** A file of a hundred lines, of which one says which version it is. */
function textOf(at: number, version: number): string {
  return Array.from({ length: 100 }, (_, line) => (line === at % 100 ? `version ${version}\n` : `line ${line} of file ${at}\n`)).join('');
}
