import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { compare, type Comparison } from '../measure.js';
import { GIT_ENVIRONMENT, GitFailed, runGit } from '../native-git.js';
import type { Subject, Workplace } from '../workplace.js';
import { coldStore } from './diff.js';
import { inTurn, isFilled } from './pairs.js';

/** Objects that one run reads. */
const SAMPLE = 500;

/** One `git cat-file --batch` that is asked for an object, answers, and is asked for the next: what a service would keep running. */
class NativeReader {
  readonly #child;
  readonly #gone;
  #chunks: Buffer[] = [];
  #wanted = Number.POSITIVE_INFINITY;
  #held = 0;
  #resolve: (content: Buffer) => void = () => undefined;
  #reject: (reason: GitFailed) => void = () => undefined;

  constructor(gitDir: string) {
    this.#child = spawn('git', ['-C', gitDir, 'cat-file', '--batch'], { env: GIT_ENVIRONMENT, stdio: ['pipe', 'pipe', 'ignore'] });
    this.#gone = once(this.#child, 'close');
    this.#child.stdout.on('data', (chunk: Buffer) => this.#receive(chunk));
    this.#child.on('close', () => this.#reject(new GitFailed('git cat-file has ended')));
  }

  /** The content of an object; one at a time. */
  read(oid: string): Promise<Buffer> {
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      this.#child.stdin.write(`${oid}\n`);
    });
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.#child.stdin.end();
    await this.#gone;
  }

  #receive(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#held += chunk.length;
    if (this.#wanted === Number.POSITIVE_INFINITY) {
      const head = Buffer.concat(this.#chunks);
      const end = head.indexOf(0x0a);
      if (end < 0) return;
      const size = Number(/^[0-9a-f]+ [a-z]+ ([0-9]+)$/u.exec(head.toString('latin1', 0, end))?.[1] ?? Number.NaN);
      if (Number.isNaN(size)) {
        this.#reject(new GitFailed(`git cat-file: ${head.toString('latin1', 0, end)}`));
        return;
      }
      this.#wanted = end + 1 + size + 1;
    }
    if (this.#held < this.#wanted) return;
    const answer = Buffer.concat(this.#chunks);
    this.#chunks = [];
    this.#held = 0;
    this.#wanted = Number.POSITIVE_INFINITY;
    this.#resolve(answer.subarray(answer.indexOf(0x0a) + 1, -1));
  }
}

/** Reading objects at random, each verified by its hash on our side; caches empty at the beginning of each round on both. */
export async function objects(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const store = await coldStore(place, subject);
  const all: string[] = [];
  for await (const oid of store.oids()) all.push(oid);
  store.close();
  const samples = Array.from({ length: rounds + 1 }, (_, round) => sample(all, round));
  if (!isFilled(samples)) return [];
  const ours = {
    name: 'pack store, hashed',
    async run(round: number): Promise<void> {
      const cold = await coldStore(place, subject);
      for (const oid of inTurn(samples, round)) await cold.read(oid);
      cold.close();
    },
  };
  const units = Math.min(SAMPLE, all.length);
  const one = {
    name: 'git cat-file --batch',
    async run(round: number): Promise<void> {
      const reader = new NativeReader(subject.bare);
      for (const oid of inTurn(samples, round)) await reader.read(oid);
      await reader.close();
    },
  };
  const bulk = { name: 'git cat-file --batch, all at once', run: (round: number) => runGit(subject.bare, ['cat-file', '--batch', '--buffer'], `${inTurn(samples, round).join('\n')}\n`) };
  return [
    await compare('random object read', ours, one, { rounds, goal: 1, subject: subject.name, units }),
    await compare('random object read', ours, bulk, { rounds, goal: null, subject: subject.name, units }),
  ];
}

/** Objects spread over the whole list, others in every round: 7919 is prime, so its multiples hit everything before repeating. */
function sample(all: readonly string[], round: number): string[] {
  const first = round * SAMPLE;
  return Array.from({ length: Math.min(SAMPLE, all.length) }, (_, at) => all[((first + at) * 7919) % all.length] ?? '');
}
