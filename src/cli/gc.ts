import { packGraceMs, type App } from '../app.js';
import { everyRow } from '../domain/every-row.js';
import type { RepoRecord } from '../domain/repo.js';
import { GitDataError } from '../git/objects/errors.js';
import { readArguments } from './arguments.js';
import { WrongUsage, type Command, type Terminal } from './command.js';
import { withApp } from './with-app.js';

/** `weir gc`. */
export const gcCommand: Command = {
  help: `Usage: weir gc [REPO]

Rolls small packs up into large ones and removes objects that nothing leads to, of one repository
or of all. Branches (deleted ones too, for as long as their repository keeps them), tags,
checkpoints, proposals and uploads of the last 24 hours keep what they lead to. Safe beside running gateways: who is writing writes again what was
collected under it. Replaced files go once no request can have them open any more, by the
next "weir gc" or by a running gateway.
`,
  async run(args, terminal) {
    if (args.length > 1) throw new WrongUsage(`${JSON.stringify(args[1])} is one argument too many.`);
    readArguments(args, {}, args.length === 0 ? [] : ['REPO']);
    return withApp(terminal, async (app) => {
      const repos = await reposNamed(app, args[0]);
      if (repos.length === 0 && args[0] !== undefined) {
        terminal.err(`There is no repository ${JSON.stringify(args[0])} here.`);
        return 1;
      }
      let failures = 0;
      for (const repo of repos) if (!(await collectOne(app, repo, terminal))) failures++;
      return failures === 0 ? 0 : 1;
    });
  },
};

async function reposNamed(app: App, name: string | undefined): Promise<readonly RepoRecord[]> {
  const reader = app.storage.reader();
  if (name !== undefined) {
    const repo = await reader.repoByName(name);
    return repo === null ? [] : [repo];
  }
  return everyRow((page) => reader.repos({ nameGlobs: ['**'], nameContains: null, archived: null, orderBy: 'NAME', descending: false }, page));
}

/** True when it was done; a damaged repository is told of and left as it is, and the others go on. */
async function collectOne({ storage, config }: App, repo: RepoRecord, terminal: Terminal): Promise<boolean> {
  const { upkeep } = storage;
  try {
    const rolledUp = await upkeep.consolidate(repo.id, { minimumPacks: 2, maxPackBytes: Number.MAX_SAFE_INTEGER });
    const collection = rolledUp === null ? null : await upkeep.collect(repo.id);
    if (rolledUp === null || collection === null) {
      terminal.err(`${repo.name}: another gateway is at its packs just now; nothing was done.`);
      return false;
    }
    const purged = await upkeep.finishPurges(repo.id, packGraceMs(config));
    if (purged?.gone === false) terminal.err(`${repo.name}: what was purged is still in ${purged.held + purged.young} files that are in use.`);
    const removed = await upkeep.removeReplaced(repo.id, packGraceMs(config));
    const strays = await upkeep.removeStrays(repo.id);
    for (const [name, fault] of rolledUp.unfit) terminal.err(`${repo.name}: ${name} is damaged and stays as it is: ${String(fault)}`);
    terminal.out(`${repo.name}: ${rolledUp.replaced} packs rolled up, ${collection.collected} objects collected, ${removed} replaced packs and ${strays} stray files removed.`);
    return rolledUp.unfit.size === 0;
  } catch (error) {
    if (!(error instanceof GitDataError)) throw error;
    terminal.err(`${repo.name}: nothing was collected, because it is damaged: ${error.message}. "weir doctor" says more.`);
    return false;
  }
}
