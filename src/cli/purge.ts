import { writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { packGraceMs, type App } from '../app.js';
import { everyRow } from '../domain/every-row.js';
import { EpochMoved } from '../domain/ports/transaction.js';
import { PurgeRefused, type Disappearance, type PurgeReport } from '../domain/purge.js';
import type { RepoRecord } from '../domain/repo.js';
import { GitDataError } from '../git/objects/errors.js';
import { readArguments } from './arguments.js';
import { WrongUsage, type Command, type Terminal } from './command.js';
import { operatorRequest, withApp } from './with-app.js';

/** `weir purge`. */
export const purgeCommand: Command = {
  help: `Usage: weir purge REPO [--blob ID…] [--path PATH…] [--run RUN…] [--dry-run] [--map FILE]

Removes contents from the whole history of a repository for good. Repeat an option to give several.

  --blob ID     the content with this id, wherever it stands
  --path PATH   every content that any commit has at this path, or below it, wherever else it stands
  --run RUN     what only this run brought: its files, its prompts, the messages of its commits
  --dry-run     say which commits, branches and paths it would touch, and change nothing
  --map FILE    write "old new" for every commit that got another id

A line of text stands in the place of each file, so paths, modes and merges stay as they are. Every
commit that holds one of them, and every commit after it, gets another id: clones have to be made
anew. Clones, exports and backups that exist already still hold the content, so change the secret
too. Safe beside running gateways; their writers wait for a moment and go on.
`,
  async run(args, terminal) {
    const many = { type: 'string', multiple: true } as const;
    const { values, positionals } = readArguments(args, { blob: many, path: many, run: many, 'dry-run': { type: 'boolean' }, map: { type: 'string' } }, ['REPO']);
    const target = { blobs: (values.blob ?? []).map(blobId), paths: (values.path ?? []).map(trimmed), runs: values.run ?? [] };
    if (target.blobs.length + target.paths.length + target.runs.length === 0) throw new WrongUsage('Name what is to go: --blob, --path or --run.');
    const [name = ''] = positionals;
    return withApp(terminal, async (app) => {
      const repo = await app.storage.reader().repoByName(name);
      if (repo === null) {
        terminal.err(`There is no repository ${JSON.stringify(name)} here.`);
        return 1;
      }
      const { viewer, requestId } = operatorRequest(app);
      const order = { repo, target, dryRun: values['dry-run'] ?? false, strayMs: packGraceMs(app.config), actor: viewer.actor, keyId: viewer.key.id, keyName: viewer.key.name, requestId };
      try {
        const report = await app.storage.upkeep.purge(order);
        if (report === null) {
          terminal.err(`${repo.name}: another gateway is at its packs just now; nothing was done. Try again in a minute.`);
          return 1;
        }
        if (report.done !== null) app.storage.events.ring();
        if (values.map !== undefined) await writeFile(values.map, report.rewritten.map((pair) => `${pair.join(' ')}\n`).join(''));
        return await tell(app, repo, report, terminal);
      } catch (error) {
        const sentence = refusalOf(error);
        if (sentence === null) throw error;
        terminal.err(`${repo.name}: ${sentence}`);
        return 1;
      }
    });
  },
};

function blobId(text: string): string {
  const oid = text.toLowerCase();
  if (!/^[0-9a-f]{40}$/u.test(oid)) throw new WrongUsage(`${JSON.stringify(text)} is no id of 40 hexadecimal digits; "git rev-parse REV:PATH" prints one.`);
  return oid;
}

function trimmed(path: string): string {
  const clean = path.replace(/^\/+|\/+$/gu, '');
  if (clean === '') throw new WrongUsage('--path needs the path of a file or a directory.');
  return clean;
}

function refusalOf(error: unknown): string | null {
  if (error instanceof PurgeRefused) return error.message;
  if (error instanceof EpochMoved) return 'garbage was collected meanwhile; nothing was done. Try again.';
  if (error instanceof GitDataError) return `nothing was done, because it is damaged: ${error.message}. "weir doctor" says more.`;
  return null;
}

async function tell(app: App, repo: RepoRecord, report: PurgeReport, terminal: Terminal): Promise<number> {
  const { blobs, paths, touched, rewritten, branches, proposals, done } = report;
  const lines: readonly (readonly [string, readonly string[]])[] = [
    ['content', blobs],
    ['path', paths],
    ['commit', touched.map(([before, after]) => (done === null ? before : `${before} ${after}`))],
    ['branch', branches],
    ['proposal', proposals.map(String)],
    ['elsewhere', await elsewhere(app, repo, blobs)],
  ];
  for (const [word, each] of lines) for (const line of each) terminal.out(`${word}\t${line}`);
  const counts = `${blobs.length} contents in ${touched.length} commits; ${rewritten.length} commits and ${branches.length} branches`;
  if (done === null) {
    terminal.out(`${repo.name}: ${counts} would get other ids. Nothing was changed.`);
    return 0;
  }
  terminal.out(`${repo.name}: ${counts} got other ids, operation ${done.seq} of its log.`);
  return tellDisappearance(repo, await waitForFiles(app, repo, done.disappearance), terminal);
}

/** Repositories that hold the same content: forks, and others that were given it. They are histories of their own. */
async function elsewhere({ storage }: App, purged: RepoRecord, blobs: readonly string[]): Promise<string[]> {
  const repos = await everyRow((page) => storage.reader().repos({ nameGlobs: ['**'], nameContains: null, archived: null, orderBy: 'NAME', descending: false }, page));
  const found: string[] = [];
  for (const { id, name } of repos) {
    if (id === purged.id) continue;
    for (const oid of blobs) if (await storage.objects.open(id).has(oid)) found.push(`${name} ${oid}`);
  }
  return found;
}

/** Seconds between looks while an export or a clone holds the files, or a writer may. */
const WAITS = [1, 2, 4, 8];

async function waitForFiles(app: App, repo: RepoRecord, first: Disappearance): Promise<Disappearance> {
  let now = first;
  for (const seconds of WAITS) {
    if (now.gone) return now;
    await sleep(seconds * 1000);
    now = (await app.storage.upkeep.finishPurges(repo.id, packGraceMs(app.config))) ?? now;
  }
  return now;
}

function tellDisappearance(repo: RepoRecord, { gone, held, young }: Disappearance, terminal: Terminal): number {
  if (gone) {
    terminal.out(`${repo.name}: no file of it holds them any more.`);
    return 0;
  }
  terminal.err(`${repo.name}: nothing leads to them any more, but files do hold them: ${held} are read by an export or a clone, ${young} may be about to be used. A running gateway removes them within minutes; so does "weir gc ${repo.name}".`);
  return 1;
}
