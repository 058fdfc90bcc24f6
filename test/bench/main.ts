import { runInProduction } from '../../src/config.js';

runInProduction();
const { runBench } = await import('./run.js');

process.exitCode = await runBench(process.argv.slice(2), { out: (text) => process.stdout.write(text), progress: (text) => process.stderr.write(text) });
