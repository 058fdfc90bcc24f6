import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { copyDatabase, TABLE_DIRECTORY, type DatabasePart } from '../../src/storage/backup/copy-tables.js';
import { loadDatabase } from '../../src/storage/backup/load-database.js';
import type { Database } from '../../src/storage/postgres/connect.js';
import type { Json } from '../support/gateway.js';
import type { Secrets } from './story.js';

/** Where recordings lie: one a schema, named by the number of its newest migration. */
const RECORDED = join(import.meta.dirname.replace(/([/\\])dist[/\\]test/u, '$1test'), 'recorded');

/** What a release left after the story, with what it said about it itself. */
export interface Recording {
  readonly database: DatabasePart;
  /** The rows of each table, as `COPY` writes them. */
  readonly rows: Readonly<Record<string, string>>;
  /** The files of the data directory but those of Postgres, base64, by their paths. */
  readonly files: Readonly<Record<string, string>>;
  readonly secrets: Secrets;
  readonly facts: Json;
  /** Where the stream of events stood at the end. */
  readonly cursor: string;
}

/** What the story leaves beside the data. */
type Told = Pick<Recording, 'secrets' | 'facts' | 'cursor'>;

/** The names of all recordings, oldest schema first. */
export function recordings(): string[] {
  return readdirSync(RECORDED).filter((name) => name.endsWith('.json.gz')).map((name) => name.replace('.json.gz', '')).sort();
}

/** Reads a recording. */
export function readRecording(name: string): Recording {
  const parsed: Recording = JSON.parse(gunzipSync(readFileSync(join(RECORDED, `${name}.json.gz`))).toString());
  return parsed;
}

/** Keeps what lies in a database, as it stands, and in a data directory, as the recording `name`. Answers its size in bytes. */
export async function keepRecording(name: string, database: Pick<Database, 'sql'>, data: string, told: Told): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-recording-'));
  try {
    mkdirSync(join(directory, TABLE_DIRECTORY));
    const part = await copyDatabase(database.sql, directory);
    const rows = Object.fromEntries(part.tables.map(({ name: table, file }) => [table, gunzipSync(readFileSync(join(directory, file.path))).toString()]));
    const recording: Recording = { database: part, rows, files: filesOf(data), ...told };
    const bytes = gzipSync(JSON.stringify(recording), { level: 9 });
    mkdirSync(RECORDED, { recursive: true });
    writeFileSync(join(RECORDED, `${name}.json.gz`), bytes);
    return bytes.length;
  } finally {
    rmSync(directory, { recursive: true });
  }
}

function filesOf(data: string): Record<string, string> {
  const files = readdirSync(data, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name).slice(data.length + 1)).filter((path) => !path.startsWith('postgres'));
  return Object.fromEntries(paths.sort().map((path) => [path, readFileSync(join(data, path)).toString('base64')]));
}

/** Fills a data directory and an empty database with a recording, the database at the schema that it was recorded at, and then led on by what this release migrates, unless `load` leaves that to others. */
export async function layRecording({ database: part, rows, files }: Recording, database: Pick<Database, 'dedicated' | 'shown'>, data: string, load: typeof loadDatabase = loadDatabase): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(data, path)), { recursive: true });
    writeFileSync(join(data, path), Buffer.from(content, 'base64'));
  }
  const directory = mkdtempSync(join(tmpdir(), 'weir-recording-'));
  try {
    mkdirSync(join(directory, TABLE_DIRECTORY));
    for (const { name, file } of part.tables) writeFileSync(join(directory, file.path), gzipSync(rows[name] ?? '', { level: 1 }));
    await load(database, directory, part);
  } finally {
    rmSync(directory, { recursive: true });
  }
}
