import type { CallOptions, Connection } from './connection.js';
import { accepted, present } from './errors.js';
import type { ProblemCode } from './documents.js';
import { textOf, type Document, type TypedText } from './typed-text.js';

/** One page of a connection (Relay cursor connections). */
export interface Page<T> {
  readonly nodes: readonly T[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** The input of a mutation for a repository that is known already: naming it is not needed, and nor is a key against repetition. */
export type InputOf<Input> = Omit<Input, 'repo'> & { readonly repo?: string };

/** Calls in the name of one key. */
export class Calls {
  readonly connection: Connection;

  constructor(connection: Connection) {
    this.connection = connection;
  }

  /** Runs a document and answers its data. Rejects with RequestError or ConnectionError. */
  async data<Data, Variables extends object>(document: Document<Data, Variables>, variables: Variables, options?: CallOptions): Promise<Data> {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the gateway answers what its schema says, from which the type was made
    return (await this.connection.run(await textOf(document), variables, options)) as Data;
  }

  /** Runs one mutation, safe to repeat, and answers its success. Rejects with ProblemError when the gateway decided against it. */
  async mutate<Result extends object, Input extends object>(
    document: TypedText<{ readonly result: Result }, { readonly input: Input }>,
    input: Input,
    options?: CallOptions,
  ): Promise<Exclude<Result, { readonly code: ProblemCode }>> {
    // One key for all attempts, so that a repeated one answers what the first did.
    const keyed: Input = { idempotencyKey: randomKey(), ...input };
    return accepted((await this.data(document, { input: keyed }, options)).result);
  }
}

/** 128 random bits. Not `crypto.randomUUID`: browsers keep that from pages of plain http, such as those of a gateway on the own network. */
function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** All items of a connection, page by page. `what` names it where it is absent. */
export async function* everyOf<T>(page: (after: string | null) => Promise<Page<T> | null | undefined>, what: string): AsyncGenerator<T, void, undefined> {
  for (let after: string | null = null; ; ) {
    const { nodes, pageInfo }: Page<T> = present(await page(after), what);
    yield* nodes;
    if (!pageInfo.hasNextPage) return;
    after = pageInfo.endCursor;
  }
}
