import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from './gateway-process.js';
import { StormClient } from './storm-client.js';

/**
 * `weir`, whose `serve` dies by its own hand when it comes to a fault point for the so-manieth time after it was told both on standard input, and
 * whose clock is off by as many milliseconds as it was told of "clock".
 */
const SCRIPT = `
import { openServed } from './cli/open-served.js';
import { serve, stopSignal } from './cli/serve.js';
import { loadConfig, runInProduction } from './config.js';
if (process.argv[2] === 'serve') {
  let aim = '';
  let left = 0;
  let off = 0;
  process.stdin.setEncoding('utf8').on('data', (text) => {
    for (const line of text.trim().split('\\n')) {
      const [point, number] = line.split(':');
      if (point === 'clock') off = Number(number);
      else [aim, left] = [point, Number(number)];
    }
  });
  const { Date: Right } = globalThis;
  globalThis.Date = class extends Right {
    constructor(...given) {
      super(...(given.length === 0 ? [Right.now() + off] : given));
    }
    static now() {
      return Right.now() + off;
    }
  };
  const faults = { at: (reached) => { if (reached === aim && --left === 0) process.kill(process.pid, 'SIGKILL'); } };
  runInProduction();
  await serve(loadConfig(), (config) => openServed(config, { faults }), { out: (line) => process.stdout.write(line + '\\n'), err: () => undefined }, stopSignal());
  process.exit(0);
}
await import('./main.js');
`;

/** A gateway that lives for a second spends a quarter of its processor time on optimising code that it hardly runs. */
const SHORT_LIVED = ['--no-opt'];

/** What a storm came to; nothing of the first three may be above 0. */
export interface Damage {
  /** Acknowledged work that is not there, or is there twice. */
  readonly lost: number;
  /** Things that the doctor or git find broken. */
  readonly corrupt: number;
  /** Numbers that are missing: checkpoints of a branch, rows of the log. */
  readonly gaps: number;
  /** Answers that clients were given. */
  readonly acknowledged: number;
}

/** A gateway with a private database, and clients that write all the time and take no for an answer only for a while. */
export interface Storm {
  readonly room: ProcessRoom;
  /** The gateway that stands; a promise while one is started again. */
  gateway(): Promise<GatewayProcess>;
  /** Has the gateway of now followed by another, which starts when `end` has ended the first. Resolves then; clients wait until the other one listens. */
  replace(end: (gateway: GatewayProcess) => Promise<unknown>): Promise<void>;
  /** Has the gateway kill itself when it comes to a fault point for the so-manieth time from now on, and another follow it. Resolves when it is dead. */
  crash(point: string, times: number): Promise<void>;
  /** Has the clock of the gateway be off by so many milliseconds from now on. */
  shiftClock(milliseconds: number): Promise<void>;
  /** One of the clients hangs up on what it has asked for, and does not know what became of it. */
  hangUp(draw: (below: number) => number): void;
  /** Lets clients write for so many answers. */
  blow(answers: number): Promise<void>;
  /** Milliseconds from now to the first answer to a request that is sent from now on, for the first time or again. */
  recovery(): Promise<number>;
  /** Whether the gateway still reads what is another's, while it may not be able to write. */
  reads(): Promise<boolean>;
  /** Each client compares the head of its branch with its model before its next call; answers how many differ. Nothing waits for it: it may reject unheard. */
  astray(): Promise<number>;
  /** Stops the clients, waits for their last answers and compares everything with what they were told. Once. */
  settle(): Promise<Damage>;
  close(): Promise<void>;
}

/** Work that somebody else has in another repository, before any fault: it must stand as it was. */
const PROBE = 'mutation { createRepo(input: { name: "probe", files: [{ path: "a", text: "untouched" }] }) { __typename } }';
const READ_PROBE = '{ repo(name: "probe") { commit(rev: "main") { file(path: "a") { blob { text } } } } }';

/** Opens one with so many clients. `open` is told of the data directory before the first repository is made, `log` of what gateways log. */
export async function openStorm(clients: number, open: (dataDir: string) => void = () => undefined, log?: (text: string) => void): Promise<Storm> {
  const room = openProcessRoom({ script: SCRIPT, execArgv: SHORT_LIVED, settings: { WEIR_DISK_RESERVE: '1B', WEIR_DATABASE_POOL: '4', WEIR_LOG_LEVEL: 'info' }, ...(log === undefined ? {} : { logged: log }) });
  /** Gateways whose end is wanted. */
  const doomed = new Set<GatewayProcess>();
  const death = new AbortController();
  const died = once(death.signal, 'abort').then((): never => {
    throw death.signal.reason;
  });
  died.catch(() => undefined);
  const start = async (): Promise<GatewayProcess> => {
    const started = await room.start();
    void started.exited.then((code) => doomed.has(started) || death.abort(new TypeError(`the gateway ended by itself with ${code}: ${started.said()}`)));
    return started;
  };
  let current = start();
  const first = await current;
  open(room.sandbox.data);
  await first.ask(PROBE);
  await first.ask('mutation { createRepo(input: { name: "storm", files: [{ path: "a", text: "a" }] }) { __typename } }');
  const over = new AbortController();
  const gone = new AbortController();
  const writers = Array.from({ length: clients }, (_, number) => new StormClient(number, () => current, over.signal, gone.signal));
  await Promise.all(writers.map((writer) => writer.prepare()));
  const working = writers.map((writer) => writer.work());
  const failed = Promise.race([died, ...working.map(async (work) => work.then(() => new Promise<never>(() => undefined)))]);
  failed.catch(() => undefined);
  const answers = (): number => writers.reduce((sum, writer) => sum + writer.answers, 0);
  const until = async (isDone: () => boolean): Promise<void> => {
    while (!isDone()) await Promise.race([sleep(5), failed]);
  };
  const replace = async (end: (gateway: GatewayProcess) => Promise<unknown>): Promise<void> => {
    const old = await current;
    doomed.add(old);
    const ended = end(old);
    current = ended.then(start);
    current.catch(() => undefined);
    await ended;
  };
  return {
    room,
    gateway: () => current,
    replace,
    async crash(point, times) {
      // Clients go on asking the one that is to die, or it would never come to the point.
      const dying = await current;
      doomed.add(dying);
      dying.child.stdin?.write(`${point}:${times}\n`);
      await Promise.race([dying.exited, failed]);
      await replace(async () => undefined);
    },
    async shiftClock(milliseconds) {
      (await current).child.stdin?.write(`clock:${milliseconds}\n`);
    },
    hangUp: (draw) => writers[draw(clients)]?.hangUp(),
    async blow(more) {
      const enough = answers() + more;
      await until(() => answers() >= enough);
    },
    async recovery() {
      const began = performance.now();
      await until(() => writers.some(({ sentLast }) => sentLast >= began));
      return performance.now() - began;
    },
    async reads() {
      return (await probe(await current)) === 'untouched';
    },
    astray() {
      const compared = Promise.race([Promise.all(writers.map((writer) => writer.isWhereItWas())), failed]).then((rights) => rights.filter((right) => !right).length);
      compared.catch(() => undefined);
      return compared;
    },
    async settle() {
      over.abort();
      await Promise.race([Promise.all(working), died]);
      const gateway = await current;
      const probed = await probe(gateway);
      const losses = await Promise.all(writers.map((writer) => writer.compare(gateway)));
      const corrupt = (probed === 'untouched' ? 0 : 1) + await broken(room);
      return {
        lost: losses.reduce((sum, { lost }) => sum + lost, 0),
        gaps: losses.reduce((sum, { gaps }) => sum + gaps, 0),
        corrupt,
        acknowledged: answers(),
      };
    },
    async close() {
      over.abort();
      gone.abort();
      const last = await current.catch(() => null);
      if (last !== null) doomed.add(last);
      await last?.kill();
      await Promise.allSettled(working);
      await room.close();
    },
  };
}

/** Reads what is another's. That a gateway has too much to do just now is no fault of it: then it is asked again. */
async function probe(gateway: GatewayProcess): Promise<string> {
  for (;;) {
    try {
      const { repo } = await gateway.ask(READ_PROBE);
      return repo.commit.file.blob.text;
    } catch (error) {
      const retryAfterMs = error instanceof TypeError ? /"BUSY".*"retryAfterMs":(\d+)/u.exec(error.message)?.[1] : undefined;
      if (retryAfterMs === undefined) throw error;
      await sleep(Number(retryAfterMs));
    }
  }
}

/** What the doctor and git find wrong: objects, references, log, positions, and the export of the repository. */
async function broken(room: ProcessRoom): Promise<number> {
  const doctor = await room.run('doctor');
  const found = Number(/(\d+) things? (?:is|are) wrong/u.exec(doctor.output)?.[1] ?? 1);
  if (doctor.code !== 0 || found > 0) process.stdout.write(doctor.output);
  const bare = join(room.sandbox.directory, 'storm.git');
  const exported = await room.run('export', 'storm', bare);
  const { status, stdout, stderr } = spawnSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8' });
  const said = `${stdout}${stderr}`.replaceAll(/^notice:.*\n/gmu, '');
  return found + (doctor.code === 0 ? 0 : 1) + (exported.code === 0 && status === 0 && said === '' ? 0 : 1);
}
