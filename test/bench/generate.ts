import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { GIT_ENVIRONMENT, GitFailed, runGit } from './native-git.js';

/** How large a generated repository is. */
export interface GeneratedShape {
  readonly files: number;
  /** Commits on the first-parent line after the first one; every fifth is a merge of a side branch. */
  readonly commits: number;
}

/** Entries of a directory: the depth grows with the logarithm of the number of files, as in a well kept monorepo. */
const FAN_OUT = 32;
/** Lines of a file: about 900 bytes, 300 compressed. */
const LINES = 24;
/** Text that is gathered before it is handed to git. */
const CHUNK_CHARACTERS = 1 << 20;
const MERGE_EVERY = 5;
const FILES_A_COMMIT = 3;
const FIRST_SECOND = 1_600_000_000;

/**
 * Makes a bare repository at `directory` with one `git fast-import`: files of code-like text in directories of 32, then
 * commits that change three of them each, and merges without conflicts. The same shape gives the same object ids.
 */
export async function generateRepository(directory: string, shape: GeneratedShape): Promise<void> {
  runGit('.', ['init', '-q', '--bare', '-b', 'main', directory]);
  const child = spawn('git', ['-C', directory, '-c', 'fastimport.unpackLimit=1', 'fast-import', '--quiet', '--date-format=raw'], { env: GIT_ENVIRONMENT, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  let waiting = '';
  for (const piece of history(shape)) {
    waiting += piece;
    if (waiting.length < CHUNK_CHARACTERS) continue;
    if (!child.stdin.write(waiting)) await once(child.stdin, 'drain');
    waiting = '';
  }
  child.stdin.end(waiting);
  const [status] = await ended;
  if (status !== 0) throw new GitFailed(`git fast-import ended with ${String(status)}`);
}

function* history({ files, commits }: GeneratedShape): Generator<string> {
  const versions = new Map<number, number>();
  let mark = 0;
  const pick = picker(files);
  const edits = (count: number, taken: Set<number> = new Set()): string => {
    let text = '';
    while (count > 0 && taken.size < files) {
      const file = pick();
      if (taken.has(file)) continue;
      taken.add(file);
      const version = (versions.get(file) ?? 0) + 1;
      versions.set(file, version);
      text += fileCommand(file, version, files);
      count--;
    }
    return text;
  };
  yield commitHead('main', ++mark, '');
  for (let file = 0; file < files; file++) yield fileCommand(file, 0, files);
  yield '\n';
  for (let at = 1; at <= commits; at++) {
    const tip = mark;
    if (at % MERGE_EVERY !== 0) {
      yield `${commitHead('main', ++mark, '')}${edits(FILES_A_COMMIT)}\n`;
      continue;
    }
    const taken = new Set<number>();
    const side = edits(FILES_A_COMMIT - 1, taken);
    yield `reset refs/heads/side\nfrom :${tip}\n\n${commitHead('side', ++mark, '')}${side}\n`;
    yield `${commitHead('main', ++mark, '')}${edits(FILES_A_COMMIT, taken)}\n`;
    yield `${commitHead('main', ++mark, `merge :${mark - 2}\n`)}${side}\n`;
  }
}

function commitHead(branch: string, mark: number, merge: string): string {
  const message = `Change number ${mark}\n`;
  return `commit refs/heads/${branch}\nmark :${mark}\ncommitter Ada <ada@example.org> ${FIRST_SECOND + mark * 60} +0000\ndata ${message.length}\n${message}\n${merge}`;
}

function fileCommand(file: number, version: number, files: number): string {
  const text = fileText(file, version);
  return `M 100644 inline ${pathOf(file, files)}\ndata ${text.length}\n${text}\n`;
}

/** Where a generated file lies: its number in base 32, a directory a digit. */
export function pathOf(file: number, files: number): string {
  let path = `f${file % FAN_OUT}.ts`;
  let rest = Math.floor(file / FAN_OUT);
  for (let above = Math.ceil(files / FAN_OUT); above > 1; above = Math.ceil(above / FAN_OUT)) {
    path = `d${rest % FAN_OUT}/${path}`;
    rest = Math.floor(rest / FAN_OUT);
  }
  return path;
}

/** Code-like lines that differ from file to file; each version changes one line in the middle of others. */
function fileText(file: number, version: number): string {
  let text = '';
  for (let line = 0; line < LINES; line++) {
    const seed = (Math.imul(file * LINES + line + 1, 0x9e3779b1) >>> 0).toString(36);
    const changed = version > 0 && line === version % LINES ? ` + ${version}` : '';
    text += `export const ${seed.slice(0, 4)}_${line} = compute("${seed}")${changed};\n`;
  }
  return text;
}

/** Numbers below `bound` in an order that looks random and is always the same (a linear congruential generator, Knuth's constants). */
function picker(bound: number): () => number {
  let state = 12_345n;
  return () => {
    state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
    return Number(state >> 33n) % bound;
  };
}
