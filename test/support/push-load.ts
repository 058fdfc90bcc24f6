import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Json, TestGateway } from './gateway.js';
import { cloneUrl, type GitClient } from './git-client.js';

/** A head that somebody was told of: `seq` where the answer names its place in the log, which a push does not. Times in milliseconds. */
export interface Acknowledged {
  readonly branch: string;
  readonly oid: string;
  readonly seq: number | null;
  readonly asked: number;
  readonly told: number;
}

/** What a load has brought about. */
export interface LoadResult {
  readonly acknowledged: readonly Acknowledged[];
  /** Calls by what became of them: a verb that did its work, or the reason of a refusal. */
  readonly counts: ReadonlyMap<string, number>;
  /** What neither did its work nor was refused for a reason that clients under load must expect. */
  readonly unexpected: readonly string[];
}

/** How much is asked, and by how many. */
export interface LoadOptions {
  readonly repo: string;
  /** As many git clients as GraphQL writers. */
  readonly clients: number;
  /** False ends the load: asked before each call, with how many this client has made, in how many milliseconds. */
  readonly goesOn: (calls: number, milliseconds: number) => boolean;
  readonly draw: (below: number) => number;
}

/** Branches that all clients write to; each has one of its own as well. */
const SHARED = ['session/shared-0', 'session/shared-1', 'session/shared-2'];
/** Files of one client: trees stay small however long it goes on. */
const FILES = 4;

const OPERATION = 'operation { seq refs { branchName after } }';
const VERBS = {
  createCheckpoint: `mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { ... on CreateCheckpointSuccess { ${OPERATION} } ... on Problem { code message } } }`,
  mergeBranch: `mutation ($input: MergeBranchInput!) { done: mergeBranch(input: $input) { ... on MergeBranchSuccess { outcome ${OPERATION} } ... on Problem { code message } } }`,
  refreshBranch: `mutation ($input: RefreshBranchInput!) { done: refreshBranch(input: $input) { ... on RefreshBranchSuccess { ${OPERATION} } ... on Problem { code message } } }`,
  undo: `mutation ($input: UndoInput!) { done: undo(input: $input) { ... on UndoSuccess { ${OPERATION} } ... on Problem { code message } } }`,
} as const;
type Verb = keyof typeof VERBS;

/** Refusals that are the way of the world with many writers, some of whom undo; anything else would be a fault. */
const EXPECTED_ANSWERS = /^(?:BUSY|MERGE_CONFLICTED) |has fewer checkpoints than that to undo/u;
/** The same in the words that a git client shows. */
const EXPECTED_WORDS: readonly (readonly [string, RegExp])[] = [
  ['moved meanwhile', /is not where this push expects it|\[rejected\]/u],
  ['would lose commits', /has commits that this push would take from it/u],
  ['busy', /error: 503|another try|try again/u],
];

/** Has git clients and GraphQL writers at work on one repository, side by side. */
export async function runLoad(gateway: TestGateway, client: GitClient, options: LoadOptions): Promise<LoadResult> {
  const load = new Load(gateway, client, options);
  await load.prepare();
  await Promise.all(Array.from({ length: options.clients }, (_, at) => [load.pusher(at), load.writer(at)]).flat());
  return load;
}

class Load implements LoadResult {
  readonly acknowledged: Acknowledged[] = [];
  readonly counts = new Map<string, number>();
  readonly unexpected: string[] = [];
  #began = 0;

  constructor(readonly gateway: TestGateway, readonly client: GitClient, readonly options: LoadOptions) {}

  async prepare(): Promise<void> {
    const { repo, clients } = this.options;
    const own = Array.from({ length: clients }, (_, at) => `session/writer-${at}`);
    for (const name of [...SHARED, ...own]) {
      const { done } = await this.gateway.data('mutation ($input: CreateBranchInput!) { done: createBranch(input: $input) { ... on Problem { message } } }', { input: { repo, name } });
      if (done.message !== undefined) throw new TypeError(done.message);
    }
    const url = await cloneUrl(this.gateway, repo);
    for (let at = 0; at < clients; at++) await this.client.git('clone', '-q', url, `pusher-${at}`);
    this.#began = performance.now();
  }

  async pusher(at: number): Promise<void> {
    const { draw } = this.options;
    const work = join(this.client.directory, `pusher-${at}`);
    const git = (...args: readonly string[]): Promise<string> => this.client.git('-C', work, ...args);
    for (let calls = 0; this.#goesOn(calls); calls++) {
      const branch = this.#branchOf(`session/pusher-${at}`);
      if (SHARED.includes(branch)) {
        await git('fetch', '-q', 'origin', branch);
        await git('checkout', '-q', '--detach', 'FETCH_HEAD');
      } else if ((await git('for-each-ref', `refs/remotes/origin/${branch}`)) !== '') {
        await git('checkout', '-q', '--detach', `refs/remotes/origin/${branch}`);
      }
      mkdirSync(join(work, 'pushed'), { recursive: true });
      writeFileSync(join(work, 'pushed', `${at}-${draw(FILES)}.txt`), `${at} ${calls}\n`);
      await git('add', '-A');
      await git('commit', '-q', '-m', `Push ${at} ${calls}`);
      const oid = await git('rev-parse', 'HEAD');
      const asked = performance.now();
      const { status, stderr } = await this.client.run(['-C', work, 'push', 'origin', `HEAD:refs/heads/${branch}`]);
      if (status === 0) this.#done('push', { branch, oid, seq: null, asked, told: performance.now() });
      else this.#refused('push', EXPECTED_WORDS.find(([, words]) => words.test(stderr))?.[0], stderr);
    }
  }

  async writer(at: number): Promise<void> {
    const { repo, draw } = this.options;
    for (let calls = 0; this.#goesOn(calls); calls++) {
      const branch = this.#branchOf(`session/writer-${at}`);
      const change = { write: { path: `${branch.replace('session', 'written')}/${at}-${draw(FILES)}.txt`, text: `${at} ${calls}\n` } };
      const which = draw(10);
      if (calls === 0 || which < 5) await this.#ask('createCheckpoint', branch, { repo, branch, message: `Write ${at} ${calls}`, changes: [change] });
      else if (which < 7) await this.#ask('mergeBranch', 'main', { repo, from: branch, into: 'main' });
      else if (which < 9) await this.#ask('refreshBranch', branch, { repo, name: branch });
      else await this.#ask('undo', branch, { repo, branch });
    }
  }

  #goesOn(calls: number): boolean {
    return this.options.goesOn(calls, performance.now() - this.#began);
  }

  /** One in three times a branch of everybody's. */
  #branchOf(own: string): string {
    const { draw } = this.options;
    return draw(3) === 0 ? (SHARED[draw(SHARED.length)] ?? own) : own;
  }

  async #ask(verb: Verb, branch: string, input: Json): Promise<void> {
    const asked = performance.now();
    const { data, errors } = await this.gateway.gql(VERBS[verb], { input });
    const told = performance.now();
    if (errors !== undefined) {
      this.#refused(verb, undefined, JSON.stringify(errors));
      return;
    }
    const { code, message, outcome, operation } = data.done;
    if (code !== undefined) this.#refused(verb, EXPECTED_ANSWERS.test(`${code} ${message}`) ? code : undefined, `${code} ${message}`);
    else if (operation === null) this.#count(`${verb}: ${outcome ?? 'nothing to do'}`);
    else this.#done(verb, { branch, oid: operation.refs.find((ref: Json) => ref.branchName === branch)?.after, seq: operation.seq, asked, told });
  }

  #done(verb: string, acknowledged: Acknowledged): void {
    this.#count(verb);
    this.acknowledged.push(acknowledged);
  }

  #refused(verb: string, reason: string | undefined, words: string): void {
    this.#count(`${verb}: ${reason ?? 'FAULT'}`);
    if (reason === undefined) this.unexpected.push(`${verb}: ${words}`);
  }

  #count(what: string): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + 1);
  }
}
