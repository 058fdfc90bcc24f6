import { randomUUID } from 'node:crypto';
import type { ImportJobRecord } from '../../domain/import-job.js';
import { importUrlViolation } from '../../domain/remote-url.js';
import type { FetchedSource } from '../../domain/ports/imports.js';
import { ImportRefused } from '../../domain/ports/import-source.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import type { Gateway } from '../gateway.js';
import { importRepo } from './import-repo.js';
import type { Request } from '../request.js';

/** How imports are worked on. */
export interface ImportRoundsOptions {
  /** Imports that this gateway works on at once. */
  readonly atOnce: number;
  /** Between two looks for work, in milliseconds: one statement. */
  readonly lookMs?: number;
  /** How long an import belongs to this gateway after its last sign of life; signs come five times as often. */
  readonly leaseMs?: number;
}

const LOOK_MS = 2_000;
const LEASE_MS = 5_000;
/** An import that took the gateway with it so often is not tried again. */
const MOST_ATTEMPTS = 3;

/**
 * Works on imports in the background. Every gateway has one; an import belongs to one of them at a time, and goes to another when that one
 * is killed: it begins anew there, as nothing of it was to be seen.
 */
export class ImportRounds {
  readonly #gateway: Gateway;
  readonly #atOnce: number;
  readonly #lookMs: number;
  readonly #leaseMs: number;
  readonly #owner = randomUUID();
  readonly #closing = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | null = null;
  #look: Promise<void> | null = null;

  constructor(gateway: Gateway, { atOnce, lookMs = LOOK_MS, leaseMs = LEASE_MS }: ImportRoundsOptions) {
    this.#gateway = gateway;
    this.#atOnce = atOnce;
    this.#lookMs = lookMs;
    this.#leaseMs = leaseMs;
  }

  /** Begins to look for work, which does not keep the process alive. */
  start(): void {
    this.#gateway.imports.onWake(() => void this.look());
    this.#timer ??= setInterval(() => void this.look(), this.#lookMs).unref();
  }

  /** Takes what waits, as far as there is room, and begins it. Never rejects. */
  look(): Promise<void> {
    this.#look ??= this.#takeAndBegin().finally(() => {
      this.#look = null;
    });
    return this.#look;
  }

  /** Ends what is under way, which another gateway goes on with, or this one after its next start. */
  async close(): Promise<void> {
    this.#gateway.imports.onWake(null);
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#closing.abort();
    await this.#look;
    const busy = this.#running.size > 0;
    await Promise.all(this.#running);
    // A database that is gone has it by itself when the lease ends.
    if (busy) await this.#gateway.storage.imports.release(this.#owner).catch(() => undefined);
  }

  async #takeAndBegin(): Promise<void> {
    const free = this.#atOnce - this.#running.size;
    if (free <= 0 || this.#closing.signal.aborted) return;
    try {
      for (const job of await this.#gateway.storage.imports.take(this.#owner, this.#leaseMs, free)) this.#begin(job);
    } catch (error) {
      this.#gateway.log.warn({ error: String(error) }, 'imports could not be looked for; the next look tries again');
    }
  }

  #begin(job: ImportJobRecord): void {
    const run = this.#work(job).catch((error: unknown) => this.#gateway.log.warn({ import: job.id, error: String(error) }, 'an import could not be worked on'));
    this.#running.add(run);
    void run.finally(() => {
      this.#running.delete(run);
      void this.look();
    });
  }

  /** One import from its beginning to its end; what stops it in between leaves it to be taken again. */
  async #work(job: ImportJobRecord): Promise<void> {
    const { storage, log } = this.#gateway;
    const over = new AbortController();
    const held = { bytes: 0 };
    const beat = setInterval(() => void this.#keep(job, held.bytes, over), this.#leaseMs / 5);
    try {
      const problem = job.attempts > MOST_ATTEMPTS ? problems.importInterrupted(MOST_ATTEMPTS) : await this.#import(job, AbortSignal.any([over.signal, this.#closing.signal]), (bytes) => (held.bytes = bytes));
      if (over.signal.aborted || this.#closing.signal.aborted) return;
      if (problem === null) log.info({ import: job.id, repo: job.repoName }, 'a repository was imported');
      else if (await storage.imports.fail(job.id, this.#owner, problem)) log.info({ import: job.id, problem: problem.message }, 'an import failed');
    } catch (error) {
      if (over.signal.aborted || this.#closing.signal.aborted) return;
      log.error({ import: job.id, error: String(error) }, 'an import failed');
      await storage.imports.fail(job.id, this.#owner, problems.importBroken());
    } finally {
      clearInterval(beat);
    }
  }

  /** A sign of life; ends the work on a job that was called off, or is another gateway's by now. */
  async #keep(job: ImportJobRecord, bytes: number, over: AbortController): Promise<void> {
    try {
      if (!(await this.#gateway.storage.imports.keep(job.id, this.#owner, this.#leaseMs, bytes))) over.abort();
    } catch {
      // The database is away; should the lease end meanwhile, the next sign finds out.
    }
  }

  /** Null when the repository is there; otherwise why it is not. Rejects with the signal's reason, and for what nobody expects. */
  async #import(job: ImportJobRecord, signal: AbortSignal, received: (bytes: number) => void): Promise<Problem | null> {
    const { storage, imports } = this.#gateway;
    const key = await storage.liveKey(job.keyId, true);
    if (key === null) return problems.importKeyGone();
    // The operator may have changed his mind since.
    const broken = importUrlViolation(job.url, imports.rules);
    if (broken !== null) return problems.invalidInput('url', broken);
    const request: Request = { gateway: this.#gateway, viewer: { key, actor: job.createdBy, onBehalfOf: job.onBehalfOf }, reader: storage.reader(), requestId: job.requestId, signal };
    let fetched: FetchedSource | null = null;
    try {
      fetched = await imports.fetch(job.url, { signal, received });
      this.#gateway.faults?.at('import.fetched');
      const outcome = await importRepo(request, { name: job.repoName, description: job.description, source: fetched.source, job: { id: job.id, owner: this.#owner } });
      return outcome.ok ? null : outcome.problem;
    } catch (error) {
      if (error instanceof ImportRefused) return problems.importRefused(error.message);
      throw error;
    } finally {
      await fetched?.close();
    }
  }
}
