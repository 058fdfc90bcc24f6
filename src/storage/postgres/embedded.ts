import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { installedBinaries, prepareBinaries } from './binaries.js';
import { isDatabaseUnavailable } from './database-errors.js';
import type { PostgresAddress } from './database-target.js';
import { refuseForeignHost } from './host-record.js';
import { type Lease, SERVER_DATABASE, takeLease } from './lease.js';
import { type Place, SOCKET_PORT, keepShortPath, openDataDirectory, settlePlace, startLockOf } from './place.js';
import { SERVER_ROLE, ensureServer, initialiseCluster, stopServer } from './server.js';
import { withStartLock } from './start-lock.js';

/** What {@link openEmbeddedPostgres} needs. */
export interface EmbeddedPostgresOptions {
  /** Created where missing; everything that uses the same directory shares one server. */
  readonly dataDir: string;
  /** Where root keeps what must not lie beneath a directory that is closed to others: copied programs, and clusters. */
  readonly systemDir: string;
  /** Postgres settings in addition to Weir's own, for the server that this call may start. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The package's `native` directory; unless named, that of the installed platform package. */
  readonly native?: string;
  /** How long to wait for a server that starts, recovers or stops, in milliseconds (60 000). */
  readonly waitMs?: number;
  /** One sentence for the log whenever the server is started, adopted, lost or stopped. */
  readonly report?: (sentence: string) => void;
}

/** A share in a running server. */
export interface EmbeddedPostgres {
  readonly connection: PostgresAddress;
  /** Postgres' own log. */
  readonly log: string;
  /**
   * Gives the share back; who is the last stops the server and answers when it has ended. Close every other connection first: an
   * orderly stop ends those that are left. Idempotent. Never fails for a server that has gone already.
   */
  release(): Promise<void>;
}

/**
 * Opens the private Postgres of a data directory: initialises, starts or adopts it, and keeps it running until released, so a server
 * that is killed is started again (within about a second) while anybody holds a share. Any number of processes on this machine may call
 * this at once and share one server. A process that is killed leaves the server running for the next one to adopt.
 * It listens on a unix socket in a directory of mode 0700, never on a network.
 *
 * @throws StartRefused with a sentence for the operator: directory not writable, in use on another machine, no programs for this platform, …
 */
export async function openEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const dataDir = openDataDirectory(options.dataDir);
  const holder = new ServerHolder(dataDir, options);
  const place = await holder.open().catch((error: unknown) => {
    throw fileRefusal(error, dataDir) ?? error;
  });
  return {
    connection: { host: place.sockets, port: SOCKET_PORT, database: SERVER_DATABASE, user: SERVER_ROLE },
    log: place.log,
    release: () => holder.release(),
  };
}

/** What the file system can refuse that its operator can change; other errors are bugs. */
function fileRefusal(error: unknown, dataDir: string): StartRefused | undefined {
  const code = errorCode(error) ?? '';
  const path = error instanceof Error && 'path' in error ? String(error.path) : 'its files';
  if (code === 'ENOSPC' || code === 'EDQUOT') return new StartRefused(`There is no room for the database of ${dataDir} (${code} at ${path}). Make some, then start again.`, { cause: error });
  if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') return undefined;
  const uid = process.geteuid?.() ?? '?';
  return new StartRefused(`The account with id ${uid} may not use everything in the data directory ${dataDir} (${code} at ${path}): another account has used it before. Run Weir as that account, or give all of it to this one.`, { cause: error });
}

const DEFAULT_WAIT_MS = 60_000;
const RETRY_MS = 100;
/** How soon a cleaned temporary directory gets the short path to the socket back, on which new connections depend. */
const PATH_CHECK_MS = 60_000;

/** Holds one lease and takes it anew whenever it is lost, until released. */
class ServerHolder {
  private lease: Lease | undefined;
  private renewal: Promise<void> | undefined;
  private released: Promise<void> | undefined;
  private pathCheck: NodeJS.Timeout | undefined;
  private place: Place | undefined;

  constructor(private readonly dataDir: string, private readonly options: EmbeddedPostgresOptions) {}

  async open(): Promise<Place> {
    const deadline = Date.now() + (this.options.waitMs ?? DEFAULT_WAIT_MS);
    for (;;) {
      const place = await withStartLock(startLockOf(this.dataDir), deadline - Date.now(), () => this.ensureRunning(deadline));
      try {
        // Outside of the lock: a leaver takes it to find out whether it is the last.
        this.lease = await takeLease(place.sockets, () => this.renew());
        this.place = place;
        this.pathCheck ??= setInterval(() => keepShortPath(place), PATH_CHECK_MS).unref();
        return place;
      } catch (error) {
        if (!isDatabaseUnavailable(error)) throw error;
        if (Date.now() > deadline) {
          throw new StartRefused(`The database in ${place.cluster} does not answer (${errorCode(error) ?? 'no code'}). Its log is ${place.log}.`, { cause: error });
        }
        await sleep(RETRY_MS);
      }
    }
  }

  release(): Promise<void> {
    this.released ??= this.leave();
    return this.released;
  }

  private async ensureRunning(deadline: number): Promise<Place> {
    const { systemDir, settings = {}, native = installedBinaries() } = this.options;
    refuseForeignHost(join(this.dataDir, 'postgres.host'));
    const place = await settlePlace(this.dataDir, systemDir);
    const copies = join(place.account.switched ? systemDir : place.home, 'programs');
    const binaries = await prepareBinaries(native, copies, place.account);
    await initialiseCluster(place, binaries);
    const how = await ensureServer(place, binaries, settings, deadline);
    this.options.report?.(`The database in ${place.cluster} was ${how}.`);
    return place;
  }

  /** The server ended under a live holder: start it again, for as long as it takes. Callers see errors of unavailability meanwhile. */
  private renew(): void {
    this.renewal = (async () => {
      const lost = this.lease;
      this.lease = undefined;
      await lost?.close();
      while (this.released === undefined && this.lease === undefined) {
        this.options.report?.('The connection to the database was lost; it is being started again.');
        try {
          await this.reopen();
        } catch (error) {
          this.options.report?.(error instanceof Error ? error.message : String(error));
          await sleep(RETRY_MS * 10);
        }
      }
    })();
  }

  /** Unlike a first start it never makes a cluster: where the directory was deleted, an empty one would look like lost repositories. */
  private async reopen(): Promise<void> {
    const cluster = this.place?.cluster;
    if (cluster !== undefined && !existsSync(cluster)) throw new StartRefused(`The database in ${cluster} was removed while it was in use. Bring it back, or stop this process.`);
    await this.open();
  }

  private async leave(): Promise<void> {
    // Waits for a renewal under way: it would otherwise start a server after the last holder has left.
    await this.renewal;
    clearInterval(this.pathCheck);
    const lease = this.lease;
    this.lease = undefined;
    if (lease === undefined) return;
    try {
      await withStartLock(startLockOf(this.dataDir), this.options.waitMs ?? DEFAULT_WAIT_MS, async () => {
        if (!(await lease.surrender())) return;
        await stopServer(await settlePlace(this.dataDir, this.options.systemDir));
        this.options.report?.('The database was stopped.');
      });
    } catch (error) {
      // A server that was killed meanwhile needs no stopping; one that cannot be asked is adopted by the next start.
      if (!isDatabaseUnavailable(error) && !(error instanceof StartRefused)) throw error;
    } finally {
      await lease.close();
    }
  }
}
