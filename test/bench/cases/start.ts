import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdirSync } from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serverAccount, type Account } from '../../../src/storage/postgres/account.js';
import { installedBinaries, prepareBinaries, type Binaries } from '../../../src/storage/postgres/binaries.js';
import { compare, type Comparison } from '../measure.js';
import { BenchRefused, type Workplace } from '../workplace.js';

const ROUNDS = 5;
const MAIN = fileURLToPath(new URL('../../../src/main.js', import.meta.url));

/** `weir serve` until it listens: with nothing there yet beside a bare Postgres, made and started; and again beside an empty Node program. */
export async function start(place: Workplace, rounds: number): Promise<Comparison[]> {
  const on = { rounds: Math.min(rounds, ROUNDS), goal: null, subject: 'one process' };
  const account = serverAccount();
  const binaries = await prepareBinaries(installedBinaries(), join(place.directory, 'programs'), account);
  const cold = new Served((round) => join(place.directory, `cold-${round}`), place.directory);
  const warm = new Served(() => join(place.directory, 'warm'), place.directory);
  const bare = new BarePostgres(place.directory, binaries, account);
  return [
    await compare('start, nothing there yet', { name: 'weir serve', run: (round) => cold.start(round), after: () => cold.stop() }, { name: 'initdb + postgres', run: (round) => bare.start(round), after: () => bare.stop() }, on),
    await compare('start, again', { name: 'weir serve', run: (round) => warm.start(round), after: () => warm.stop() }, { name: 'node -e 0', run: () => spawnSync(process.execPath, ['-e', '0']) }, on),
  ];
}

/** A gateway in a process of its own, started and stopped. */
class Served {
  #child: ChildProcess | null = null;

  constructor(
    private readonly dataOf: (round: number) => string,
    private readonly directory: string,
  ) {}

  async start(round: number): Promise<void> {
    const env = { PATH: process.env['PATH'] ?? '', PORT: '0', WEIR_DATA: this.dataOf(round), WEIR_SYSTEM_DIR: join(this.directory, 'system'), WEIR_LOG_LEVEL: 'silent' };
    this.#child = spawn(process.execPath, [MAIN, 'serve'], { env, stdio: ['ignore', 'pipe', 'ignore'] });
    await printed(this.#child, this.#child.stdout, 'Weir listens at');
  }

  async stop(): Promise<void> {
    if (this.#child !== null) await end(this.#child, 'SIGTERM');
  }
}

/** Postgres without a gateway: a cluster is made and its server started, as anything that keeps rows would have to. */
class BarePostgres {
  #child: ChildProcess | null = null;

  constructor(
    private readonly directory: string,
    private readonly binaries: Binaries,
    private readonly account: Account,
  ) {}

  async start(round: number): Promise<void> {
    const home = join(this.directory, `postgres-${round}`);
    const { uid, gid, switched } = this.account;
    mkdirSync(home, { mode: 0o700 });
    if (switched) chownSync(home, uid, gid);
    const as = switched ? { uid, gid } : {};
    const cluster = join(home, 'cluster');
    const { status } = spawnSync(this.binaries.initdb, ['-D', cluster, '-U', 'weir', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-instructions'], { ...as, cwd: home, stdio: 'ignore' });
    if (status !== 0) throw new BenchRefused(`initdb ended with ${String(status)}`);
    this.#child = spawn(this.binaries.postgres, ['-D', cluster, '-k', home, '-c', 'listen_addresses='], { ...as, cwd: home, stdio: ['ignore', 'ignore', 'pipe'] });
    await printed(this.#child, this.#child.stderr, 'ready to accept connections');
  }

  async stop(): Promise<void> {
    // SIGINT is Postgres' fast shutdown.
    if (this.#child !== null) await end(this.#child, 'SIGINT');
  }
}

/** Until the process prints `words`; throws {@link BenchRefused} when it ends before. */
async function printed(child: ChildProcess, stream: NodeJS.ReadableStream | null, words: string): Promise<void> {
  let text = '';
  await new Promise<void>((resolve, reject) => {
    child.once('close', (code) => reject(new BenchRefused(`it ended with ${String(code)} before it said "${words}": ${text}`)));
    stream?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes(words)) resolve();
    });
  });
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'close');
  child.kill(signal);
  await gone;
}
