import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describeMachine } from '../bench/machine.js';
import { loadOptions, USAGE } from './options.js';
import { runLoad } from './run.js';
import { judge, loadTable } from './verdict.js';

const DIRECTORY = '.cache/load';
/** Beside this file as compiled: dist/test/load. */
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

const options = loadOptions(process.argv.slice(2));
if (options === null) {
  process.stdout.write(USAGE);
  process.exitCode = 2;
} else {
  const machine = describeMachine();
  process.stdout.write(`${machine.cpu}, ${machine.cores} cores, ${machine.memoryGb} GB · ${machine.system} · Node ${machine.node}; driver, gateways and Postgres share it\n`);
  const result = await runLoad(MAIN, options, (text) => process.stderr.write(text));
  mkdirSync(DIRECTORY, { recursive: true });
  const path = `${DIRECTORY}/${new Date().toISOString().replaceAll(/[-:]/gu, '')}-${options.gateways}.json`;
  writeFileSync(path, `${JSON.stringify({ machine, options, result, judged: judge(result) }, null, 2)}\n`);
  process.stdout.write(`${loadTable(result)}${path}\n`);
  process.exitCode = judge(result).every(({ kept }) => kept) ? 0 : 1;
}
