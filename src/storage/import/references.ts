import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { ForeignRef } from '../../domain/ports/import-source.js';
import type { Oid } from '../../git/objects/object-source.js';
import { errorCode } from '../../shared/start-refused.js';
import { textOf, type GitDirectory } from './git-directory.js';

/** References by full name. */
export type References = ReadonlyMap<string, Oid>;

/** Symbolic references may point at one another; git follows five. */
const MAX_SYMBOLIC_DEPTH = 5;

/**
 * Every branch and tag of a repository: `packed-refs`, overlaid by the loose files (gitrepository-layout). Broken loose
 * references (git leaves empty files behind after a crash) are passed over, as `git for-each-ref` does with a warning.
 */
export async function readReferences({ common }: GitDirectory): Promise<References> {
  const references = new Map<string, Oid>();
  for (const line of ((await textOf(join(common, 'packed-refs'))) ?? '').split('\n')) {
    const [, oid, name] = /^([0-9a-f]{40}) (refs\/.+)$/u.exec(line) ?? [];
    if (oid !== undefined && name !== undefined) references.set(name, oid);
  }
  for (const namespace of ['refs/heads', 'refs/tags']) {
    for (const name of await filesBelow(common, namespace)) {
      const oid = await resolve(common, name, references, 0);
      if (oid !== null) references.set(name, oid);
    }
  }
  return references;
}

/** The branch that HEAD names, without `refs/heads/`; null when it is detached. */
export async function headBranch({ directory }: GitDirectory): Promise<string | null> {
  return /^ref: refs\/heads\/(.+?)\s*$/u.exec((await textOf(join(directory, 'HEAD'))) ?? '')?.[1] ?? null;
}

/** The references of one namespace (`refs/heads/`), by short name, in order. */
export function withPrefix(references: Iterable<readonly [name: string, oid: Oid]>, prefix: string): ForeignRef[] {
  const found: ForeignRef[] = [];
  for (const [name, oid] of references) if (name.startsWith(prefix)) found.push({ name: name.slice(prefix.length), oid });
  return found.sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function resolve(common: string, name: string, packed: References, depth: number): Promise<Oid | null> {
  const text = await textOf(join(common, name));
  if (text === null) return packed.get(name) ?? null;
  const target = /^ref: (refs\/.+?)\s*$/u.exec(text)?.[1];
  if (target !== undefined && !target.split('/').includes('..')) return depth < MAX_SYMBOLIC_DEPTH ? resolve(common, target, packed, depth + 1) : null;
  return /^([0-9a-f]{40})\s*$/u.exec(text)?.[1] ?? null;
}

async function filesBelow(root: string, relative: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for (const entry of await readdir(join(root, relative), { withFileTypes: true })) {
      const name = `${relative}/${entry.name}`;
      if (entry.isDirectory()) names.push(...(await filesBelow(root, name)));
      else if (entry.isFile() && !entry.name.endsWith('.lock')) names.push(name);
    }
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  return names;
}
