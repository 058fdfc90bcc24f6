import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import type { FileDigest } from './hashed-files.js';

/** A file of one backup, by its path beneath the backup's own directory. */
export interface BackupFile extends FileDigest {
  readonly path: string;
}

/** The rows of one table: what `COPY … TO STDOUT` says of these columns, in its text format, through gzip. */
export interface BackupTable {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: number;
  readonly file: BackupFile;
}

/** The first row of a stream of the log, which no other server has: it tells whose backups a directory holds. */
export interface LogBeginning {
  readonly stream: number;
  readonly hash: string;
}

/** Everything that one backup is made of. It is written last; what has none is no backup. */
export interface Manifest {
  /** Changes when an older release could not read the backup. */
  readonly format: 1;
  readonly name: string;
  /** Times as ISO 8601, in UTC. `startedAt` is the instant of the database's snapshot: what was acknowledged before is in the backup. */
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly server: LogBeginning | null;
  /** The migrations that the database had, oldest first, by the time and the hash that identify them. */
  readonly migrations: readonly { readonly when: number; readonly hash: string }[];
  readonly tables: readonly BackupTable[];
  /** Sequences that have given out a number, each with the last one. */
  readonly sequences: readonly { readonly name: string; readonly value: number }[];
  /** The list of packs; see {@link import('./pack-list.js').BackupPack}. */
  readonly packs: { readonly file: BackupFile; readonly count: number; readonly bytes: number };
  /** Files of the data directory itself, by the same names. */
  readonly files: readonly BackupFile[];
  /** What was found damaged in the store, a sentence each; it is in the backup as it was found, or absent. */
  readonly damaged: readonly string[];
}

/** The file that makes a directory a backup. */
export const MANIFEST = 'manifest.json';

/** The manifest as the text of its file: with a digest of itself, so that a damaged one is known for it. */
export function encodeManifest(manifest: Manifest): string {
  return `${JSON.stringify({ sha256: digestOf(manifest), manifest }, null, 1)}\n`;
}

/** Reads the manifest of the backup in `directory`. @throws StartRefused when it is damaged or of another format. */
export async function readManifest(directory: string): Promise<Manifest> {
  const path = join(directory, MANIFEST);
  const parsed = parse(await readText(path));
  if (!isRecord(parsed) || !isRecord(parsed['manifest'])) throw new StartRefused(`${path} is damaged: it is no manifest. Name another backup with --at.`);
  const { sha256, manifest } = parsed;
  if (digestOf(manifest) !== sha256) throw new StartRefused(`${path} is damaged: it does not have its own digest. Name another backup with --at.`);
  if (!isManifest(manifest)) throw new StartRefused(`${path} was written by a newer release of Weir. Use that release.`);
  return manifest;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw new StartRefused(`${path} cannot be read (${errorCode(error) ?? String(error)}). Name another backup with --at.`, { cause: error });
  }
}

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isListOf<T>(value: unknown, isOne: (one: unknown) => one is T): value is readonly T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isFile(value: unknown): value is BackupFile {
  return isRecord(value) && isText(value['path']) && isText(value['sha256']) && typeof value['bytes'] === 'number';
}

function isTable(value: unknown): value is BackupTable {
  return isRecord(value) && isText(value['name']) && isListOf(value['columns'], isText) && typeof value['rows'] === 'number' && isFile(value['file']);
}

function isSequence(value: unknown): value is Manifest['sequences'][number] {
  return isRecord(value) && isText(value['name']) && typeof value['value'] === 'number';
}

function isMigration(value: unknown): value is Manifest['migrations'][number] {
  return isRecord(value) && isText(value['hash']) && typeof value['when'] === 'number';
}

function isPackList(value: unknown): value is Manifest['packs'] {
  return isRecord(value) && isFile(value['file']) && typeof value['count'] === 'number' && typeof value['bytes'] === 'number';
}

/** Whether this is the beginning of some server's log, as a marker or a manifest has it. */
export function isLogBeginning(value: unknown): value is LogBeginning {
  return isRecord(value) && typeof value['stream'] === 'number' && isText(value['hash']);
}

function isManifest(value: unknown): value is Manifest {
  return isRecord(value) && value['format'] === 1 && isText(value['name']) && isText(value['startedAt']) && isText(value['finishedAt'])
    && (value['server'] === null || isLogBeginning(value['server'])) && isListOf(value['migrations'], isMigration) && isListOf(value['tables'], isTable)
    && isListOf(value['sequences'], isSequence) && isPackList(value['packs']) && isListOf(value['files'], isFile) && isListOf(value['damaged'], isText);
}
