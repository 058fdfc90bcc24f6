import { resolve } from 'node:path';
import { restoreBackup } from '../app.js';
import { loadConfig } from '../config.js';
import { readArguments } from './arguments.js';
import type { Command } from './command.js';

/** `weir restore`. */
export const restoreCommand: Command = {
  help: `Usage: weir restore DIR [--at NAME]

Restores the newest backup of DIR, or the one that is called NAME, into the data directory of
WEIR_DATA and a private database in it, or the database of DATABASE_URL: both must be empty. Any
release restores backups of its own and of older ones. Every file is verified before anything
relies on it; one that is damaged is named, and then nothing is restored.
`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { at: { type: 'string' } }, ['DIR']);
    const config = loadConfig();
    const { manifest, repos, operations, broken } = await restoreBackup(config, resolve(positionals[0] ?? ''), values.at);
    for (const sentence of [...manifest.damaged, ...broken]) terminal.err(sentence);
    terminal.out(`Restored ${manifest.name} into ${config.dataDir}, as of ${manifest.startedAt}: ${repos} repositories, ${operations} operations whose hash chains hold, ${manifest.packs.count} packs.`);
    terminal.out('Next: verify every object with "weir doctor", then start it with "weir serve".');
    if (manifest.files.length === 0) terminal.out('The secrets of webhooks are sealed with WEIR_WEBHOOK_KEY: give it the value that it had.');
    terminal.out('Webhooks go on where the backup stood: do not start this beside the gateway that it was taken from.');
    terminal.out('Subscribers and clients that saw later work begin anew: cursors from after the backup mean other events now.');
    return broken.length === 0 && manifest.damaged.length === 0 ? 0 : 1;
  },
};
