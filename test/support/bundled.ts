import { cpSync, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'vite';
import { compiledOnce } from './compiled.js';

/** Modules that scripts of tests import beside `main.js`, with all that they export. */
const ENTRIES = ['main', 'app', 'config', 'cli/open-served', 'cli/serve', 'operations/import/import-rounds', 'operations/mirror/mirror-rounds'];

/**
 * Lays the sources, bundled with what they depend on, into `directory`: each of {@link ENTRIES} in its place in `src`, and what they share. A
 * gateway of it starts with 0.3 s of processor time, one of 900 separate modules with 0.8 s. What is read at run time (migrations, the programs
 * of the database) is that of the compiled sources. The first time in a run takes a second or two, a copy milliseconds.
 */
export async function bundleSources(directory: string): Promise<void> {
  cpSync(await bundledOnce(), directory, { recursive: true });
}

async function bundledOnce(): Promise<string> {
  const compiled = compiledOnce();
  const bundled = `${compiled}-bundled`;
  if (existsSync(bundled)) return bundled;
  const own = mkdtempSync(`${bundled}-`);
  await bundleInto(own, compiled);
  try {
    renameSync(own, bundled);
  } catch (error) {
    // Another worker was first.
    rmSync(own, { recursive: true });
    if (!existsSync(bundled)) throw error;
  }
  return bundled;
}

async function bundleInto(directory: string, compiled: string): Promise<void> {
  const source = join(compiled, 'src');
  await build({
    configFile: false,
    root: compiled,
    logLevel: 'error',
    // Node takes the CommonJS files of graphql for every importer; a bundle would have it twice, and the two refuse each other.
    resolve: { alias: [{ find: /^graphql$/u, replacement: join(compiled, 'node_modules/graphql/index.mjs') }] },
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: directory,
      emptyOutDir: false,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: Object.fromEntries(ENTRIES.map((entry) => [entry, join(source, `${entry}.js`)])),
        preserveEntrySignatures: 'strict',
        output: { format: 'esm', entryFileNames: '[name].js', chunkFileNames: 'shared/[name]-[hash].js' },
      },
    },
    plugins: [{
      name: 'where-modules-were',
      // What a module finds beside itself still lies beside where it was.
      transform: (code, id) => (id.startsWith(source) && code.includes('import.meta.url') ? code.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)) : null),
    }],
  });
}
