import { sql, type SQL } from 'drizzle-orm';
import type { Queries } from './sending.js';

/** Classes of the two-number advisory locks that end with their transaction; apart from those that are held outside of one. */
const NAMES_OF_REPO = 0x77656974;
const SEQUENCER = 0x77656975;
const REPO_NAME = 0x77656976;
const REPOS_OF_KEY = 0x77656977;
const WEBHOOKS = 0x77656978;
const TURN_OF_BRANCH = 0x77656979;
const IMPORTS = 0x7765697a;

/**
 * Holds the names of a repository's branches until the transaction ends. Taken before any row lock. The second number of such a
 * lock has 32 bits; repositories that share it wait for each other and nothing worse.
 */
export async function lockForNames(queries: Queries, repoId: number): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(${NAMES_OF_REPO}::int, ${repoId % 0x7fffffff}::int)`);
}

/** Holds a name of repositories until the transaction ends. Taken before any row lock; names that share a hash wait for each other and nothing worse. */
export async function lockForRepoName(queries: Queries, name: string): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(${REPO_NAME}::int, hashtext(${name}))`);
}

/** Holds the number of repositories that a key has made until the transaction ends. Taken behind the name and the row of one, before any other lock. */
export async function lockForReposOfKey(queries: Queries, keyId: string): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(${REPOS_OF_KEY}::int, hashtext(${keyId}))`);
}

/** Holds the number of webhooks until the transaction ends. */
export async function lockForWebhooks(queries: Queries): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(${WEBHOOKS}::int, 0)`);
}

/** Holds the number of imports until the transaction ends. */
export async function lockForImports(queries: Queries): Promise<void> {
  await queries.execute(sql`select pg_advisory_xact_lock(${IMPORTS}::int, 0)`);
}

/** Takes the sequencer's lock until the transaction ends. false: another gateway has it. */
export async function becomeSequencer(queries: Queries): Promise<boolean> {
  const [row] = await queries.select({ held: sql`pg_try_advisory_xact_lock(${SEQUENCER}::int, 0)`.mapWith(Boolean) }).from(sql`(select) as once`);
  return row?.held ?? false;
}

/** Takes the turn on a branch, by its {@link turnNumber}, until the transaction ends. */
export const TAKE_TURN = `select pg_advisory_xact_lock(${TURN_OF_BRANCH}, $1::int)`;

/** The second number of a branch's lock; branches that share it share their line and nothing worse. */
export function turnNumber(branchId: number): number {
  return branchId % 0x7fffffff;
}

/**
 * True when nobody has the turn on a branch or waits for it; then nobody gets it before the transaction ends. For the last condition of
 * the statement that moves the branch: whoever comes late joins the line and does not take from those who stand in it.
 */
export function nobodysTurn(branchId: number): SQL {
  return sql`pg_try_advisory_xact_lock_shared(${TURN_OF_BRANCH}::int, ${turnNumber(branchId)}::int)`;
}
