import { spawnSync } from 'node:child_process';

/** Native git refused, so nothing can be compared. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

/**
 * Runs native git in a repository, spawned as a service would, with nobody's configuration. Exit code 1 (a conflict, a
 * difference) is an answer; anything above throws {@link GitFailed} with git's words.
 */
export function runGit(repository: string, args: readonly string[], input?: Buffer | string): string {
  const { status, stdout, stderr, error } = spawnSync('git', ['-C', repository, ...args], { env: GIT_ENVIRONMENT, encoding: 'utf8', maxBuffer: 1 << 30, ...(input === undefined ? {} : { input }) });
  if (status === null || status > 1) throw new GitFailed(`git ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

/** What native git runs with: its search path, and nothing of whoever runs the measurement. */
export const GIT_ENVIRONMENT = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  // Repositories of other accounts may be measured too: nothing in them is run.
  GIT_CONFIG_COUNT: '1',
  GIT_CONFIG_KEY_0: 'safe.directory',
  GIT_CONFIG_VALUE_0: '*',
  GIT_AUTHOR_NAME: 'Bench',
  GIT_AUTHOR_EMAIL: 'bench@example.org',
  GIT_COMMITTER_NAME: 'Bench',
  GIT_COMMITTER_EMAIL: 'bench@example.org',
};
