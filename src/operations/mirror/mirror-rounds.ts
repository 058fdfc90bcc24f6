import { createHash } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mirrorUrlViolation } from '../../domain/remote-url.js';
import { mirroredReferences, retryAfterMs } from '../../domain/mirror.js';
import { MirrorRefused, type MirrorLease, type TakenMirror } from '../../domain/ports/mirrors.js';
import { GitBusy } from '../../domain/ports/native-git.js';
import { allReferences } from '../../domain/references.js';
import type { Gateway } from '../gateway.js';

/** How mirrors are pushed. */
export interface MirrorRoundsOptions {
  /** Mirrors that this gateway pushes at once. */
  readonly atOnce: number;
  /** The longest push, in milliseconds. */
  readonly timeMs: number;
  /** At least between two looks for work, in milliseconds: one statement, of 0.4 ms among few mirrors and 84 ms among 100,000. */
  readonly lookMs?: number;
  /** How long a mirror belongs to this gateway after its last sign of life; signs come five times as often. */
  readonly leaseMs?: number;
}

const LOOK_MS = 2_000;
/** The time between two looks, in times that a look takes: many mirrors cost no more of the database's time than few, and wait longer. */
const LOOKS_APART = 50;
/** And no further apart than so many times the least: a look that waited for the database says nothing of what it costs. */
const MOST_PAUSE = 5;
const LEASE_MS = 5_000;
/** After which a push for which no program was free is tried again. */
const CROWDED_RETRY_MS = 1_000;
/** After which a gateway without a git program looks again; another one may have it. */
const NO_GIT_RETRY_MS = 30_000;

/** This machine has no git program that will do. */
class NoGit extends Error {
  override readonly name = 'NoGit';
}

/**
 * Pushes repositories to their mirrors in the background. Every gateway has one; a mirror belongs to one of them at a time, and goes to another
 * when that one is killed. One that was frozen may push once more over what came later; whoever finds that has everything pushed again. What changes while a
 * push is under way is pushed by one more, however much it was. Archived repositories are pushed as others are, until their mirror has
 * everything; deleted ones are not.
 */
export class MirrorRounds {
  readonly #gateway: Gateway;
  readonly #options: MirrorRoundsOptions;
  readonly #leaseMs: number;
  readonly #closing = new AbortController();
  /** By repository: none is pushed twice at once from here. */
  readonly #running = new Map<number, Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #look: Promise<void> | null = null;

  constructor(gateway: Gateway, options: MirrorRoundsOptions) {
    this.#gateway = gateway;
    this.#options = options;
    this.#leaseMs = options.leaseMs ?? LEASE_MS;
  }

  /** Begins to look for work, which does not keep the process alive. */
  start(): void {
    this.#timer ??= this.#lookIn(this.#options.lookMs ?? LOOK_MS);
    this.#gateway.mirrors.onWake(() => void this.look());
  }

  /** Takes what is due, as far as there is room, and begins it. Never rejects. */
  look(): Promise<void> {
    this.#look ??= this.#takeAndBegin().finally(() => {
      this.#look = null;
    });
    return this.#look;
  }

  /** Ends what is under way, which another gateway begins anew, or this one after its next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#gateway.mirrors.onWake(null);
    await this.#look;
    await Promise.all(this.#running.values());
  }

  #lookIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.#lookAgain(), ms).unref();
  }

  async #lookAgain(): Promise<void> {
    const began = performance.now();
    await this.look();
    if (!this.#closing.signal.aborted) this.#timer = this.#lookIn(pauseAfter(performance.now() - began, this.#options.lookMs ?? LOOK_MS));
  }

  async #takeAndBegin(): Promise<void> {
    const free = this.#options.atOnce - this.#running.size;
    if (free <= 0 || this.#closing.signal.aborted) return;
    try {
      const asked = performance.now();
      for (const taken of await this.#gateway.storage.mirrors.take(this.#leaseMs, free, [...this.#running.keys()])) this.#begin(taken, asked);
    } catch (error) {
      this.#gateway.log.warn({ error: String(error) }, 'mirrors could not be looked for; the next look tries again');
    }
  }

  #begin(taken: TakenMirror, asked: number): void {
    const run = this.#work(taken, asked).catch((error: unknown) => this.#gateway.log.warn({ repo: taken.repoId, error: String(error) }, 'a mirror could not be worked on'));
    this.#running.set(taken.repoId, run);
    void run.finally(() => this.#running.delete(taken.repoId));
  }

  async #work(taken: TakenMirror, asked: number): Promise<void> {
    const { mirrors } = this.#gateway.storage;
    const over = new AbortController();
    const signal = AbortSignal.any([over.signal, this.#closing.signal]);
    // Each statement of a push listens for a while.
    setMaxListeners(0, signal);
    const began = performance.now();
    let heldUntil = asked + this.#leaseMs;
    const beat = setInterval(() => {
      // A database that does not answer says nothing either: another gateway may have the mirror by the next beat.
      if (performance.now() > heldUntil - this.#leaseMs / 5) over.abort();
      else void this.#keep(taken, over).then((until) => (heldUntil = Math.max(heldUntil, until)));
    }, this.#leaseMs / 5);
    try {
      const done = await this.#push(taken, signal);
      const isHeld = await mirrors.settle(taken, done);
      if (done.pushed) this.#gateway.mirrors.ended('pushed', (performance.now() - began) / 1000);
      if (!isHeld && done.pushed) await mirrors.again(taken.repoId);
    } catch (error) {
      // Another one takes it when the lease ends, where the database does not answer now.
      if (this.#closing.signal.aborted) await mirrors.release(taken, 0).catch(() => false);
      else if (over.signal.aborted) await mirrors.again(taken.repoId);
      else await this.#failed(taken, error, (performance.now() - began) / 1000);
    } finally {
      clearInterval(beat);
    }
  }

  async #failed(taken: TakenMirror, error: unknown, seconds: number): Promise<void> {
    const { log, storage: { mirrors } } = this.#gateway;
    if (error instanceof GitBusy || error instanceof NoGit) {
      await mirrors.release(taken, error instanceof NoGit ? NO_GIT_RETRY_MS : CROWDED_RETRY_MS);
      return;
    }
    const isTheirs = error instanceof MirrorRefused;
    if (!isTheirs) log.error({ repo: taken.repoId, error: String(error) }, 'a push to a mirror failed');
    this.#gateway.mirrors.ended('failed', seconds);
    await mirrors.fail(taken, { error: isTheirs ? error.sentence : 'The push failed for a reason that is in the log of the gateway.', retryMs: retryAfterMs(taken.attempts + 1, Math.random()) });
  }

  /** A sign of life, and until when it holds by the clock here; ends the push to a mirror that was set anew or removed, or is another push's by now. */
  async #keep(taken: MirrorLease, over: AbortController): Promise<number> {
    const asked = performance.now();
    try {
      if (await this.#gateway.storage.mirrors.keep(taken, this.#leaseMs)) return asked + this.#leaseMs;
      over.abort();
    } catch {
      // The database is away: the lease runs out if it stays so.
    }
    return 0;
  }

  /** What is there now, and whether it had to be pushed. */
  async #push({ repoId, url, credentials, refsHash: before }: TakenMirror, signal: AbortSignal): Promise<{ readonly refsHash: string; readonly pushed: boolean }> {
    const { storage, git, mirrors, faults } = this.#gateway;
    // The operator may have changed his mind since.
    const broken = mirrorUrlViolation(url, mirrors.rules);
    if (broken !== null) throw new MirrorRefused(broken.message);
    const reader = storage.reader(signal);
    const repo = await reader.repo(repoId);
    if (repo === null) throw new MirrorRefused('The repository is deleted.');
    const references = mirroredReferences(await allReferences(reader, repo));
    const refsHash = createHash('sha256').update([...references].map(([name, oid]) => `${oid} ${name}\n`).sort().join('')).digest('hex');
    if (refsHash === before) return { refsHash, pushed: false };
    if ((await git.fault()) !== null) throw new NoGit();
    faults?.at('mirror.before-push');
    await git.pushMirror(repoId, { url, credentials: credentials === null ? null : mirrors.open(credentials), references, timeMs: this.#options.timeMs, isRefused: (address) => mirrors.rules.isRefused(address) }, signal);
    faults?.at('mirror.pushed');
    return { refsHash, pushed: true };
  }
}

/** How long after a look that took so long the next one is taken. Milliseconds. */
export function pauseAfter(lookedMs: number, leastMs: number): number {
  return Math.min(MOST_PAUSE * leastMs, Math.max(leastMs, LOOKS_APART * lookedMs));
}
