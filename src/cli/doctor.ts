import { readArguments } from './arguments.js';
import type { Command } from './command.js';
import { withApp } from './with-app.js';

/** `weir doctor`. */
export const doctorCommand: Command = {
  help: `Usage: weir doctor [--repair]

Verifies everything: each object of each repository reads back and hashes to its id and names
nothing that is missing, each branch, tag, checkpoint and proposal points at a whole commit, the
log is gapless and chained, each event has its place in the order that subscribers read, packs are
what their rows say, what is counted for quotas and cached of commits is what there is, and no
lease and no file is left over from a day ago. Reads only; with --repair it sets right what loses
nothing: counts, events without a place, cached trailers, leases and left-over files. Prints a
line for each thing that is wrong and exits with 1 if there is any.
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
