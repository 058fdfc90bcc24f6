import { readFileSync } from 'node:fs';

/** The version of this installation, as its package.json states it. Read once; `unknown` where there is none to read. */
export const VERSION: string = findVersion();

/** package.json lies two folders above the sources and three above what is compiled. */
function findVersion(): string {
  for (const place of ['../../package.json', '../../../package.json']) {
    try {
      const manifest: unknown = JSON.parse(readFileSync(new URL(place, import.meta.url), 'utf8'));
      if (typeof manifest === 'object' && manifest !== null && 'version' in manifest && typeof manifest.version === 'string') return manifest.version;
    } catch {
      // Not here: look one folder further up.
    }
  }
  return 'unknown';
}
