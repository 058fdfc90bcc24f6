import { setTimeout as sleep } from 'node:timers/promises';
import { hashObject } from '../../src/git/objects/hash.js';
import { drawsOfTheRun } from './draws.js';
import type { Json } from './gateway.js';
import type { GatewayProcess } from './gateway-process.js';

const PROBLEM = '... on Problem { code message }';
const CHECKPOINT = `mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { number oid } } ${PROBLEM} } }`;
const UNDO = `mutation ($input: UndoInput!) { done: undo(input: $input) { __typename ... on UndoSuccess { branch { headOid } } ${PROBLEM} } }`;
const MERGE = `mutation ($input: MergeBranchInput!) { done: mergeBranch(input: $input) { __typename ... on MergeBranchSuccess { commit { oid } } ${PROBLEM} } }`;
const REVIEW = `mutation ($input: ReviewProposalInput!) { done: reviewProposal(input: $input) { __typename ... on ReviewProposalSuccess { review { id } } ${PROBLEM} } }`;

const PAGE = 'pageInfo { hasNextPage endCursor }';

/** Refusals that pass: the client asks again, with the same idempotency key. */
const PASSING: ReadonlySet<string> = new Set(['Busy', 'Unavailable']);
const PAUSE_MS = 25;
/** Of a hundred operations: checkpoints, undos, merges; the rest are reviews. */
const CHECKPOINTS = 60;
const UNDOS = 20;
const MERGES = 10;

/** What of a client's work is not as it was told. */
export interface Comparison {
  readonly lost: number;
  readonly gaps: number;
}

/**
 * One client of a storm: checkpoints and undoes on a branch of its own, merges from another one into `main`, and reviews a proposal. It
 * keeps in mind all that it was told, and repeats what it does not know the outcome of until it is told.
 */
export class StormClient {
  readonly #number: number;
  readonly #gateway: () => Promise<GatewayProcess>;
  readonly #over: AbortSignal;
  readonly #gone: AbortSignal;
  readonly #draw = drawsOfTheRun();
  /** The model of the undo stack: what each step forward made, and where the branch is. */
  readonly #line: string[] = [];
  readonly #checkpoints: string[] = [];
  readonly #merged: string[] = [];
  readonly #reviews: string[] = [];
  #fork = '';
  #proposal = { number: 0, head: '' };
  /** Who waits for a comparison. */
  readonly #asking: ((right: boolean) => void)[] = [];
  #calls = 0;
  #answers = 0;
  #sentLast = 0;
  #hanging = new AbortController();

  constructor(number: number, gateway: () => Promise<GatewayProcess>, over: AbortSignal, gone: AbortSignal) {
    this.#number = number;
    this.#gateway = gateway;
    this.#over = over;
    this.#gone = gone;
    // Each client goes its own way through the same draws.
    for (let skipped = 0; skipped < number * 7; skipped++) this.#draw(100);
  }

  /** Calls that were acknowledged. */
  get answers(): number {
    return this.#answers;
  }

  /** When the request was sent that was answered last with an outcome. */
  get sentLast(): number {
    return this.#sentLast;
  }

  /** Makes its branches and its proposal. */
  async prepare(): Promise<void> {
    const gateway = await this.#gateway();
    for (const kind of ['session', 'merge', 'review']) {
      const { createBranch } = await gateway.ask(`mutation { createBranch(input: { repo: "storm", name: "${kind}/${this.#number}" }) { ... on CreateBranchSuccess { branch { headOid } } } }`);
      this.#fork = createBranch.branch.headOid;
    }
    await this.#call(CHECKPOINT, { branch: `review/${this.#number}`, message: 'To be reviewed', changes: [{ write: { path: `r${this.#number}`, text: 'r' } }] });
    const { openProposal } = await gateway.ask(`mutation { openProposal(input: { repo: "storm", source: "review/${this.#number}", title: "Of ${this.#number}" }) { ... on OpenProposalSuccess { proposal { number head { oid } } } } }`);
    this.#proposal = { number: openProposal.proposal.number, head: openProposal.proposal.head.oid };
  }

  /** Whether its branch is where all it was told has led it, as soon as nothing of its own is under way. Never answers once the storm is over. */
  isWhereItWas(): Promise<boolean> {
    return new Promise((resolve) => this.#asking.push(resolve));
  }

  /** Hangs up on what it has asked for last. */
  hangUp(): void {
    this.#hanging.abort();
  }

  /** Works until the storm is over, and then to the end of what it has begun. Rejects for an answer that nothing explains. */
  async work(): Promise<void> {
    while (!this.#over.aborted) {
      for (const tell of this.#asking.splice(0)) tell((await this.#head()) === (this.#line.at(-1) ?? this.#fork));
      const drawn = this.#draw(100);
      if (drawn < CHECKPOINTS) await this.#checkpoint();
      else if (drawn < CHECKPOINTS + UNDOS) await this.#undo();
      else if (drawn < CHECKPOINTS + UNDOS + MERGES) await this.#merge();
      else await this.#review();
    }
  }

  /** Compares what the gateway has with what the client was told: every checkpoint, where undoing has led, what was merged, and every review. */
  async compare(gateway: GatewayProcess): Promise<Comparison> {
    const listed = await this.#listed(gateway);
    const gaps = listed.filter(({ number }, at) => number !== at + 1).length;
    const oids = new Set(listed.map(({ oid }) => oid));
    const told = new Set(this.#checkpoints);
    const checkpoints = missing(told, oids) + missing(oids, told) + Math.abs(told.size - listed.length);
    const { repo } = await gateway.ask(`{ repo(name: "storm") { branch(name: "session/${this.#number}") { headOid } } }`);
    const head = repo.branch.headOid === (this.#line.at(-1) ?? this.#fork) ? 0 : 1;
    const files = await this.#files(gateway);
    const merges = this.#merged.filter((path) => files.get(path) !== hashObject('blob', Buffer.from(`${path}\n`))).length;
    const reviews = await this.#reviewed(gateway);
    return { lost: checkpoints + head + merges + missing(new Set(this.#reviews), reviews) + (reviews.size === this.#reviews.length ? 0 : 1), gaps };
  }

  /** Everything of a connection below the repository, page by page. */
  async #all(gateway: GatewayProcess, query: string, connection: (repo: Json) => Json): Promise<Json[]> {
    const all: Json[] = [];
    for (let after: string | null = null, more = true; more;) {
      const { repo } = await gateway.ask(query, { after });
      const { nodes, pageInfo } = connection(repo);
      all.push(...nodes);
      ({ hasNextPage: more, endCursor: after } = pageInfo);
    }
    return all;
  }

  async #files(gateway: GatewayProcess): Promise<ReadonlyMap<string, string>> {
    if (this.#merged.length === 0) return new Map();
    const nodes = await this.#all(gateway, `query ($after: String) { repo(name: "storm") { commit(rev: "main") { tree(path: "m${this.#number}") { entries(first: 100, after: $after) { nodes { path oid } ${PAGE} } } } } }`, (repo) => repo.commit.tree.entries);
    return new Map(nodes.map(({ path, oid }) => [path, oid]));
  }

  async #reviewed(gateway: GatewayProcess): Promise<ReadonlySet<string>> {
    const nodes = await this.#all(gateway, `query ($after: String) { repo(name: "storm") { proposal(number: ${this.#proposal.number}) { reviews(first: 100, after: $after) { nodes { id } ${PAGE} } } } }`, (repo) => repo.proposal.reviews);
    return new Set(nodes.map(({ id }) => id));
  }

  #listed(gateway: GatewayProcess): Promise<readonly Json[]> {
    return this.#all(gateway, `query ($after: String) { repo(name: "storm") { branch(name: "session/${this.#number}") { checkpoints(first: 100, after: $after) { nodes { number oid } ${PAGE} } } } }`, (repo) => repo.branch.checkpoints);
  }

  /** Asked for until it is answered. */
  async #head(): Promise<string> {
    for (;;) {
      this.#gone.throwIfAborted();
      const found = await this.#asked(`{ done: repo(name: "storm") { branch(name: "session/${this.#number}") { headOid } } }`, {});
      if (found !== null) return found.branch.headOid;
      await sleep(PAUSE_MS);
    }
  }

  async #checkpoint(): Promise<void> {
    const n = this.#calls;
    const done = await this.#call(CHECKPOINT, { branch: `session/${this.#number}`, message: `Work ${n}`, changes: [{ write: { path: `s${this.#number}/${n % 20}`, text: `${n}\n` } }] });
    this.#line.push(done.checkpoint.oid);
    this.#checkpoints.push(done.checkpoint.oid);
  }

  async #undo(): Promise<void> {
    if (this.#line.length === 0) return this.#checkpoint();
    const done = await this.#call(UNDO, { branch: `session/${this.#number}` });
    this.#line.pop();
    if (done.branch.headOid !== (this.#line.at(-1) ?? this.#fork)) throw new TypeError(`an undo of client ${this.#number} went to ${done.branch.headOid}`);
  }

  async #merge(): Promise<void> {
    const path = `m${this.#number}/${this.#calls}`;
    await this.#call(CHECKPOINT, { branch: `merge/${this.#number}`, message: 'To be merged', changes: [{ write: { path, text: `${path}\n` } }] });
    await this.#call(MERGE, { from: `merge/${this.#number}`, into: 'main' });
    this.#merged.push(path);
  }

  async #review(): Promise<void> {
    const done = await this.#call(REVIEW, { number: this.#proposal.number, verdict: 'COMMENT', head: this.#proposal.head, body: `Call ${this.#calls}` });
    this.#reviews.push(done.review.id);
  }

  /** Asks until it is answered with an outcome. */
  async #call(query: string, input: Record<string, unknown>): Promise<Json> {
    const variables = { input: { repo: 'storm', idempotencyKey: `c${this.#number}-${this.#calls++}`, ...input } };
    for (;;) {
      this.#gone.throwIfAborted();
      // It may be the gateway after this one that it goes to.
      await this.#gateway().catch(() => null);
      const sent = performance.now();
      const done = await this.#asked(query, variables);
      if (done !== null && !PASSING.has(done.__typename)) {
        if (!String(done.__typename).endsWith('Success')) throw new TypeError(`client ${this.#number} was refused: ${JSON.stringify(done)}`);
        this.#answers += 1;
        this.#sentLast = sent;
        return done;
      }
      await sleep(PAUSE_MS);
    }
  }

  /** null: no answer, or one of the transport that promises nothing. */
  async #asked(query: string, variables: Record<string, unknown>): Promise<Json | null> {
    this.#hanging = new AbortController();
    const { signal } = this.#hanging;
    try {
      return (await (await this.#gateway()).ask(query, variables, signal)).done;
    } catch (error) {
      if (signal.aborted) return null;
      if (error instanceof TypeError && /fetch failed|terminated|"UNAVAILABLE"|"BUSY"|"UNAUTHENTICATED"|"TIMEOUT"/u.test(error.message)) return null;
      throw error;
    }
  }
}

/** How many of the first are not among the second. */
function missing(told: ReadonlySet<string>, there: ReadonlySet<string>): number {
  return [...told].filter((one) => !there.has(one)).length;
}
