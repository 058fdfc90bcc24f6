import { resolve } from 'node:path';
import { checkBackups } from '../app.js';
import { readArguments } from './arguments.js';
import { type Command, type Terminal, WrongUsage } from './command.js';
import { withApp } from './with-app.js';

/** Backups that stay unless told otherwise: a week of daily ones. */
const KEPT = 7;

/** `weir backup`. */
export const backupCommand: Command = {
  help: `Usage: weir backup DIR [--keep N]
       weir backup DIR --check

Takes a backup of everything into DIR, beside running gateways: the database as it is at one
instant, then every pack that it needs; a later backup into the same DIR copies only packs that
are new. Whatever was answered before the command began is in it. A backup that is interrupted
is none, and the next one clears it away. Keeps the newest N (${KEPT}) and removes older ones.
DIR holds keys' hashes, prompts and the key that seals the secrets of webhooks: guard it as you
guard the data directory, and copy it off this machine.

With --check it takes none, and reads every file of those in DIR instead. Exits with 1 when
something is damaged, in DIR or in what was backed up.
`,
  async run(args, terminal) {
    const { values, positionals } = readArguments(args, { keep: { type: 'string' }, check: { type: 'boolean' } }, ['DIR']);
    const directory = resolve(positionals[0] ?? '');
    if (values.check === true) {
      if (values.keep !== undefined) throw new WrongUsage('--check takes no backup, and so no --keep.');
      return check(directory, terminal);
    }
    const keep = values.keep === undefined ? KEPT : Number(values.keep);
    if (!Number.isInteger(keep) || keep < 1) throw new WrongUsage('--keep must be a whole number from 1.');
    return withApp(terminal, async (app) => {
      const { manifest, path, copied, removed } = await app.backUp(directory, keep);
      const rows = manifest.tables.reduce((sum, table) => sum + table.rows, 0);
      for (const sentence of manifest.damaged) terminal.err(`${sentence}. "weir doctor" says more.`);
      terminal.out(`Backed up to ${path}, as of ${manifest.startedAt}: ${rows} rows and ${manifest.packs.count} packs (${megabytes(manifest.packs.bytes)}), of which ${copied.packs} were new (${megabytes(copied.bytes)}).`);
      if (removed.backups > 0) terminal.out(`${removed.backups} older ${removed.backups === 1 ? 'backup was' : 'backups were'} removed.`);
      return manifest.damaged.length === 0 ? 0 : 1;
    });
  },
};

async function check(directory: string, terminal: Terminal): Promise<number> {
  let damaged = 0;
  for await (const { name, packs, faults } of checkBackups(directory)) {
    for (const fault of faults) terminal.err(fault);
    if (faults.length > 0) damaged++;
    terminal.out(`${name}: ${faults.length === 0 ? `whole, with ${packs} packs` : `${faults.length} ${faults.length === 1 ? 'thing is' : 'things are'} wrong`}.`);
  }
  return damaged === 0 ? 0 : 1;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
