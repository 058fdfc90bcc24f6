import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GitBusy, GitFailed, type GitOutput } from '../../src/domain/ports/native-git.js';
import { versionFault } from '../../src/storage/git/git-version.js';
import { startGuarded } from '../../src/storage/git/guarded-process.js';
import { openNativeGit } from '../../src/storage/git/native-git.js';
import { Slots } from '../../src/storage/git/slots.js';
import { PackStores } from '../../src/storage/packs/pack-stores.js';

const HOUR_MS = 3_600_000;
const NEVER = new AbortController().signal;

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-guarded-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

let programs = 0;
/** A program that takes git's place. */
function program(script: string): string {
  const path = join(directory, `program-${++programs}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

interface Started {
  readonly output: GitOutput;
  released(): boolean;
}

function start(script: string, { timeMs = HOUR_MS, stallMs = HOUR_MS, signal = NEVER, input = null }: { readonly timeMs?: number; readonly stallMs?: number; readonly signal?: AbortSignal; readonly input?: Buffer | null } = {}): Started {
  let released = false;
  const release = async (): Promise<void> => void (released = true);
  return { output: startGuarded({ program: program(script), args: [], directory, input, timeMs, stallMs, signal, release }), released: () => released };
}

async function all(output: GitOutput): Promise<string> {
  const pieces: Buffer[] = [];
  for (let piece = await output.next(); piece !== null; piece = await output.next()) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

describe('a guarded program', () => {
  it('gets its input, answers its output, and gives back what it used', async () => {
    const { output, released } = start('cat', { input: Buffer.from('in and out') });
    expect(await all(output)).toBe('in and out');
    expect(released()).toBe(true);
  });

  it('sees nothing of this environment', async () => {
    const names = (await all(start('env').output)).split('\n').map((line) => line.split('=', 1).join('')).filter((name) => name !== '');
    expect(names.filter((name) => !/^(?:GIT_[A-Z_]+|PATH|LC_ALL|TZ|HOME|PWD|OLDPWD|SHLVL|_)$/u.test(name))).toEqual([]);
  });

  it('that fails says so with its last words, and still gives everything back', async () => {
    const { output, released } = start('echo the disk is full >&2; exit 3');
    await expect(all(output)).rejects.toThrow('3: the disk is full');
    expect(released()).toBe(true);
  });

  it('that takes too long is ended with its children', async () => {
    const marker = join(directory, 'survived');
    const { output, released } = start(`(sleep 2; touch ${marker}) & sleep 600`, { timeMs: 200 });
    await expect(all(output)).rejects.toMatchObject({ why: 'TIME' });
    expect(released()).toBe(true);
    expect(existsSync(marker)).toBe(false);
  });

  it('whose output nobody takes is ended, and gives everything back without being asked again', async () => {
    const { output, released } = start('yes', { stallMs: 200 });
    await output.next();
    await output.ended;
    expect(released()).toBe(true);
  });

  it('ends with the client', async () => {
    const gone = new AbortController();
    const { output, released } = start('yes', { signal: gone.signal });
    await output.next();
    gone.abort(new TypeError('gone'));
    await output.ended;
    expect(released()).toBe(true);
    await expect(all(output)).rejects.toThrow('gone');
  });

  it('that is not there is a failure, not a crash', async () => {
    const missing = startGuarded({ program: join(directory, 'nothing'), args: [], directory, input: null, timeMs: HOUR_MS, stallMs: HOUR_MS, signal: NEVER, release: async () => undefined });
    await expect(missing.next()).rejects.toBeInstanceOf(GitFailed);
  });
});

describe('the git program', () => {
  const storage = { holdPacks: async () => ({ packs: { directory, names: [] }, release: async () => undefined }), objects: new PackStores({ root: tmpdir(), livePacks: async () => [] }) };

  it('is needed at 2.34 or newer', () => {
    expect(versionFault('git version 2.34.0\n')).toBeNull();
    expect(versionFault('git version 2.39.5 (Apple Git-154)\n')).toBeNull();
    expect(versionFault('git version 3.0.0\n')).toBeNull();
    expect(versionFault('git version 2.33.9\n')).toContain('it has 2.33');
    expect(versionFault('git version 1.99\n')).toContain('it has 1.99');
    expect(versionFault('hello\n')).toContain('does not tell');
  });

  it('that is absent is said to be, until it is there', async () => {
    const path = join(directory, 'later');
    const git = openNativeGit({ storage, program: path, directory: join(directory, 'runs'), processes: 1, timeMs: HOUR_MS, checkBytes: 1 << 30 });
    expect(await git.fault()).toContain('there is none');
    writeFileSync(path, '#!/bin/sh\necho git version 2.40.1\n');
    chmodSync(path, 0o755);
    expect(await git.fault()).toBeNull();
  });

  it('leaves nothing behind where it ran, also when it is ended at the close', async () => {
    const runs = join(directory, 'ended');
    const git = openNativeGit({ storage, program: program('echo begun; exec sleep 600'), directory: runs, processes: 1, timeMs: HOUR_MS, checkBytes: 1 << 30 });
    const output = await git.archive(1, { commit: 'a'.repeat(40), format: 'tar', prefix: 'x/' }, NEVER);
    expect((await output.next())?.toString()).toBe('begun\n');
    expect(readdirSync(runs)).toHaveLength(1);
    await git.close();
    expect(readdirSync(runs)).toEqual([]);
  });
});

describe('slots', () => {
  it('are handed on in order, and refused to whoever waits too long', async () => {
    const slots = new Slots(1, 50);
    const release = await slots.take(NEVER);
    await expect(slots.take(NEVER)).rejects.toBeInstanceOf(GitBusy);
    const order: number[] = [];
    const waiting = [1, 2].map(async (number) => {
      const handOn = await slots.take(NEVER);
      order.push(number);
      handOn();
    });
    release();
    release();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  it('are not kept by a client that has gone while it waited', async () => {
    const slots = new Slots(1, HOUR_MS);
    const release = await slots.take(NEVER);
    const gone = new AbortController();
    const waiting = slots.take(gone.signal).then(() => 'taken', (error: unknown) => String(error));
    gone.abort(new TypeError('gone'));
    expect(await waiting).toBe('TypeError: gone');
    release();
    expect(await slots.take(NEVER)).toBeTypeOf('function');
  });
});
