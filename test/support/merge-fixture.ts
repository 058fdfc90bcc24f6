import { git, runGit } from './git-binary.js';

/** A file of a made tree: its content, or its mode (octal text) and content; for mode 160000 the content is an id. */
export type FixtureFile = string | readonly [mode: string, content: string];
/** A made tree: paths and files, both one character a byte. */
export type FixtureTree = Readonly<Record<string, FixtureFile>>;

/** What `git merge-tree --write-tree` printed. */
export interface NativeMerge {
  readonly clean: boolean;
  readonly tree: string;
  /** `mode oid stage<TAB>path` lines. */
  readonly stages: readonly string[];
  readonly messages: string;
}

/** Writes any number of root-to-tip commits with one fast-import: each with its tree and the positions of its parents. */
export function writeCommits(repository: string, commits: readonly { tree: FixtureTree; parents: readonly number[]; seconds?: number }[]): string[] {
  let stream = '';
  commits.forEach(({ tree, parents, seconds }, at) => {
    if (parents.length === 0) stream += 'reset refs/heads/tmp\n\n';
    stream += `commit refs/heads/tmp\nmark :${at + 1}\ncommitter Ada <ada@example.org> ${seconds ?? 1_700_000_000 + at} +0000\ndata 1\nx\n`;
    parents.forEach((parent, i) => (stream += `${i === 0 ? 'from' : 'merge'} :${parent + 1}\n`));
    stream += 'deleteall\n';
    for (const [path, file] of Object.entries(tree)) {
      const [mode, content] = typeof file === 'string' ? ['100644', file] : file;
      const name = `"${path.replace(/["\\]/gu, '\\$&').replace(/\n/gu, '\\n')}"`;
      stream += mode === '160000' ? `M ${mode} ${content} ${name}\n` : `M ${mode} inline ${name}\ndata ${content.length}\n${content}\n`;
    }
    stream += '\n';
  });
  commits.forEach((_, at) => (stream += `get-mark :${at + 1}\n`));
  return git(repository, ['fast-import', '--quiet', '--force', '--date-format=raw'], Buffer.from(stream, 'latin1')).split('\n');
}

/** Merges two commits with real git; the labels of the sides are what they are called here, so ids where ids are given. */
export function nativeMerge(repository: string, ours: string, theirs: string): NativeMerge {
  return parseMergeTree(runGit(repository, ['merge-tree', '--write-tree', '--messages', '-z', '--allow-unrelated-histories', ours, theirs]));
}

/** Reads the NUL-separated output of `git merge-tree --write-tree --messages -z`. Throws what git said when it failed. */
export function parseMergeTree(run: { readonly status: number; readonly stdout: string; readonly stderr: string }): NativeMerge {
  if (run.status !== 0 && run.status !== 1) throw new TypeError(`git merge-tree ended with ${run.status}: ${run.stderr}`);
  const [head = '', ...rest] = run.stdout.split('\0');
  const end = rest.indexOf('');
  const stages = end < 0 ? rest : rest.slice(0, end);
  return { clean: run.status === 0, tree: head.trim(), stages, messages: end < 0 ? '' : rest.slice(end + 1).join(' ') };
}
