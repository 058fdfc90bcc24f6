import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What one run of git gave back. `status` is its exit code; a run that a signal ended reads as -1. */
export interface GitRun {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada',
  GIT_AUTHOR_EMAIL: 'ada@example.org',
  GIT_COMMITTER_NAME: 'Ada',
  GIT_COMMITTER_EMAIL: 'ada@example.org',
  GIT_AUTHOR_DATE: '1700000000 +0000',
  GIT_COMMITTER_DATE: '1700000000 +0000',
};

/** Runs git in a directory with a wiped environment; output is latin1, one character a byte. Never throws for an exit code. */
export function runGit(directory: string, args: readonly string[], input?: Buffer | string): GitRun {
  const run = spawnSync('git', [...args], {
    cwd: directory,
    env: ENVIRONMENT,
    input: input ?? '',
    encoding: 'latin1',
    maxBuffer: 1 << 30,
  });
  if (run.error !== undefined) throw run.error;
  return { status: run.status ?? -1, stdout: run.stdout, stderr: run.stderr };
}

/** Runs git and answers its output without the final newline. Throws with git's own words when the exit code is not zero. */
export function git(directory: string, args: readonly string[], input?: Buffer | string): string {
  const run = runGit(directory, args, input);
  if (run.status !== 0) throw new TypeError(`git ${args.join(' ')} ended with ${run.status}: ${run.stderr}`);
  return run.stdout.replace(/\n$/u, '');
}

/** A new empty bare repository in a directory of its own. The caller removes it with {@link removeRepository}. */
export function makeRepository(): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-git-'));
  git(directory, ['init', '-q', '--bare', '-b', 'main']);
  return directory;
}

/** A bare clone of one of the real histories. Throws a sentence that says what is missing where the bundle is not there. */
export function cloneCorpus(name: 'express' | 'flask'): string {
  const bundle = new URL(`../../../shared/corpus/${name}.bundle`, import.meta.url).pathname;
  if (!existsSync(bundle)) throw new TypeError(`This test needs the history ${bundle}; put the bundle there to run it.`);
  const directory = mkdtempSync(join(tmpdir(), 'weir-corpus-'));
  git(directory, ['clone', '-q', '--bare', bundle, 'history.git']);
  return join(directory, 'history.git');
}

/** Removes what {@link makeRepository} or {@link cloneCorpus} made. */
export function removeRepository(directory: string): void {
  rmSync(directory.endsWith('/history.git') ? join(directory, '..') : directory, { recursive: true, force: true });
}
