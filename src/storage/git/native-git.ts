import { mkdir } from 'node:fs/promises';
import type { ArchiveRequest, GitOutput, MirrorPush, NativeGit, PackReceipt, PackRequest, Quarantine } from '../../domain/ports/native-git.js';
import { GitFailed } from '../../domain/ports/native-git.js';
import type { PostgresStorage } from '../index.js';
import { NO_GIT, versionFault } from './git-version.js';
import { startGuarded, type GuardedRun } from './guarded-process.js';
import { receivePack, type QuarantinePlace } from './quarantine.js';
import { pushRemote } from './remote-push.js';
import { Slots } from './slots.js';
import { makeSnapshotDirectory, removeSnapshotDirectory, sweepSnapshotDirectories } from './snapshot-directory.js';

/** What {@link openNativeGit} needs. */
export interface NativeGitOptions {
  readonly storage: Pick<PostgresStorage, 'holdPacks' | 'objects'>;
  /** The program: a name, or an absolute path. */
  readonly program: string;
  /** Where the directories of runs are made and removed. */
  readonly directory: string;
  /** Programs that may run at once. */
  readonly processes: number;
  /** The longest run. */
  readonly timeMs: number;
  /** The most memory of its own that the check of a pack that came in may take, in bytes. */
  readonly checkBytes: number;
  /** The longest time in which a run makes nothing, or nobody takes what it made; a minute unless given. */
  readonly stallMs?: number;
}

const STALL_MS = 60_000;
const VERSION_MS = 10_000;

/** Opens the git program of this machine, which is looked for at the first use. */
export function openNativeGit(options: NativeGitOptions): NativeGit {
  return new MachineGit(options);
}

interface SnapshotRun {
  readonly args: (directory: string) => readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly input: Buffer | null;
  readonly references: PackRequest['references'];
}

class MachineGit implements NativeGit {
  readonly #options: NativeGitOptions;
  readonly #slots: Slots;
  readonly #running = new Set<GitOutput>();
  #fault: Promise<string | null> | null = null;

  constructor(options: NativeGitOptions) {
    this.#options = options;
    this.#slots = new Slots(options.processes);
  }

  async fault(): Promise<string | null> {
    this.#fault ??= this.#lookForProgram();
    const fault = await this.#fault;
    // It may be installed while the gateway runs.
    if (fault !== null) this.#fault = null;
    return fault;
  }

  uploadPack(repoId: number, { version, input, references }: PackRequest, signal: AbortSignal): Promise<GitOutput> {
    return this.#runOn(repoId, {
      args: (directory) => ['upload-pack', '--stateless-rpc', '--strict', '--end-of-options', directory],
      environment: { GIT_PROTOCOL: `version=${version}` },
      input,
      references,
    }, signal);
  }

  archive(repoId: number, { commit, format, prefix }: ArchiveRequest, signal: AbortSignal): Promise<GitOutput> {
    return this.#runOn(repoId, {
      args: (directory) => [`--git-dir=${directory}`, 'archive', `--format=${format}`, `--prefix=${prefix}`, '--end-of-options', commit],
      input: null,
      references: new Map(),
    }, signal);
  }

  async receive(repoId: number, receipt: PackReceipt, signal: AbortSignal): Promise<Quarantine> {
    const { directory, names, release } = await this.#openPlace(repoId, receipt.references, signal);
    const { checkBytes, timeMs, storage } = this.#options;
    // Says nothing until it is done: half an hour of silence over a large pack is work. Whoever sends the pack sees to it that it comes.
    const run: QuarantinePlace['run'] = (args, input, memoryBytes) =>
      this.#start({ args: [`--git-dir=${directory}`, ...args], directory, input, signal, stallMs: timeMs, ...(memoryBytes === undefined ? {} : { memoryBytes }), release: async () => undefined });
    return receivePack({ directory, names, store: storage.objects.open(repoId), checkBytes, run, release }, receipt);
  }

  async pushMirror(repoId: number, { references, ...push }: MirrorPush, signal: AbortSignal): Promise<void> {
    const { directory, release } = await this.#openPlace(repoId, references, signal);
    try {
      await pushRemote({ ...push, isRefused: (address) => push.isRefused(address), directory, run: (run) => this.#start({ ...run, directory, input: null, signal, release: async () => undefined }) });
    } finally {
      await release();
    }
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((run) => run.close()));
  }

  /** Starts a run over the live packs of a repository. What it holds is given back when the program has ended. */
  async #runOn(repoId: number, { args, environment, input, references }: SnapshotRun, signal: AbortSignal): Promise<GitOutput> {
    const { directory, release } = await this.#openPlace(repoId, references, signal);
    return this.#start({ args: args(directory), directory, ...(environment === undefined ? {} : { environment }), input, signal, release });
  }

  #start(run: Omit<GuardedRun, 'program' | 'timeMs' | 'stallMs'> & { readonly timeMs?: number; readonly stallMs?: number }): GitOutput {
    const { program, timeMs, stallMs = STALL_MS } = this.#options;
    const output = startGuarded({ timeMs, stallMs, ...run, program });
    this.#running.add(output);
    void output.ended.then(() => this.#running.delete(output));
    return output;
  }

  /** A directory that reads the live packs of a repository. Slot, lease and directory are given back by `release`, in the reverse order. */
  async #openPlace(repoId: number, references: PackRequest['references'], signal: AbortSignal): Promise<{ readonly directory: string; readonly names: readonly string[]; readonly release: () => Promise<void> }> {
    const { storage, directory: parent } = this.#options;
    const held: (() => Promise<void> | void)[] = [];
    const release = async (): Promise<void> => {
      for (const one of held.splice(0).reverse()) await one();
    };
    try {
      held.push(await this.#slots.take(signal));
      const { packs, release: endLease } = await storage.holdPacks(repoId);
      held.push(endLease);
      const directory = await makeSnapshotDirectory(parent, packs, references);
      held.push(() => removeSnapshotDirectory(directory));
      return { directory, names: packs.names, release };
    } catch (error) {
      await release();
      throw error;
    }
  }

  async #lookForProgram(): Promise<string | null> {
    const { program, directory } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await sweepSnapshotDirectories(directory, Date.now());
    const signal = new AbortController().signal;
    const run = startGuarded({ program, args: ['--version'], directory, input: null, timeMs: VERSION_MS, stallMs: VERSION_MS, signal, release: async () => undefined });
    const printed: Buffer[] = [];
    try {
      for (let chunk = await run.next(); chunk !== null; chunk = await run.next()) printed.push(chunk);
    } catch (error) {
      if (error instanceof GitFailed) return NO_GIT;
      throw error;
    }
    return versionFault(Buffer.concat(printed).toString('utf8'));
  }
}
