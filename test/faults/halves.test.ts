import { execFileSync } from 'node:child_process';
import { renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Json } from '../support/gateway.js';
import { openProcessRoom, type GatewayProcess, type ProcessRoom } from '../support/gateway-process.js';
import { administer, createTestDatabase, type TestDatabase } from '../support/postgres.js';

const CHECKPOINT = `mutation ($input: CreateCheckpointInput!) { done: createCheckpoint(input: $input) { __typename ... on CreateCheckpointSuccess { checkpoint { number oid } } ... on Problem { code message } } }`;

let database: TestDatabase;
let room: ProcessRoom;
let gateway: GatewayProcess;

beforeEach(async () => {
  database = await createTestDatabase();
  room = openProcessRoom({ execArgv: ['--no-opt'], settings: { DATABASE_URL: database.url } });
  gateway = await room.start();
  for (const name of ['moving', 'resting']) await gateway.ask('mutation ($input: CreateRepoInput!) { createRepo(input: $input) { __typename } }', { input: { name, files: [{ path: 'a', text: `first of ${name}\n` }] } });
  await gateway.ask('mutation { createBranch(input: { repo: "moving", name: "session/1" }) { __typename } }');
});
afterEach(async () => {
  await gateway.kill();
  await room.close();
  await database.drop();
});

/** Writes `text` to `a` on a branch. */
async function checkpoint(text: string, branch = 'session/1', repo = 'moving'): Promise<Json> {
  return (await gateway.ask(CHECKPOINT, { input: { repo, branch, message: text, changes: [{ write: { path: 'a', text } }] } })).done;
}

/** What `a` is at a revision; a refusal of the read is told by its code. */
async function textAt(rev: string, repo = 'moving'): Promise<string> {
  try {
    const read = await gateway.ask('query ($repo: String!, $rev: String!) { repo(name: $repo) { commit(rev: $rev) { file(path: "a") { blob { text } } } } }', { repo, rev });
    return read.repo.commit.file.blob.text;
  } catch (error) {
    return /"code":"([A-Z_]+)"/u.exec(String(error))?.[1] ?? String(error);
  }
}

async function expectSound(): Promise<void> {
  expect(await room.run('doctor')).toMatchObject({ code: 0 });
  for (const name of ['moving', 'resting']) {
    const bare = join(room.sandbox.directory, `${name}-${process.hrtime.bigint()}.git`);
    expect(await room.run('export', name, bare)).toMatchObject({ code: 0 });
    expect(execFileSync('git', ['-C', bare, 'fsck', '--full', '--strict', '--no-dangling', '--no-progress'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toBe('');
  }
}

describe('a database that is newer than the objects', () => {
  it('is told by name, is never answered for with something else, and is whole again with the objects', async () => {
    const objects = join(room.sandbox.data, 'objects');
    const [kept, newer] = [`${objects}.kept`, `${objects}.newer`];
    await gateway.stop();
    execFileSync('cp', ['-a', objects, kept]);
    gateway = await room.start();
    const { checkpoint: lost } = await checkpoint('second\n');
    await gateway.stop();
    renameSync(objects, newer);
    renameSync(kept, objects);

    gateway = await room.start();
    expect([await textAt('session/1'), await textAt(lost.oid)]).toEqual(['OBJECT_CORRUPT', 'OBJECT_CORRUPT']);
    expect(await checkpoint('third\n')).toMatchObject({ __typename: 'ObjectCorrupt', message: expect.stringMatching(/[0-9a-f]{40}/u) });
    expect(await textAt('main')).toBe('first of moving\n');
    expect(await checkpoint('beside\n', 'main')).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
    expect(await textAt('main', 'resting')).toBe('first of resting\n');
    expect(await checkpoint('second\n', 'main', 'resting')).toMatchObject({ __typename: 'CreateCheckpointSuccess' });
    const { code, output } = await room.run('doctor');
    expect(code).toBe(1);
    expect(output).toContain(lost.oid);
    expect(output.split('\n').filter((line) => line.startsWith('resting'))).toEqual([]);

    await gateway.stop();
    // What was written since goes to what had been missing.
    execFileSync('cp', ['-an', `${newer}/.`, objects]);
    rmSync(newer, { recursive: true });
    gateway = await room.start();
    expect([await textAt('session/1'), await textAt('main'), await textAt('main', 'resting')]).toEqual(['second\n', 'beside\n', 'second\n']);
    expect(await checkpoint('third\n')).toMatchObject({ checkpoint: { number: 2 } });
    await expectSound();
  }, 90_000);
});

describe('objects that are newer than the database', () => {
  it('are left aside: everything is as it was then, and the same can be written again', async () => {
    const { connection } = database;
    const kept = `${connection.database}_kept`;
    await checkpoint('second\n');
    await gateway.stop();
    await administer(connection, (sql) => sql.unsafe(`create database ${kept} template ${connection.database}`));
    gateway = await room.start();
    const { checkpoint: forgotten } = await checkpoint('third\n');
    const { eventCursor } = await gateway.ask('{ eventCursor }');
    await gateway.stop();
    await administer(connection, (sql) => sql.unsafe(`drop database ${connection.database}`));
    await administer(connection, (sql) => sql.unsafe(`alter database ${kept} rename to ${connection.database}`));

    gateway = await room.start();
    expect([await textAt('session/1'), await textAt(forgotten.oid)]).toEqual(['second\n', 'UNKNOWN_REV']);
    await expect(gateway.ask('query ($after: String) { events(after: $after, first: 5) { edges { node { kind } } } }', { after: eventCursor })).rejects.toThrow('CURSOR_INVALID');
    expect(await checkpoint('third\n')).toMatchObject({ checkpoint: { number: 2 } });
    expect(await textAt('session/1')).toBe('third\n');
    await expectSound();
  }, 90_000);
});
