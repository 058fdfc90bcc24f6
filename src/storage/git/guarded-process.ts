import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { GitFailed, type GitOutput } from '../../domain/ports/native-git.js';

/** One run of the git program. */
export interface GuardedRun {
  /** A name that is looked for where programs are, or an absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its working directory, and its home. */
  readonly directory: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly input: Buffer | AsyncIterable<Uint8Array> | null;
  /** The largest file that it may write, in bytes; 16 GiB unless given, which is more than any pack that may be sent here. */
  readonly fileBytes?: number;
  /** The most memory of its own that it may take, in bytes; what it maps of files does not count. No limit unless given. */
  readonly memoryBytes?: number;
  /** The longest run, and the longest time in which nothing of the output is made or taken, in milliseconds. */
  readonly timeMs: number;
  readonly stallMs: number;
  readonly signal: AbortSignal;
  /** Called once, when the program has ended: gives back what it used. Must not reject. */
  readonly release: () => Promise<void>;
}

/** Where programs are looked for: what starts the gateway may have any PATH. */
const SEARCH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin';
const LAST_WORDS_BYTES = 4096;
/** util-linux; other systems go without its limits. */
const PRLIMIT = '/usr/bin/prlimit';
const FILE_BYTES = 16 * 2 ** 30;

/** Nothing of the gateway's environment, nothing of this machine's or this account's settings, no prompts, no replaced objects. */
const ENVIRONMENT = {
  PATH: SEARCH, LC_ALL: 'C', TZ: 'UTC', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_ATTR_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0',
  GIT_NO_REPLACE_OBJECTS: '1', GIT_OPTIONAL_LOCKS: '0', GIT_ALLOW_PROTOCOL: '', GIT_ASKPASS: '/bin/false', GIT_SSH_COMMAND: '/bin/false',
} as const;

/** No core dumps and few descriptors, beside what the run says (setrlimit(2)). */
function limitsOf({ fileBytes = FILE_BYTES, memoryBytes }: GuardedRun): string[] {
  return ['--core=0', '--nofile=4096', `--fsize=${fileBytes}`, ...(memoryBytes === undefined ? [] : [`--data=${memoryBytes}`])];
}

/** Starts a run. It ends with whoever wanted it: by the signal, when its time is up, when nobody takes what it makes. */
export function startGuarded(run: GuardedRun): GitOutput {
  return new GuardedProcess(run);
}

class GuardedProcess implements GitOutput {
  readonly ended: Promise<void>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #chunks: AsyncIterator<unknown>;
  readonly #run: GuardedRun;
  readonly #exit: Promise<number | null>;
  #lastWords = '';
  #fault: GitFailed | null = null;
  #isOver = false;
  #stall: NodeJS.Timeout | undefined;

  constructor(run: GuardedRun) {
    this.#run = run;
    const [file, args] = existsSync(PRLIMIT) ? [PRLIMIT, [...limitsOf(run), run.program, ...run.args]] : [run.program, run.args];
    const env = { ...ENVIRONMENT, HOME: run.directory, ...run.environment };
    // A group of its own, so that the programs which git starts end with it.
    this.#child = spawn(file, args, { cwd: run.directory, env, stdio: ['pipe', 'pipe', 'pipe'], shell: false, detached: true });
    this.#chunks = this.#child.stdout[Symbol.asyncIterator]();
    this.#exit = this.#watch();
    this.ended = this.#exit.then(() => run.release());
    // A program that ends before it has read everything has said why elsewhere.
    this.#child.stdin.on('error', () => undefined);
    void feed(this.#child.stdin, run.input, () => this.#moved(), (error) => this.#fail(new GitFailed('INPUT', String(error), { cause: error })));
    this.#child.stderr.on('data', (chunk: Buffer) => {
      this.#lastWords = (this.#lastWords + chunk.toString('utf8')).slice(-LAST_WORDS_BYTES);
    });
    this.#moved();
  }

  async next(): Promise<Buffer | null> {
    this.#moved();
    try {
      const { done, value } = await this.#chunks.next();
      this.#moved();
      if (done !== true) return toBuffer(value);
    } catch (error) {
      this.#fail(new GitFailed('EXIT', String(error), { cause: error }));
    }
    const code = await this.#exit;
    await this.ended;
    this.#run.signal.throwIfAborted();
    if (this.#fault !== null) throw this.#fault;
    if (code !== 0) throw new GitFailed('EXIT', `${code ?? 'a signal'}: ${this.#lastWords.trim()}`);
    return null;
  }

  async close(): Promise<void> {
    this.#kill();
    this.#child.stdout.destroy();
    await this.ended;
  }

  #watch(): Promise<number | null> {
    const { signal, timeMs } = this.#run;
    const gone = (): void => this.#kill();
    const time = setTimeout(() => this.#fail(new GitFailed('TIME', `it ran for ${timeMs} ms`)), timeMs);
    signal.addEventListener('abort', gone, { once: true });
    if (signal.aborted) gone();
    return new Promise((resolve) => {
      const over = (code: number | null): void => {
        this.#isOver = true;
        clearTimeout(time);
        clearTimeout(this.#stall);
        signal.removeEventListener('abort', gone);
        resolve(code);
      };
      this.#child.once('error', (error) => {
        this.#fault ??= new GitFailed('START', String(error), { cause: error });
        over(null);
      });
      this.#child.once('exit', over);
    });
  }

  /** Something of the output was made or taken. */
  #moved(): void {
    clearTimeout(this.#stall);
    if (this.#isOver) return;
    const { stallMs } = this.#run;
    this.#stall = setTimeout(() => this.#fail(new GitFailed('STALL', `nothing moved for ${stallMs} ms`)), stallMs);
  }

  #fail(fault: GitFailed): void {
    this.#fault ??= fault;
    this.#kill();
  }

  #kill(): void {
    const { pid } = this.#child;
    if (this.#isOver || pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // It has ended in this very moment.
    }
  }
}

/** Gives a program its input, at the pace at which it reads; `moved` is told of each piece, `broken` when the input does not come to its end. */
async function feed(stdin: Writable, input: GuardedRun['input'], moved: () => void, broken: (error: unknown) => void): Promise<void> {
  if (input === null || Buffer.isBuffer(input)) {
    stdin.end(input ?? undefined);
    return;
  }
  const pieces = async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const piece of input) {
        moved();
        yield piece;
      }
    } catch (error) {
      broken(error);
      throw error;
    }
  };
  // A program that ends before it has read everything has said why elsewhere.
  await pipeline(pieces, stdin).catch(() => undefined);
}

function toBuffer(value: unknown): Buffer {
  if (Buffer.isBuffer(value)) return value;
  throw new TypeError('a pipe gave something that is no buffer');
}
