import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const DISK_BYTES = 64 << 20;

/** Where the packs of all repositories lie. */
export const objectsOf = (dataDir: string): string => join(dataDir, 'objects');

/** Puts the objects on a small disk of their own. */
export function mountDisk(dataDir: string): void {
  mkdirSync(objectsOf(dataDir), { recursive: true });
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${DISK_BYTES}`, 'weir-fault', objectsOf(dataDir)]);
}

/** Takes a disk away that {@link mountDisk} has made, where it has. */
export function unmountDisks(dataDir: string): void {
  if (readFileSync('/proc/mounts', 'utf8').includes(` ${objectsOf(dataDir)} `)) execFileSync('umount', ['--lazy', objectsOf(dataDir)]);
}
