import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitObject } from '../../../src/git/objects/object-source.js';
import { openPackDirectory, type PackDirectory, type PackDirectoryOptions } from '../../../src/storage/packs/pack-directory.js';

/** A store over a directory of its own, with the list of live packs held in an array as the rows would hold it. */
export interface StoreFixture {
  readonly root: string;
  readonly directory: string;
  readonly live: string[];
  /** How often the list was asked for. */
  asked: number;
  open(options?: Partial<PackDirectoryOptions>): PackDirectory;
  /** Stages and persists blobs, commits their row, adopts: what a verb does. Answers the ids. */
  write(store: PackDirectory, ...texts: readonly (string | Buffer)[]): Promise<string[]>;
  remove(): void;
}

/** Makes a store fixture; the caller removes it. */
export function makeStore(): StoreFixture {
  const root = mkdtempSync(join(tmpdir(), 'weir-packs-'));
  const directory = join(root, 'repos', '7');
  const live: string[] = [];
  const fixture: StoreFixture = {
    root,
    directory,
    live,
    asked: 0,
    open: (options = {}) =>
      openPackDirectory({
        directory,
        livePacks: async () => {
          fixture.asked++;
          return [...live];
        },
        ...options,
      }),
    write: async (store, ...texts) => {
      const staged = store.stage();
      const oids = texts.map((text) => staged.put('blob', Buffer.from(text)));
      const pack = await store.persist(staged);
      if (pack !== null) {
        live.push(pack.name);
        store.adopt(pack);
      }
      return oids;
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
  return fixture;
}

/** An object's content as text. */
export function textOf(object: GitObject): string {
  return object.content.toString('utf8');
}

/** The names in a directory, sorted. */
export function namesIn(directory: string): string[] {
  return readdirSync(directory).sort();
}
