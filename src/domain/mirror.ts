/** UP_TO_DATE: it has all that is here. PENDING: changes wait to be pushed. PUSHING: a gateway is at it. FAILED: the last attempt failed, and another is due. SUSPENDED: it came from a backup, and waits for a word. */
export type MirrorState = 'UP_TO_DATE' | 'PENDING' | 'PUSHING' | 'FAILED' | 'SUSPENDED';

/** Where a repository is pushed to, but for the credentials, and how that stands. Times are the database's. */
export interface MirrorRecord {
  readonly repoId: number;
  readonly url: string;
  readonly state: MirrorState;
  /** When the first change was made that was not judged yet; null while there is none. */
  readonly pendingSince: Date | null;
  readonly lastAttemptAt: Date | null;
  readonly lastPushedAt: Date | null;
  /** When a failed push is tried again at the earliest; null while none has failed. */
  readonly nextAttemptAt: Date | null;
  /** Failures since the last push. */
  readonly attempts: number;
  /** Why the last attempt failed, in one sentence; null when it did not. */
  readonly error: string | null;
}

/** Who a mirror's host is told that we are. */
export interface MirrorCredentials {
  readonly username: string;
  readonly password: string;
}

const FIRST_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 30 * 60_000;

/** How long after so many failures in a row the next attempt is made: twice as long each time, up to half an hour, of which `draw` (0 to 1) takes up to a half away. */
export function retryAfterMs(failures: number, draw: number): number {
  const whole = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(whole * (1 - draw / 2));
}

/** The references of a repository that a mirror gets: branches and tags, and nothing of ours. */
export function mirroredReferences(all: ReadonlyMap<string, string>): Map<string, string> {
  return new Map([...all].filter(([name]) => name.startsWith('refs/heads/') || name.startsWith('refs/tags/')));
}
