import { setTimeout as sleep } from 'node:timers/promises';
import { loadConfig } from '../../src/config.js';
import { connectDatabase } from '../../src/storage/postgres/connect.js';
import { keepRecording } from './recording.js';
import type { Json } from '../support/gateway.js';
import { makeSandbox } from '../support/sandbox.js';
import { layRelease, startRelease } from './release.js';
import { factsOf, tellStory, type Ask } from './story.js';

/** Lets the release of a git revision live the story on an empty server of its own, and keeps what is there then. Answers the size of the recording in bytes. */
export async function recordRelease(revision: string, name: string): Promise<number> {
  const sandbox = makeSandbox();
  try {
    const gateway = await startRelease(layRelease(revision, sandbox.directory), sandbox);
    const secrets = await tellStory(gateway.ask);
    const facts = await settledFacts(gateway.ask);
    const { eventCursor } = await gateway.ask('{ eventCursor }');
    await gateway.stop();
    const database = await connectDatabase(loadConfig({ WEIR_DATA: sandbox.data, WEIR_SYSTEM_DIR: sandbox.system }));
    try {
      return await keepRecording(name, database, sandbox.data, { secrets, facts, cursor: eventCursor });
    } finally {
      await database.close();
    }
  } finally {
    await sandbox.remove();
  }
}

/** The facts once every event has its place in the stream, which operations get up to a second later. */
async function settledFacts(ask: Ask): Promise<Json> {
  for (let before = ''; ;) {
    const facts = await factsOf(ask);
    const now = JSON.stringify(facts);
    if (now === before) return facts;
    before = now;
    await sleep(2_000);
  }
}
