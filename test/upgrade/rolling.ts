import { spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeSandbox, type Sandbox } from '../support/sandbox.js';
import { transpileSources } from '../support/transpile.js';
import { AnsweredErrors, layRelease, startRelease, type Running } from './release.js';

/** What a rolling restart came to. */
export interface RollReport {
  readonly acknowledged: number;
  /** Tries that did not answer, or answered that another gateway has to be asked; each was made again until it was acknowledged. */
  readonly retried: number;
  /** The longest that one write took with all its tries, in milliseconds. */
  readonly longestMs: number;
  readonly events: number;
  /** What is wrong, a sentence each. */
  readonly faults: readonly string[];
}

const REPO = 'rolled/site';
const WRITERS = 4;
/** Writes to be acknowledged between two steps of the restart. */
const BETWEEN = 60;
/** Codes after which the same write is tried again, elsewhere. */
const AGAIN: ReadonlySet<unknown> = new Set(['BUSY', 'UNAVAILABLE']);
const PAUSE_MS = 20;

const CREATE = `mutation ($input: CreateCheckpointInput!) { createCheckpoint(input: $input) { __typename
  ... on CreateCheckpointSuccess { checkpoint { number oid } } ... on Problem { code message } } }`;
const EVENTS = 'query ($after: String!) { events(after: $after, first: 100) { edges { cursor node { __typename ... on BranchMoved { after } } } } }';

/**
 * Replaces two gateways of an earlier release, one by one, by two of this one, on one database and one data directory, while clients write
 * through whichever is there and one reads events from cursor to cursor. Afterwards every acknowledged write must be there with its
 * commit and told by one event, and the doctor must have nothing to say.
 */
export async function rollOver(revision: string): Promise<RollReport> {
  const sandbox = makeSandbox();
  const rolling = new Rolling();
  try {
    const older = layRelease(revision, sandbox.directory);
    const newer = layPresent(sandbox);
    const first = [await startRelease(older, sandbox), await startRelease(older, sandbox)];
    rolling.gateways.push(...first);
    await rolling.begin();
    const work = rolling.work();
    // Awaited in the end, whatever else fails.
    work.catch(() => undefined);
    for (const old of first) {
      await rolling.more(BETWEEN);
      rolling.gateways.push(await startRelease(newer, sandbox));
      await rolling.more(BETWEEN);
      rolling.gateways.splice(rolling.gateways.indexOf(old), 1);
      const code = await old.stop();
      if (code !== 0) rolling.faults.push(`A gateway of ${revision} ended with ${code}.`);
    }
    await rolling.more(BETWEEN);
    rolling.stopped = true;
    await work;
    await rolling.verify();
    for (const gateway of rolling.gateways) await gateway.stop();
    const doctor = spawnSync(process.execPath, [newer, 'doctor'], { env: { ...process.env, WEIR_DATA: sandbox.data, WEIR_SYSTEM_DIR: sandbox.system }, encoding: 'utf8' });
    if (doctor.status !== 0) rolling.faults.push(`The doctor ended with ${doctor.status}: ${doctor.stdout}${doctor.stderr}`);
    return { acknowledged: rolling.acknowledged.size, retried: rolling.retried, longestMs: Math.round(rolling.longestMs), events: rolling.told.length, faults: rolling.faults };
  } finally {
    rolling.stopped = true;
    await sandbox.remove();
  }
}

/** The release as it stands in this checkout. */
function layPresent({ directory }: Sandbox): string {
  const present = join(directory, 'present');
  mkdirSync(present);
  transpileSources(resolve('.'), present);
  symlinkSync(resolve('node_modules'), join(present, 'node_modules'));
  return join(present, 'src', 'main.js');
}

/** Clients of a service whose gateways come and go. */
class Rolling {
  /** Those to be asked now. */
  readonly gateways: Running[] = [];
  /** The commit of each acknowledged write, by its message. */
  readonly acknowledged = new Map<string, string>();
  /** The commits that events told of, in their order. */
  readonly told: string[] = [];
  readonly faults: string[] = [];
  retried = 0;
  longestMs = 0;
  stopped = false;
  #cursor = '';
  #turn = 0;
  #written = false;

  async begin(): Promise<void> {
    const { ask } = this.#next();
    await ask('mutation ($name: String!) { createRepo(input: {name: $name}) { __typename } }', { name: REPO });
    for (let writer = 0; writer < WRITERS; writer++) await ask('mutation ($repo: String!, $name: String!) { createBranch(input: {repo: $repo, name: $name}) { __typename } }', { repo: REPO, name: `session/${writer}` });
    ({ eventCursor: this.#cursor } = await ask('{ eventCursor }'));
  }

  /** Writes and reads until told to stop. */
  async work(): Promise<void> {
    const writing = Promise.all(Array.from({ length: WRITERS }, (_, writer) => this.#write(writer))).finally(() => (this.#written = true));
    await Promise.all([writing, this.#read()]);
  }

  /** Waits until that many more writes were acknowledged. */
  async more(count: number): Promise<void> {
    const goal = this.acknowledged.size + count;
    while (this.acknowledged.size < goal) await sleep(PAUSE_MS);
  }

  /** Compares what is there and what was told with what was acknowledged. */
  async verify(): Promise<void> {
    const there = new Map<string, string>();
    for (let writer = 0; writer < WRITERS; writer++) {
      for (let after: string | null = null; ;) {
        const { repo } = await this.#next().ask('query ($repo: String!, $name: String!, $after: String) { repo(name: $repo) { branch(name: $name) { checkpoints(first: 100, after: $after) { pageInfo { hasNextPage endCursor } edges { node { oid message } } } } } }', { repo: REPO, name: `session/${writer}`, after });
        const { edges, pageInfo } = repo.branch.checkpoints;
        for (const { node } of edges) there.set(node.message, node.oid);
        if (pageInfo.hasNextPage !== true) break;
        after = pageInfo.endCursor;
      }
    }
    for (const [message, oid] of this.acknowledged) {
      if (there.get(message) !== oid) this.faults.push(`"${message}" was acknowledged as ${oid} and is ${there.get(message) ?? 'not there'}.`);
      const times = this.told.filter((told) => told === oid).length;
      if (times !== 1) this.faults.push(`"${message}" was told by ${times} events.`);
    }
    if (there.size !== this.acknowledged.size) this.faults.push(`There are ${there.size} checkpoints, and ${this.acknowledged.size} were acknowledged.`);
  }

  async #write(writer: number): Promise<void> {
    for (let turn = 0; !this.stopped; turn++) {
      const message = `Work ${writer}.${turn}`;
      const input = { repo: REPO, branch: `session/${writer}`, message, idempotencyKey: randomUUID(), changes: [{ write: { path: `work/${writer}.txt`, text: `${turn}\n` } }] };
      const begun = performance.now();
      const { checkpoint } = await this.#persist(async ({ ask }) => (await ask(CREATE, { input })).createCheckpoint);
      this.longestMs = Math.max(this.longestMs, performance.now() - begun);
      this.acknowledged.set(message, checkpoint.oid);
    }
  }

  /** Asks one gateway after the other until one answers with what it was asked for. */
  async #persist(ask: (gateway: Running) => Promise<{ readonly code?: unknown; readonly message?: unknown; readonly checkpoint: { readonly oid: string } }>): Promise<{ readonly checkpoint: { readonly oid: string } }> {
    for (;;) {
      const answer = await ask(this.#next()).catch((error: unknown) => this.#broken(error));
      if (answer !== null && answer.code === undefined) return answer;
      if (answer !== null && !AGAIN.has(answer.code)) throw new TypeError(`${String(answer.code)}: ${String(answer.message)}`);
      this.retried += 1;
      await sleep(PAUSE_MS);
    }
  }

  /** Reads events from cursor to cursor, the last time when everything was written. */
  async #read(): Promise<void> {
    for (let last = false; ; last = this.#written && this.acknowledged.size <= this.told.length) {
      const answer = await this.#next().ask(EVENTS, { after: this.#cursor }).catch((error: unknown) => this.#broken(error));
      for (const { cursor, node } of answer?.events.edges ?? []) {
        this.#cursor = cursor;
        if (node.__typename === 'BranchMoved') this.told.push(node.after);
      }
      if (last) return;
      await sleep(PAUSE_MS);
    }
  }

  /** A connection may break while a gateway stops; errors in an answer may not come. */
  #broken(error: unknown): null {
    if (error instanceof AnsweredErrors) this.faults.push(error.message);
    return null;
  }

  #next(): Running {
    const gateway = this.gateways[this.#turn++ % this.gateways.length];
    if (gateway === undefined) throw new TypeError('no gateway is left');
    return gateway;
  }
}
