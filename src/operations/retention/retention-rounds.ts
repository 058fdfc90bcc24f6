import { ownViewer } from '../../auth/viewer.js';
import { encodeGlobalId } from '../../domain/global-id.js';
import type { Gateway } from '../gateway.js';
import { giveUpRepo } from './give-up-repo.js';
import { forgetBranches } from './forget-branches.js';
import type { Request } from '../request.js';
import { runRetention } from './run-retention.js';

/** Between two looks for repositories whose turn has come, in milliseconds: one statement. */
const LOOK_MS = 30_000;
/** Repositories whose turn one look takes: what a gateway that dies leaves undone until their next turn. */
const TURNS_A_LOOK = 20;
/** Runs of one repository in one turn: 100,000 branches, about three minutes. What is left waits for the next turn. */
const RUNS_A_TURN = 1000;
/** Rows of imports that one statement removes. */
const IMPORTS_A_STATEMENT = 500;

const VIEWER = ownViewer('retention', 'retention', 'weir');

/**
 * Applies the policies of retention in the background. Every gateway has one; a repository's turn is taken by one of them, and comes
 * again after the interval.
 */
export class RetentionRounds {
  readonly #gateway: Gateway;
  readonly #intervalMs: number;
  readonly #closing = new AbortController();
  #timer: NodeJS.Timeout | null = null;
  #round: Promise<void> | null = null;

  /** `intervalMs`: between two turns of a repository. Nothing runs by itself before {@link start}. */
  constructor(gateway: Gateway, intervalMs: number) {
    this.#gateway = gateway;
    this.#intervalMs = intervalMs;
  }

  /** Begins rounds in the background, which do not keep the process alive. */
  start(): void {
    if (this.#timer === null) this.#plan();
  }

  /** Takes the turns that have come, now. Never rejects: what fails is logged, and its turn comes again. A call during a round waits for it. */
  round(): Promise<void> {
    this.#round ??= this.#takeTurns().finally(() => {
      this.#round = null;
    });
    return this.#round;
  }

  /** Stops after the batch under way. */
  async close(): Promise<void> {
    this.#closing.abort();
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  #plan(): void {
    this.#timer = setTimeout(() => void this.#roundAndPlan(), Math.min(LOOK_MS, this.#intervalMs)).unref();
  }

  async #roundAndPlan(): Promise<void> {
    await this.round();
    if (!this.#closing.signal.aborted) this.#plan();
  }

  async #takeTurns(): Promise<void> {
    const { storage, log } = this.#gateway;
    if (this.#closing.signal.aborted) return;
    try {
      for (const repoId of await storage.takeRetentionTurns(this.#intervalMs, TURNS_A_LOOK)) {
        if (this.#closing.signal.aborted) return;
        await this.#takeTurn(repoId);
      }
      await this.#giveUpRepos();
      await this.#forgetImports();
    } catch (error) {
      if (!this.#closing.signal.aborted) log.warn({ error: String(error) }, 'retention could not look for its turns; the next look tries again');
    }
  }

  /** Gives up repositories that were deleted longer ago than the deployment keeps them. */
  async #giveUpRepos(): Promise<void> {
    const { storage, log, limits } = this.#gateway;
    const before = new Date(this.#gateway.now().getTime() - limits.keepDeletedReposMs);
    for (const repoId of await storage.reposDeletedBefore(before, TURNS_A_LOOK)) {
      if (this.#closing.signal.aborted) return;
      const repo = encodeGlobalId({ type: 'Repo', id: repoId });
      const outcome = await giveUpRepo(this.#request(repo), { repo });
      if (outcome.ok && !outcome.replayed) log.info({ repoId }, 'a deleted repository is past its grace and removed for good');
    }
  }

  /** Removes the rows of imports that ended longer ago than the deployment keeps them. */
  async #forgetImports(): Promise<void> {
    const { storage, imports, log } = this.#gateway;
    const before = new Date(this.#gateway.now().getTime() - imports.keepMs);
    let forgotten = 0;
    for (let more = true; more && !this.#closing.signal.aborted; ) {
      const count = await storage.imports.forget(before, IMPORTS_A_STATEMENT);
      forgotten += count;
      more = count === IMPORTS_A_STATEMENT;
    }
    if (forgotten > 0) log.info({ imports: forgotten }, 'imports that have ended are past their time and listed no more');
  }

  /** Lets go of what was deleted longer ago than the repository keeps it. */
  async #forget(repo: string): Promise<void> {
    for (let more = true; more && !this.#closing.signal.aborted; ) {
      const outcome = await forgetBranches(this.#request(repo), { repo });
      more = outcome.ok && outcome.receipt.more;
    }
  }

  #request(repo: string): Request {
    const { storage } = this.#gateway;
    return { gateway: this.#gateway, viewer: VIEWER, reader: storage.reader(), requestId: `retention-${repo}`, signal: this.#closing.signal };
  }

  async #takeTurn(repoId: number): Promise<void> {
    const { storage, log } = this.#gateway;
    const repo = encodeGlobalId({ type: 'Repo', id: repoId });
    let taken = 0;
    for (let runs = 0; runs < RUNS_A_TURN && !this.#closing.signal.aborted; runs++) {
      const outcome = await runRetention(this.#request(repo), { repo });
      if (!outcome.ok) {
        log.warn({ repoId, problem: outcome.problem.message }, 'retention was refused; its turn comes again');
        return;
      }
      taken += outcome.receipt.steps.length;
      if (!outcome.receipt.more) break;
      await storage.keepRetentionTurn(repoId, this.#intervalMs);
    }
    await this.#forget(repo);
    if (taken > 0) log.info({ repoId, branches: taken }, 'retention has been applied');
  }
}
