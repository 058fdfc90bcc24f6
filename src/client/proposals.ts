import { everyOf, type Calls, type InputOf, type Page } from './calls.js';
import type { CallOptions } from './connection.js';
import {
  CloseProposal,
  CommentOnProposal,
  DiffOfProposal,
  MergeProposal,
  OpenProposal,
  ProposalByNumber,
  ProposalPage,
  RejectProposal,
  ReopenProposal,
  ReviewProposal,
  UpdateProposal,
  type CommentOnProposalInput,
  type CommentOnProposalMutation,
  type DiffOptions,
  type MergeProposalInput,
  type MergeProposalMutation,
  type OpenProposalInput,
  type ProblemCode,
  type ProposalFilter,
  type ProposalInput,
  type ProposalPartsFragment,
  type RejectProposalInput,
  type ReviewProposalInput,
  type ReviewProposalMutation,
  type UpdateProposalInput,
} from './documents.js';
import { present } from './errors.js';
import { wholeDiff, type DiffFormat, type DiffIn } from './structured-diff.js';

type Success<Result> = Exclude<Result, { readonly code: ProblemCode }>;

/** Which diff of a proposal, and how much of it. */
export interface ProposalDiffInput<Format extends DiffFormat> extends DiffOptions {
  readonly number: number;
  /** Every line unless given. */
  readonly format?: Format;
  /** What came since this key's last review. */
  readonly sinceReview?: boolean;
  /** What one revision added over the one before. */
  readonly revision?: number;
}

/** The proposals of one repository. Every call rejects with ProblemError, RequestError or ConnectionError. */
export class Proposals {
  readonly #calls: Calls;
  readonly #repo: string;

  constructor(calls: Calls, repo: string) {
    this.#calls = calls;
    this.#repo = repo;
  }

  /** Asks that the work of a branch pass into another. */
  async open(input: InputOf<OpenProposalInput>, options?: CallOptions): Promise<ProposalPartsFragment> {
    return (await this.#calls.mutate(OpenProposal, { repo: this.#repo, ...input }, options)).proposal;
  }

  /** A proposal by its number. Rejects with MissingError. */
  async get(number: number, options?: CallOptions): Promise<ProposalPartsFragment> {
    return present((await this.#calls.data(ProposalByNumber, { repo: this.#repo, number }, options)).repo?.proposal, `proposal ${number}`);
  }

  /** The proposals, newest first. */
  list(filter?: ProposalFilter, options?: CallOptions): AsyncGenerator<ProposalPartsFragment, void, undefined> {
    const page = async (after: string | null): Promise<Page<ProposalPartsFragment> | undefined> => (await this.#calls.data(ProposalPage, { repo: this.#repo, first: 100, after, filter }, options)).repo?.proposals;
    return everyOf(page, 'the repository');
  }

  /** What the proposal changes, against its target. */
  async diff<Format extends DiffFormat = 'structured'>({ number, format, sinceReview, revision, ...settings }: ProposalDiffInput<Format>, options?: CallOptions): Promise<DiffIn<Format>> {
    const { repo } = await this.#calls.data(DiffOfProposal, { repo: this.#repo, number, options: settings, sinceReview, revision }, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the default of the type is the default of the value
    return wholeDiff(this.#calls, present(repo?.proposal?.diff, `the diff of proposal ${number}`), format ?? ('structured' as Format), options);
  }

  /** Changes title, body or target. */
  async update(input: InputOf<UpdateProposalInput>, options?: CallOptions): Promise<ProposalPartsFragment> {
    return (await this.#calls.mutate(UpdateProposal, { repo: this.#repo, ...input }, options)).proposal;
  }

  /** Gives a verdict on the exact head that was read. */
  async review(input: InputOf<ReviewProposalInput>, options?: CallOptions): Promise<Success<ReviewProposalMutation['result']>> {
    return this.#calls.mutate(ReviewProposal, { repo: this.#repo, ...input }, options);
  }

  /** Says something about the whole, a file or a line, or replies in a thread. */
  async comment(input: InputOf<CommentOnProposalInput>, options?: CallOptions): Promise<Success<CommentOnProposalMutation['result']>> {
    return this.#calls.mutate(CommentOnProposal, { repo: this.#repo, ...input }, options);
  }

  /** Merges exactly the head that was reviewed, whole or in part. */
  async merge(input: InputOf<MergeProposalInput>, options?: CallOptions): Promise<Success<MergeProposalMutation['result']>> {
    return this.#calls.mutate(MergeProposal, { repo: this.#repo, ...input }, options);
  }

  /** Says no, with a reason. */
  async reject(input: InputOf<RejectProposalInput>, options?: CallOptions): Promise<ProposalPartsFragment> {
    return (await this.#calls.mutate(RejectProposal, { repo: this.#repo, ...input }, options)).proposal;
  }

  /** Ends it without a verdict. */
  async close(input: InputOf<ProposalInput>, options?: CallOptions): Promise<ProposalPartsFragment> {
    return (await this.#calls.mutate(CloseProposal, { repo: this.#repo, ...input }, options)).proposal;
  }

  /** Takes it up again, as a new revision. */
  async reopen(input: InputOf<ProposalInput>, options?: CallOptions): Promise<ProposalPartsFragment> {
    return (await this.#calls.mutate(ReopenProposal, { repo: this.#repo, ...input }, options)).proposal;
  }
}
