// Compiles what changed of the project into dist/ and places beside it what is read at run time: migrations and the printed schema.
import { spawnSync } from 'node:child_process';
import { build } from 'vite';
import { cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';

const compiled = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.json', '--incremental', '--tsBuildInfoFile', 'dist/.tsbuildinfo'], { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// The client's types go along with it: whoever imports it compiles against them.
const declared = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'test/config/client.tsconfig.json'], { stdio: 'inherit' });
if (declared.status !== 0) process.exit(declared.status ?? 1);
const checked = spawnSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'src/review/tsconfig.json'], { stdio: 'inherit' });
if (checked.status !== 0) process.exit(checked.status ?? 1);
await build({ configFile: 'test/config/vite.config.mjs' });
await build({ configFile: 'test/config/vite.colours.config.mjs' });
rmSync('dist/drizzle/migrations', { recursive: true, force: true });
mkdirSync('dist/drizzle', { recursive: true });
if (existsSync('drizzle/migrations')) cpSync('drizzle/migrations', 'dist/drizzle/migrations', { recursive: true });
