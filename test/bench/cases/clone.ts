import { spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { listen } from '../../../src/cli/listen.js';
import { createServer } from '../../../src/server/index.js';
import { serveHttpBackend } from '../../support/http-backend.js';
import { compare, type Comparison } from '../measure.js';
import { GIT_ENVIRONMENT, GitFailed } from '../native-git.js';
import type { Subject, Workplace } from '../workplace.js';

/** A clone of a large repository takes seconds. */
const ROUNDS = 15;
const GOAL = 1.2;

/** A bare clone over HTTP from the gateway, beside one from git's own CGI program behind a plain server: of the whole, and of the last commit. */
export async function clone(place: Workplace, subject: Subject, rounds: number): Promise<Comparison[]> {
  const server = createServer({ gateway: place.app.gateway, settings: place.app.config, ready: async () => true });
  const listening = await listen(server, { host: '127.0.0.1', port: 0 });
  const backend = await serveHttpBackend(dirname(subject.bare));
  const ours = `${listening.url.replace('://', `://bench:${await place.adminKey()}@`)}/git/${subject.repoName}.git`;
  const theirs = `${backend.url}/${basename(subject.bare)}`;
  const to = join(place.directory, 'cloned.git');
  const cloning = (from: string, ...options: readonly string[]) => ({
    run: () => git('clone', '-q', '--bare', ...options, from, to),
    after: () => rmSync(to, { recursive: true }),
  });
  const on = { rounds: Math.min(rounds, ROUNDS), goal: GOAL, subject: subject.name };
  try {
    return [
      await compare('clone over HTTP', { name: '/git', ...cloning(ours) }, { name: 'git http-backend', ...cloning(theirs) }, on),
      await compare('clone over HTTP, last commit', { name: '/git', ...cloning(ours, '--depth=1') }, { name: 'git http-backend', ...cloning(theirs, '--depth=1') }, on),
    ];
  } finally {
    await listening.drain(0);
    await backend.close();
  }
}

/** Runs native git beside this process, which serves it meanwhile. */
function git(...args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', [...args], { env: { ...GIT_ENVIRONMENT, GIT_TERMINAL_PROMPT: '0' }, stdio: ['ignore', 'ignore', 'pipe'] });
    let words = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => (words += text));
    child.once('error', reject);
    child.once('close', (status) => (status === 0 ? resolve() : reject(new GitFailed(`git ${args[0] ?? ''} ended with ${String(status)}: ${words}`))));
  });
}
