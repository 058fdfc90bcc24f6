import { everyOf, type Calls, type InputOf, type Page } from './calls.js';
import type { CallOptions } from './connection.js';
import {
  BranchByName,
  BranchPage,
  CreateBranch,
  DeleteBranch,
  MergeBranch,
  RefreshBranch,
  RestoreBranch,
  type BranchFilter,
  type BranchPartsFragment,
  type CreateBranchInput,
  type DeleteBranchInput,
  type MergeBranchInput,
  type MergeBranchMutation,
  type ProblemCode,
  type RefreshBranchInput,
  type RefreshBranchMutation,
  type RestoreBranchInput,
} from './documents.js';
import { present } from './errors.js';

type Success<Result> = Exclude<Result, { readonly code: ProblemCode }>;

/** Which branch goes where. */
export type MergeInput = InputOf<Omit<MergeBranchInput, 'into'>> & {
  /** What is written: a branch, by exact name or node id. */
  readonly to: string;
};

/** Which branch: by `branch`, its exact name or node id. */
export type BranchInput<Input> = InputOf<Omit<Input, 'name'>> & { readonly branch: string };

/** The branches of one repository. Every call rejects with ProblemError, RequestError or ConnectionError. */
export class Branches {
  readonly #calls: Calls;
  readonly #repo: string;

  constructor(calls: Calls, repo: string) {
    this.#calls = calls;
    this.#repo = repo;
  }

  /** Creates a branch, at the head of the default branch unless `from` names a rev. */
  async create(input: InputOf<CreateBranchInput>, options?: CallOptions): Promise<BranchPartsFragment> {
    return (await this.#calls.mutate(CreateBranch, { repo: this.#repo, ...input }, options)).branch;
  }

  /** A branch, by exact name or node id. Rejects with MissingError. */
  async get(branch: string, options?: CallOptions): Promise<BranchPartsFragment> {
    return present((await this.#calls.data(BranchByName, { repo: this.#repo, branch }, options)).repo?.branch, `the branch ${branch}`);
  }

  /** The branches that the key may read, by name. */
  list(filter?: BranchFilter, options?: CallOptions): AsyncGenerator<BranchPartsFragment, void, undefined> {
    const page = async (after: string | null): Promise<Page<BranchPartsFragment> | undefined> => (await this.#calls.data(BranchPage, { repo: this.#repo, first: 100, after, filter }, options)).repo?.branches;
    return everyOf(page, 'the repository');
  }

  /** Merges `from` into `to`. A conflict writes nothing and rejects with MERGE_CONFLICTED and the conflicts. */
  async merge({ to, ...input }: MergeInput, options?: CallOptions): Promise<Success<MergeBranchMutation['result']>> {
    return this.#calls.mutate(MergeBranch, { repo: this.#repo, ...input, into: to }, options);
  }

  /** Brings the base into a branch. */
  async refresh({ branch, ...input }: BranchInput<RefreshBranchInput>, options?: CallOptions): Promise<Success<RefreshBranchMutation['result']>> {
    return this.#calls.mutate(RefreshBranch, { repo: this.#repo, ...input, name: branch }, options);
  }

  /** Deletes a branch; `restore` brings it back. */
  async delete({ branch, ...input }: BranchInput<DeleteBranchInput>, options?: CallOptions): Promise<BranchPartsFragment> {
    return (await this.#calls.mutate(DeleteBranch, { repo: this.#repo, ...input, name: branch }, options)).branch;
  }

  /** Brings a deleted branch back, by its node id. */
  async restore(input: RestoreBranchInput, options?: CallOptions): Promise<BranchPartsFragment> {
    return (await this.#calls.mutate(RestoreBranch, input, options)).branch;
  }
}
