import { Branches } from './branches.js';
import type { Calls } from './calls.js';
import { Checkpoints } from './checkpoints.js';
import type { CallOptions } from './connection.js';
import {
  DiffOfRevs,
  MergePreviewOf,
  OnBranchMoved,
  OnEvents,
  OnProposalChanged,
  OnProposalOpened,
  ReadFile,
  type DiffOptions,
  type EventFilter,
  type MergePreviewOfQuery,
  type MergePreviewOfQueryVariables,
  type OnBranchMovedSubscription,
  type OnEventsSubscription,
  type OnProposalChangedSubscription,
  type OnProposalOpenedSubscription,
  type ReadFileQuery,
  type RepoPartsFragment,
} from './documents.js';
import { present } from './errors.js';
import { Proposals } from './proposals.js';
import { wholeDiff, type DiffFormat, type DiffIn } from './structured-diff.js';
import { Subscription, type SubscribeOptions } from './subscription.js';
import type { TypedText } from './typed-text.js';

/** Which diff, and how much of it. */
export interface RepoDiffInput<Format extends DiffFormat> extends DiffOptions {
  /** The repository, by name or node id; this one unless given. */
  readonly repo?: string;
  /** A rev: a branch by name or node id, a tag, a commit, an expression such as `main~2`. */
  readonly from: string;
  readonly to: string;
  /** Every line unless given. */
  readonly format?: Format;
}

type PreviewInput = Omit<MergePreviewOfQueryVariables, 'repo' | 'into'> & { readonly to: string };

/** One repository: what it is called, and what can be done in it. */
export class Repo {
  /** The node id. */
  readonly id: string;
  readonly name: string;
  readonly facts: RepoPartsFragment;
  readonly branch: Branches;
  readonly checkpoint: Checkpoints;
  readonly proposal: Proposals;
  readonly #calls: Calls;

  constructor(calls: Calls, facts: RepoPartsFragment) {
    this.#calls = calls;
    this.id = facts.id;
    this.name = facts.name;
    this.facts = facts;
    this.branch = new Branches(calls, facts.id);
    this.checkpoint = new Checkpoints(calls, facts.id);
    this.proposal = new Proposals(calls, facts.id);
  }

  /** What `to` changed since it left `from`, or, with `comparison: 'DIRECT'`, what differs between the two. */
  async diff<Format extends DiffFormat = 'structured'>({ repo = this.id, from, to, format, ...settings }: RepoDiffInput<Format>, options?: CallOptions): Promise<DiffIn<Format>> {
    const answer = await this.#calls.data(DiffOfRevs, { repo, from, to, options: settings }, options);
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the default of the type is the default of the value
    return wholeDiff(this.#calls, present(answer.repo?.diff, `the diff of ${from} and ${to}`), format ?? ('structured' as Format), options);
  }

  /** What a merge would do, conflicts included; writes nothing. */
  async mergePreview({ to, ...input }: PreviewInput, options?: CallOptions): Promise<NonNullable<NonNullable<MergePreviewOfQuery['repo']>['mergePreview']>> {
    return present((await this.#calls.data(MergePreviewOf, { repo: this.id, ...input, into: to }, options)).repo?.mergePreview, 'the merge');
  }

  /** A file as it is at a rev. Rejects with MissingError where there is none. */
  async file({ rev = this.facts.defaultBranchName, path }: { readonly rev?: string; readonly path: string }, options?: CallOptions): Promise<NonNullable<NonNullable<ReadFileQuery['repo']>['file']>> {
    return present((await this.#calls.data(ReadFile, { repo: this.id, rev, path }, options)).repo?.file, `${path} at ${rev}`);
  }

  /** Everything that happens in this repository. */
  onEvents(filter: Omit<EventFilter, 'repos'> = {}, options?: SubscribeOptions): Subscription<OnEventsSubscription> {
    return this.#subscribe(OnEvents, { filter: { ...filter, repos: [this.id] } }, options);
  }

  /** New proposals. */
  onProposalOpened(options?: SubscribeOptions): Subscription<OnProposalOpenedSubscription> {
    return this.#subscribe(OnProposalOpened, { repo: this.id }, options);
  }

  /** Whatever becomes of proposals, or of one. */
  onProposalChanged(number?: number, options?: SubscribeOptions): Subscription<OnProposalChangedSubscription> {
    return this.#subscribe(OnProposalChanged, { repo: this.id, number }, options);
  }

  /** Moves of branches, or of one. */
  onBranchMoved(branch?: string, options?: SubscribeOptions): Subscription<OnBranchMovedSubscription> {
    return this.#subscribe(OnBranchMoved, { repo: this.id, branch }, options);
  }

  #subscribe<Data, Variables extends object>({ text }: TypedText<Data, Variables>, variables: Variables, options: SubscribeOptions = {}): Subscription<Data> {
    return new Subscription<Data>(this.#calls.connection, Promise.resolve(text), variables, options);
  }
}
