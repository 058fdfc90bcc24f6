import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { runGit } from '../../support/git-binary.js';
import { type Json, startGateway, type TestGateway } from '../../support/gateway.js';
import { watchMainThread } from '../../support/main-thread.js';
import type { Ask } from './asks.js';

/** A gateway that is sent inputs, with the repository `fuzz`, its branches `main` and `session/1`, and a proposal of one to the other. */
export interface InputTarget {
  readonly gateway: TestGateway;
  /** Sends an input and answers what must never be: a 5xx, a fault on the gateway's side, or a turn of the event loop that took too long. Null when all is well. */
  send(ask: Ask): Promise<string | null>;
  /** What native git has to say against anything that was accepted. */
  objections(): Promise<string[]>;
}

/** The longest that one turn of the event loop may take the main thread, in milliseconds of its processor time. */
const STALL_MS = 100;
/** Codes that say that something went wrong on the gateway's side. */
const FAULTS = /"code":"(?:INTERNAL|UNAVAILABLE|TIMEOUT|OBJECT_CORRUPT|OBJECT_MISSING)"/u;
/** What the gateway has on purpose no program or no part for. */
const NOT_BUILT = 501;

/** Opens one; close its gateway at the end. */
export async function openInputTarget(): Promise<InputTarget> {
  const gateway = await startGateway({ settings: { WEIR_FAILED_KEY_LIMIT: '0', WEIR_MAX_PAGE: '1000' } });
  const head = await prepare(gateway);
  // What is compiled and read once is not what a client of a running gateway meets.
  await answerTo(gateway, { name: 'warm', document: '{ server { version } repo(name: "fuzz") { id } }', variables: {} }, head);
  return {
    gateway,
    async send(ask) {
      const watch = watchMainThread();
      const { status, body } = await answerTo(gateway, ask, head);
      // An input that is refused without a look at the disk or the database leaves the turn of the test: each gets one of its own, as it would by its socket.
      await setImmediate();
      const { longestMs } = watch.stop();
      if ((status >= 500 && status !== NOT_BUILT) || FAULTS.test(body)) return `${ask.name}: ${status} ${body.slice(0, 400)}`;
      return longestMs > STALL_MS ? `${ask.name}: held the thread for ${longestMs.toFixed(0)} ms` : null;
    },
    objections: () => objections(gateway),
  };
}

async function answerTo(gateway: TestGateway, ask: Ask, head: string): Promise<{ readonly status: number; readonly body: string }> {
  const gone = new AbortController();
  const response = 'document' in ask
    ? await gateway.fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query: ask.document, variables: ask.variables }) })
    : await gateway.fetch(ask.url.replaceAll('<head>', head), { ...ask.init, signal: gone.signal });
  const isEndless = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
  const body = isEndless ? '' : await response.text();
  if (isEndless) await response.body?.cancel();
  gone.abort();
  return { status: response.status, body };
}

async function prepare(gateway: TestGateway): Promise<string> {
  const done = async (mutation: string, input: Json): Promise<void> => {
    const type = `${mutation[0]?.toUpperCase()}${mutation.slice(1)}Input`;
    const answer = await gateway.data(`mutation ($input: ${type}!) { ${mutation}(input: $input) { __typename ... on Problem { message } } }`, { input });
    if (!String(answer[mutation].__typename).endsWith('Success')) throw new TypeError(`${mutation}: ${answer[mutation].message}`);
  };
  await done('createRepo', { name: 'fuzz', files: [{ path: 'README.md', text: 'read\n' }, { path: 'src/shared.txt', text: 'one\n' }] });
  await done('createBranch', { repo: 'fuzz', name: 'session/1' });
  await done('createBranch', { repo: 'fuzz', name: 'session/conflict' });
  await done('createCheckpoint', { repo: 'fuzz', branch: 'session/1', message: 'change', changes: [{ write: { path: 'README.md', text: 'read this\n' } }] });
  await done('createCheckpoint', { repo: 'fuzz', branch: 'session/conflict', message: 'change', changes: [{ write: { path: 'src/shared.txt', text: 'two\n' } }] });
  await done('openProposal', { repo: 'fuzz', source: 'session/1', title: 'change' });
  await done('createCheckpoint', { repo: 'fuzz', branch: 'main', message: 'change', changes: [{ write: { path: 'src/shared.txt', text: 'three\n' } }] });
  await done('commentOnProposal', { repo: 'fuzz', number: 1, body: 'why' });
  const { repo }: Json = await gateway.data('{ repo(name: "fuzz") { branch(name: "main") { headOid } } }');
  return repo.branch.headOid;
}

/** Every branch name by `git check-ref-format --branch`, every repository by `git fsck --strict` of its export. */
async function objections(gateway: TestGateway): Promise<string[]> {
  const found: string[] = [];
  const scratch = mkdtempSync(join(tmpdir(), 'weir-inputs-'));
  const { repos }: Json = await gateway.data('{ repos(first: 1000) { nodes { name } } }');
  try {
    for (const [at, { name }] of repos.nodes.entries()) {
      const { repo }: Json = await gateway.data('query ($name: String!) { repo(name: $name) { branches(first: 1000) { nodes { name } } } }', { name });
      for (const branch of repo.branches.nodes) if (runGit(scratch, ['check-ref-format', '--branch', branch.name]).status !== 0) found.push(`branch ${JSON.stringify(branch.name)}`);
      const record = await gateway.app.storage.reader().repoByName(name);
      if (record === null) continue;
      const path = join(scratch, String(at));
      await gateway.app.exportRepo(record, path);
      const { stdout, stderr } = runGit(path, ['fsck', '--full', '--strict', '--no-dangling', '--no-progress']);
      for (const line of `${stdout}${stderr}`.split('\n')) if (line !== '' && !line.startsWith('notice:')) found.push(`${name}: ${line}`);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return found;
}
