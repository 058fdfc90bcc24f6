import { parseArgs } from 'node:util';
import { recordRelease } from './record.js';
import { rollOver } from './rolling.js';

const USAGE = `Usage: npm run upgrade -- rolling --from REVISION      replaces two gateways of that release by two of this one, under load
       npm run upgrade -- record --name NUMBER [--from REVISION]   keeps what a release leaves, for the suite; NUMBER is that of its newest migration`;

const { values, positionals } = parseArgs({ allowPositionals: true, options: { from: { type: 'string' }, name: { type: 'string' } } });
const { from = 'HEAD', name } = values;
if (positionals[0] === 'record' && name !== undefined) {
  process.stdout.write(`${name}: ${await recordRelease(from, name)} bytes, recorded with ${from}\n`);
} else if (positionals[0] === 'rolling') {
  const { acknowledged, retried, longestMs, events, faults } = await rollOver(from);
  for (const fault of faults) process.stderr.write(`${fault}\n`);
  process.stdout.write(`From ${from}: ${acknowledged} writes acknowledged, ${events} events, ${retried} tries made again, the longest write ${longestMs} ms, ${faults.length} faults.\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} else {
  process.stderr.write(`${USAGE}\n`);
  process.exitCode = 2;
}
