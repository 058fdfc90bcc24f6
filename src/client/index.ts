import { Calls } from './calls.js';
import { Connection, type CallOptions, type ConnectionOptions } from './connection.js';
import { CreateRepo, ForkRepo, RepoByName, Viewer, type CreateRepoInput, type ForkRepoInput, type ViewerQuery } from './documents.js';
import { present } from './errors.js';
import { Repo } from './repo.js';
import { Subscription, type SubscribeOptions } from './subscription.js';
import { textOf, type Document } from './typed-text.js';

export { ConnectionError, MissingError, ProblemError, RequestError, WeirError } from './errors.js';
export type { ConnectionOptions } from './connection.js';
export type * from './documents.js';
export type { DiffFormat, DiffIn, Hunk, StructuredFile } from './structured-diff.js';
export { Repo } from './repo.js';
export { Subscription } from './subscription.js';

/** A gateway, in the name of one key. Works in Node 20 and in browsers. */
export class Weir {
  readonly #calls: Calls;

  constructor(options: ConnectionOptions) {
    this.#calls = new Calls(new Connection(options));
  }

  /** A repository, by name or node id. Rejects with MissingError. */
  async repo(name: string, options?: CallOptions): Promise<Repo> {
    return new Repo(this.#calls, present((await this.#calls.data(RepoByName, { repo: name }, options)).repo, `the repository ${name}`));
  }

  /** Makes a repository with a first commit. */
  async createRepo(input: CreateRepoInput, options?: CallOptions): Promise<Repo> {
    return new Repo(this.#calls, (await this.#calls.mutate(CreateRepo, input, options)).repo);
  }

  /** Makes a repository from another one, given by name or node id. */
  async forkRepo(input: ForkRepoInput, options?: CallOptions): Promise<Repo> {
    return new Repo(this.#calls, (await this.#calls.mutate(ForkRepo, input, options)).repo);
  }

  /** Who asks. */
  async viewer(options?: CallOptions): Promise<ViewerQuery['viewer']> {
    return (await this.#calls.data(Viewer, {}, options)).viewer;
  }

  /**
   * Runs any query or mutation and answers its data; problems are in it as the schema has them. A mutation is tried again only when
   * `variables.input` has an `idempotencyKey`. Rejects with RequestError, whose `data` is what could be answered, or ConnectionError.
   */
  query<Data = unknown, Variables extends object = object>(document: Document<Data, Variables>, variables: Variables, options?: CallOptions): Promise<Data> {
    return this.#calls.data(document, variables, options);
  }

  /** Any subscription, resumed by itself. */
  subscribe<Data = unknown, Variables extends object = object>(document: Document<Data, Variables>, variables: Variables, options: SubscribeOptions = {}): Subscription<Data> {
    return new Subscription<Data>(this.#calls.connection, textOf(document), variables, options);
  }
}
