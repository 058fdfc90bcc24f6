import { resolve } from 'node:path';
import { ImportRefused } from '../domain/ports/import-source.js';
import { importRepo } from '../operations/import/import-repo.js';
import { StartRefused } from '../shared/start-refused.js';
import { readArguments } from './arguments.js';
import { WrongUsage, type Command } from './command.js';
import { operatorRequest, withApp } from './with-app.js';

/** `weir import`. */
export const importCommand: Command = {
  help: `Usage: weir import PATH --name REPO [--description TEXT]

Takes over a repository on this machine: a bare one, a working one, or a bundle (a file made by
"git bundle create"). All branches and tags come along; the branch that its HEAD names becomes
the default branch. Packs are taken as they are, by hard link where that is possible.
`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { name: { type: 'string' }, description: { type: 'string' } }, ['PATH']);
    const [path = ''] = positionals;
    const { name, description } = values;
    if (name === undefined) throw new WrongUsage('--name REPO is missing.');
    return withApp(terminal, async (app) => {
      try {
        const source = await app.openImport(resolve(path));
        const outcome = await importRepo(operatorRequest(app), { name, description: description ?? null, source });
        if (!outcome.ok) {
          terminal.err(`${outcome.problem.message} ${outcome.problem.hint ?? ''}`.trim());
          return 1;
        }
        const { branches, tags } = source;
        terminal.out(`Imported ${name}: ${branches.length} ${branches.length === 1 ? 'branch' : 'branches'}, ${tags.length} ${tags.length === 1 ? 'tag' : 'tags'}.`);
        return 0;
      } catch (error) {
        if (error instanceof ImportRefused) throw new StartRefused(error.message, { cause: error });
        throw error;
      }
    });
  },
};
