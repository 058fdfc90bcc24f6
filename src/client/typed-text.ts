/**
 * A document that knows what it takes and what it answers. `__apiType` is never there at run time: it is the mark that
 * graphql-typed-document-node gives typed documents, so that documents of other generators fit too.
 */
export interface TypedDocument<Data, Variables> {
  readonly __apiType?: (variables: Variables) => Data;
}

/** A typed document as its text. */
export interface TypedText<Data, Variables> extends TypedDocument<Data, Variables> {
  readonly text: string;
}

/** What can be asked: a text, one of this client's documents, or a typed document (node or string) of a code generator. */
export type Document<Data, Variables> = string | (TypedDocument<Data, Variables> & (TypedText<Data, Variables> | Stringlike | Parsed));

/** A typed document that is a string object, as some generators make them. */
interface Stringlike {
  readonly length: number;
  toString(): string;
}

/** A document as `graphql` parses it. */
interface Parsed {
  readonly kind: 'Document';
}

/** Gives a text its types; the generator of documents.ts vouches for them. */
export function typed<Data, Variables>(text: string): TypedText<Data, Variables> {
  return { text };
}

/**
 * The text of a document. One that was parsed without its source is printed by `graphql`, which must be installed then: nothing
 * else in the client needs it. Throws a TypeError for what is no document.
 */
export async function textOf(document: Document<unknown, never>): Promise<string> {
  if (typeof document === 'string') return document;
  // oxlint-disable-next-line unicorn/no-instanceof-builtins -- generators of typed strings extend String
  if (document instanceof String) return document.toString();
  if ('text' in document && typeof document.text === 'string') return document.text;
  if ('kind' in document && document.kind === 'Document') {
    const { print } = await import('graphql');
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the kind says so
    return print(document as unknown as Parameters<typeof print>[0]);
  }
  throw new TypeError('neither a text nor a document of GraphQL');
}
