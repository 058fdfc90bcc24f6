import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { GitFailed, PackRefused, type GitOutput, type PackReceipt, type Quarantine } from '../../domain/ports/native-git.js';
import type { StoredPack } from '../../domain/ports/repo-objects.js';
import type { ObjectSource, Oid } from '../../git/objects/object-source.js';
import { PackIndex } from '../../git/pack/pack-index.js';
import { openPackDirectory, type PackDirectory } from '../packs/pack-directory.js';
import { packPaths } from '../packs/take-pack.js';

/** Where a push waits: a directory of its own with the repository's live packs in it, and what runs and ends there. */
export interface QuarantinePlace {
  readonly directory: string;
  /** Names of the live packs. */
  readonly names: readonly string[];
  /** The repository's own store, into which the pack passes. */
  readonly store: Pick<PackDirectory, 'adoptFiles'>;
  /** The most memory of its own that the check of a pack may take, in bytes. */
  readonly checkBytes: number;
  /** Runs git there; with at most so many bytes of memory where that is given. */
  run(args: readonly string[], input: Buffer | AsyncIterable<Uint8Array>, memoryBytes?: number): GitOutput;
  /** Gives everything back. Must not reject. */
  release(): Promise<void>;
}

/** What git says when an allocation fails, as its limit of memory makes it. */
const OUT_OF_MEMORY = /out of memory|memory exhausted|cannot allocate memory/iu;
/** Longer than any sentence of git about an object. */
const SENTENCE_LENGTH = 300;

/** Has git index and check the pack of a push in its place. Rejects with PackRefused, and as a run does; nothing stays then. */
export async function receivePack(place: QuarantinePlace, receipt: PackReceipt): Promise<Quarantine> {
  try {
    const first = await firstOf(receipt.pack);
    const name = first === null ? null : await indexed(place, receipt, first);
    const index = name === null ? null : await PackIndex.open(await readFile(packPaths(join(place.directory, 'objects', 'pack'), name).idx));
    return new ReceivedPack(place, name, index);
  } catch (error) {
    await place.release();
    throw error;
  }
}

/** All pieces of the pack, the first of which has come; null where none comes. */
async function firstOf(pack: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array> | null> {
  const pieces = pack[Symbol.asyncIterator]();
  let first = await pieces.next();
  while (first.done !== true && first.value.length === 0) first = await pieces.next();
  if (first.done === true) return null;
  const { value } = first;
  return (async function* all() {
    yield value;
    for (let next = await pieces.next(); next.done !== true; next = await pieces.next()) yield next.value;
  })();
}

/** The name of the pack once it is checked. `index-pack --strict` checks objects as fsck does, and the links between them. */
async function indexed(place: QuarantinePlace, { maxBytes, thin, allowed }: PackReceipt, pack: AsyncIterable<Uint8Array>): Promise<string> {
  const strict = allowed.length === 0 ? '--strict' : `--strict=${allowed.map((fault) => `${fault}=ignore`).join(',')}`;
  const run = place.run(['index-pack', '--stdin', ...(thin ? ['--fix-thin'] : []), strict, `--max-input-size=${maxBytes}`], pack, place.checkBytes);
  try {
    const printed: Buffer[] = [];
    for (let piece = await run.next(); piece !== null; piece = await run.next()) printed.push(piece);
    const [, checksum] = /^(?:pack|keep)\t([0-9a-f]{40})/u.exec(Buffer.concat(printed).toString('latin1')) ?? [];
    if (checksum === undefined) throw new GitFailed('EXIT', 'it indexed a pack and did not say which');
    return `pack-${checksum}`;
  } catch (error) {
    if (error instanceof GitFailed && error.why === 'EXIT') throw new PackRefused(OUT_OF_MEMORY.test(error.detail) ? tooDeep(place.checkBytes) : sentenceOf(error.detail), { cause: error });
    throw error;
  }
}

/** A pack of some kilobytes may make a gibibyte of each of its deltas. */
function tooDeep(bytes: number): string {
  return `to check it takes more memory than the ${bytes} bytes that a push may have (WEIR_PUSH_MEMORY): an object in it is too large, or is made of others that are`;
}

/** What git says of a pack that it does not take, without its own prefixes; what it says of objects comes before what follows from that. */
function sentenceOf(words: string): string {
  const lines = words.split('\n');
  const said = lines.find((line) => line.includes('error: ')) ?? lines.findLast((line) => line.includes('fatal: ')) ?? words;
  return said.replace(/^.*?(?:error|fatal): /u, '').slice(0, SENTENCE_LENGTH);
}

class ReceivedPack implements Quarantine {
  readonly objects: ObjectSource;
  readonly count: number;
  readonly #place: QuarantinePlace;
  readonly #name: string | null;
  readonly #index: PackIndex | null;
  readonly #reading: PackDirectory;
  #taken: Promise<StoredPack> | null = null;

  constructor(place: QuarantinePlace, name: string | null, index: PackIndex | null) {
    this.#place = place;
    this.#name = name;
    this.#index = index;
    this.count = index?.count ?? 0;
    const names = [...place.names, ...(name === null ? [] : [name])];
    this.#reading = openPackDirectory({ directory: join(place.directory, 'objects', 'pack'), livePacks: async () => names });
    this.objects = this.#reading;
  }

  brought(oid: Oid): boolean {
    return this.#index !== null && this.#index.offsetOf(oid) >= 0;
  }

  async walk(tips: readonly Oid[], visit: (oid: Oid, isCommit: boolean) => void): Promise<boolean> {
    const run = this.#place.run(['rev-list', '--objects', '--stdin', '--not', '--all'], Buffer.from(tips.map((oid) => `${oid}\n`).join('')));
    let rest = '';
    try {
      for (let piece = await run.next(); piece !== null; piece = await run.next()) {
        const lines = (rest + piece.toString('latin1')).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) visit(line.slice(0, 40), line.length === 40);
      }
      return true;
    } catch (error) {
      if (error instanceof GitFailed && error.why === 'EXIT') return false;
      throw error;
    }
  }

  async take(): Promise<StoredPack | null> {
    if (this.#name === null) return null;
    const { pack, idx } = packPaths(join(this.#place.directory, 'objects', 'pack'), this.#name);
    this.#taken ??= this.#place.store.adoptFiles(pack, idx);
    return this.#taken;
  }

  async close(): Promise<void> {
    this.#reading.close();
    await this.#place.release();
  }
}
