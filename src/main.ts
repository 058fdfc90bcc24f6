#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { runCommandLine, type Commands } from './cli/run.js';
import { runInProduction } from './config.js';

runInProduction();

const COMMANDS: Commands = new Map([
  ['serve', {
    summary: 'serve the gateway until told to stop',
    load: async () => (await import('./cli/serve.js')).serveCommand((await import('./cli/open-served.js')).openServed),
  }],
  ['import', { summary: 'take over a repository or a bundle', load: async () => (await import('./cli/import.js')).importCommand }],
  ['export', { summary: 'write a repository as a bare git repository', load: async () => (await import('./cli/export.js')).exportCommand }],
  ['backup', { summary: 'take a backup beside a running gateway, or check those there are', load: async () => (await import('./cli/backup.js')).backupCommand }],
  ['restore', { summary: 'bring a backup back into an empty data directory', load: async () => (await import('./cli/restore.js')).restoreCommand }],
  ['key', { summary: 'create, list and revoke keys', load: async () => (await import('./cli/key.js')).keyCommand }],
  ['gc', { summary: 'keep packs few and remove what nothing leads to', load: async () => (await import('./cli/gc.js')).gcCommand }],
  ['purge', { summary: 'remove a content, a path or a run from history for good', load: async () => (await import('./cli/purge.js')).purgeCommand }],
  ['doctor', { summary: 'verify objects, references and the log', load: async () => (await import('./cli/doctor.js')).doctorCommand }],
]);

/** The version in package.json: one level up from the sources, two from what was compiled. */
function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      const found: unknown = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
      if (typeof found === 'object' && found !== null && 'version' in found) return String(found.version);
    } catch {
      // Look one level higher.
    }
  }
  return 'unknown';
}

// exit, not exitCode: a forgotten timer must not keep a drained gateway alive. Both streams are written synchronously to files and
// terminals, and on Linux to pipes.
process.exit(await runCommandLine(process.argv.slice(2), COMMANDS, version(), {
  out: (line) => process.stdout.write(`${line}\n`),
  err: (line) => process.stderr.write(`${line}\n`),
}));
