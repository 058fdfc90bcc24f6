import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where the real histories lie: beside the checkout, because they are other people's and not part of it. */
const CORPUS = resolve(import.meta.dirname, '../../../shared/corpus');

const COMMITS = 240;
const FILES = 60;
const MERGE_EVERY = 6;

const made = new Map<string, string>();

/**
 * A bundle with a history to import, its branch named `master` or `main`: a real one where it lies beside the checkout, otherwise one
 * of {@link COMMITS} commits with side branches, merges and tags, made by native git on the spot.
 */
export function historyBundle(name: 'express' | 'flask'): string {
  const real = join(CORPUS, `${name}.bundle`);
  if (existsSync(real)) return real;
  const known = made.get(name) ?? makeBundle(name);
  made.set(name, known);
  return known;
}

function makeBundle(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'weir-history-'));
  process.once('exit', () => rmSync(directory, { recursive: true, force: true }));
  const repository = join(directory, `${name}.git`);
  const bundle = join(directory, `${name}.bundle`);
  execFileSync('git', ['init', '-q', '--bare', '-b', 'master', repository]);
  execFileSync('git', ['-C', repository, 'fast-import', '--quiet'], { input: stream(name) });
  execFileSync('git', ['-C', repository, 'bundle', 'create', '-q', bundle, 'HEAD', '--branches', '--tags']);
  return bundle;
}

/** The history as `git fast-import` reads it: mark n is commit n, and every sixth merges a commit that was made beside the line. */
function stream(name: string): string {
  let text = '';
  for (let commit = 1; commit <= COMMITS; commit++) {
    const merges = commit % MERGE_EVERY === 0;
    const parent = merges ? commit - 2 : commit - 1;
    const content = `${name}, file ${(commit * 7) % FILES}, written by commit ${commit}\n`.repeat(5);
    const message = `${merges ? 'Merge' : 'Write'} ${commit}\n`;
    text += `commit refs/heads/${(commit + 1) % MERGE_EVERY === 0 ? 'side' : 'master'}\nmark :${commit}\ncommitter T <t@example.org> ${1_600_000_000 + commit * 60} +0000\ndata ${message.length}\n${message}`;
    if (parent > 0) text += `from :${parent}\n`;
    if (merges) text += `merge :${commit - 1}\n`;
    text += `M 100644 inline dir${commit % 5}/file${(commit * 7) % FILES}.txt\ndata ${content.length}\n${content}\n`;
    if (commit % 40 === 0) text += `tag v${commit / 40}\nfrom :${commit}\ntagger T <t@example.org> ${1_600_000_000 + commit * 60} +0000\ndata 4\ntag\n\n`;
  }
  return `${text}reset refs/heads/side\nfrom 0000000000000000000000000000000000000000\n\n`;
}
