import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { generateRepository, type GeneratedShape } from './generate.js';
import { runGit } from './native-git.js';

/** Raised whenever the same shape gives other objects, so that no cache answers with those of an older generator. */
const GENERATOR = 1;

/** Where a repository of a shape is kept; made where it is not there yet, whole or not at all. */
export async function cachedRepository(cache: string, shape: GeneratedShape): Promise<string> {
  const kept = join(cache, `generated-${GENERATOR}-${shape.files}-${shape.commits}.git`);
  if (existsSync(kept)) return kept;
  mkdirSync(cache, { recursive: true });
  const making = mkdtempSync(join(cache, 'making-'));
  try {
    const bare = join(making, 'bare.git');
    await generateRepository(bare, shape);
    renameSync(bare, kept);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
  return kept;
}

/** Makes a repository at `bare`: anew, or from the cache, whose copy is never written to. */
export async function placeGenerated(bare: string, cache: string | null, shape: GeneratedShape): Promise<void> {
  if (cache === null) await generateRepository(bare, shape);
  // Hard links where both are on one file system: a repository of 500,000 files is there at once.
  else runGit('.', ['clone', '-q', '--bare', '--local', await cachedRepository(cache, shape), bare]);
}
