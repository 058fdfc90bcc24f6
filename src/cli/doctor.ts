import { readArguments } from './arguments.js';
import type { Command } from './command.js';
import { withApp } from './with-app.js';

/** `weir doctor`. */
export const doctorCommand: Command = {
  help: `Usage: weir doctor [--repair]

Verifies everything: each object of each repository reads back and hashes to its id and names
nothing that is missing, each branch, tag, checkpoint and proposal points at a whole commit, and
the log is gapless and chained, and what is counted for quotas is what there is. Reads only; with
--repair it sets such counts right. Prints a line for each thing that is wrong and exits with 1 if
there is any.
`,
  async run(args, terminal) {
    const { values } = readArguments(args, { repair: { type: 'boolean' } }, []);
    return withApp(terminal, async (app) => {
      const { repos, objects, references, operations, findings } = await app.examine(({ repo, message }) => terminal.out(`${repo ?? 'server'}: ${message}`), values.repair === true);
      terminal.out(`${repos} repositories, ${objects} objects, ${references} references, ${operations} operations examined; ${findings} ${findings === 1 ? 'thing is' : 'things are'} wrong.`);
      return findings === 0 ? 0 : 1;
    });
  },
};
