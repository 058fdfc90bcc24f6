import { everyOf, type Calls, type InputOf, type Page } from './calls.js';
import type { CallOptions } from './connection.js';
import {
  CheckpointPage,
  CreateCheckpoint,
  Redo,
  Restore,
  RevertRun,
  Undo,
  type CheckpointPartsFragment,
  type CreateCheckpointInput,
  type CreateCheckpointMutation,
  type ProblemCode,
  type RedoInput,
  type RedoMutation,
  type RestoreInput,
  type RestoreMutation,
  type RevertRunInput,
  type RevertRunMutation,
  type UndoInput,
  type UndoMutation,
} from './documents.js';

type Success<Result> = Exclude<Result, { readonly code: ProblemCode }>;

/** The timelines of the branches of one repository. With `dryRun: true` a move answers the diff that it would make, and writes nothing. */
export class Checkpoints {
  readonly #calls: Calls;
  readonly #repo: string;

  constructor(calls: Calls, repo: string) {
    this.#calls = calls;
    this.#repo = repo;
  }

  /** Moves a branch forward by one commit. All changes apply, or none. */
  async create(input: InputOf<CreateCheckpointInput>, options?: CallOptions): Promise<Success<CreateCheckpointMutation['result']>> {
    return this.#calls.mutate(CreateCheckpoint, { repo: this.#repo, ...input }, options);
  }

  /** The timeline of a branch, by number, what was undone or abandoned included. */
  list(branch: string, options?: CallOptions): AsyncGenerator<CheckpointPartsFragment, void, undefined> {
    const page = async (after: string | null): Promise<Page<CheckpointPartsFragment> | undefined> =>
      (await this.#calls.data(CheckpointPage, { repo: this.#repo, branch, first: 100, after }, options)).repo?.branch?.checkpoints;
    return everyOf(page, `the branch ${branch}`);
  }

  /** Takes the last checkpoints back. */
  async undo(input: InputOf<UndoInput>, options?: CallOptions): Promise<Success<UndoMutation['result']>> {
    return this.#calls.mutate(Undo, { repo: this.#repo, ...input }, options);
  }

  /** Brings undone checkpoints again. */
  async redo(input: InputOf<RedoInput>, options?: CallOptions): Promise<Success<RedoMutation['result']>> {
    return this.#calls.mutate(Redo, { repo: this.#repo, ...input }, options);
  }

  /** Makes a new checkpoint with the content of an earlier one, whole or at some paths. */
  async restore(input: InputOf<RestoreInput>, options?: CallOptions): Promise<Success<RestoreMutation['result']>> {
    return this.#calls.mutate(Restore, { repo: this.#repo, ...input }, options);
  }

  /** Takes the changes of a run out; later work stays. */
  async revertRun(input: InputOf<RevertRunInput>, options?: CallOptions): Promise<Success<RevertRunMutation['result']>> {
    return this.#calls.mutate(RevertRun, { repo: this.#repo, ...input }, options);
  }
}
