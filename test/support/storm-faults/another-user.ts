import { connectDatabase, type Database } from '../../../src/storage/postgres/connect.js';
import type { Storm } from '../storm.js';

/** Somebody else on the gateway's database. */
export function anotherUser({ room: { sandbox } }: Storm): Promise<Database> {
  return connectDatabase({ databaseUrl: undefined, dataDir: sandbox.data, systemDir: sandbox.system, databasePool: 1, databaseWaitMs: 0 });
}
