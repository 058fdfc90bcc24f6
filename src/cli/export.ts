import { resolve } from 'node:path';
import { readArguments } from './arguments.js';
import type { Command } from './command.js';
import { withApp } from './with-app.js';

/** `weir export`. */
export const exportCommand: Command = {
  help: `Usage: weir export REPO PATH

Writes a repository as a bare git repository at PATH, which must not exist yet: every branch and
tag, and the head of every proposal as refs/proposals/NUMBER/head. Any git reads it.
`,
  async run(args, terminal) {
    const { positionals } = readArguments(args, {}, ['REPO', 'PATH']);
    const [name = '', path = ''] = positionals;
    return withApp(terminal, async (app) => {
      const repo = await app.storage.reader().repoByName(name);
      if (repo === null) {
        terminal.err(`There is no repository ${JSON.stringify(name)} here.`);
        return 1;
      }
      await app.exportRepo(repo, resolve(path));
      terminal.out(`Exported ${name} to ${resolve(path)}.`);
      return 0;
    });
  },
};
