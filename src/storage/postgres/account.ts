import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/** The system account that the database server runs as. `switched`: it is not the account of this process, which is root. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  readonly switched: boolean;
}

/** What distributions agree on for nobody where /etc/passwd is missing (a bare container image). */
const NOBODY = 65_534;

/**
 * The account for a server whose cluster, if it exists already, belongs to `owner`. An ordinary user runs it as themselves. Postgres
 * refuses to run as root, so root gives it to the cluster's owner, or, for a new one, to nobody; no account is created.
 */
export function serverAccount(owner?: { uid: number; gid: number }): Account {
  const uid = process.geteuid?.() ?? NOBODY;
  const gid = process.getegid?.() ?? NOBODY;
  if (uid !== 0) return { uid, gid, switched: false };
  if (owner !== undefined && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, switched: true };
  return { ...nobody(), switched: true };
}

function nobody(): { uid: number; gid: number } {
  let passwd = '';
  try {
    passwd = readFileSync('/etc/passwd', 'utf8');
  } catch {
    // No account database: the kernel needs numbers only.
  }
  const fields = passwd.split('\n').find((line) => line.startsWith('nobody:'))?.split(':') ?? [];
  const uid = Number(fields[2] ?? NOBODY);
  const gid = Number(fields[3] ?? NOBODY);
  return Number.isInteger(uid) && uid > 0 && Number.isInteger(gid) ? { uid, gid } : { uid: NOBODY, gid: NOBODY };
}

/**
 * Whether `account` may pass through `directory` and everything above it, by the mode bits. Access lists are not read: where they alone
 * would let the account in, the answer is no, and the caller falls back to a place that needs none.
 */
export function canEnter(directory: string, account: Account): boolean {
  for (let path = directory; ; path = dirname(path)) {
    if (!hasMode(path, account, 0o1)) return false;
    if (path === dirname(path)) return true;
  }
}

/** Whether the mode bits of `path` grant `account` the bits of `wanted` (1 execute or enter, 4 read); false when it does not exist. */
export function hasMode(path: string, account: Account, wanted: number): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0;
  return ((stats.mode >> shift) & wanted) === wanted;
}
