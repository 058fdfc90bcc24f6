import { GraphQLError, NoSchemaIntrospectionCustomRule, parse, specifiedRules, validate, type DocumentNode, type GraphQLSchema } from 'graphql';
import { budgetExceeded, documentRefusal, textRefusal, FIXED_LIMITS, LEVELS_PER_FIELD, type DocumentLimits } from './document-limits.js';
import { shortened } from './mask-errors.js';

/** Text of documents that is remembered parsed and validated, in characters. A parsed document takes 120 bytes a character: 16 MB. */
const REMEMBERED_CHARACTERS = 128 << 10;
/** Longer documents are rare and would push the others out. */
const LONGEST_REMEMBERED = 16 << 10;
/** Each is made with a stack and with suggestions, a tenth of a millisecond and more. */
const MAX_VALIDATION_ERRORS = 5;

/** How documents are judged. */
export interface DocumentOptions {
  readonly queryDepth: number;
  /** Without it `__schema` and `__type` are refused, and errors suggest no names. */
  readonly introspection: boolean;
}

/**
 * Turns text into documents that may be executed. Those that passed are remembered, the least recently used going first;
 * those that did not are judged again each time.
 */
export class Documents {
  readonly schema: GraphQLSchema;
  readonly #limits: DocumentLimits;
  readonly #introspection: boolean;
  readonly #remembered = new Map<string, DocumentNode>();
  /** What validation said of each document, which is asked twice: when it is parsed, and before it is executed. */
  readonly #errors = new WeakMap<DocumentNode, readonly GraphQLError[]>();
  #characters = 0;

  constructor(schema: GraphQLSchema, { queryDepth, introspection }: DocumentOptions) {
    this.schema = schema;
    this.#limits = { ...FIXED_LIMITS, depth: queryDepth, levels: LEVELS_PER_FIELD * queryDepth };
    this.#introspection = introspection;
  }

  /** The characters that are remembered now. */
  get rememberedCharacters(): number {
    return this.#characters;
  }

  /** Parses, within the limits. Throws a GraphQLError with a code: GRAPHQL_PARSE_FAILED, or BUDGET_EXCEEDED. */
  parse(text: string): DocumentNode {
    const known = this.#remembered.get(text);
    if (known !== undefined) {
      this.#remembered.delete(text);
      this.#remembered.set(text, known);
      return known;
    }
    const refused = textRefusal(text);
    if (refused !== null) throw refused;
    const document = withinStack(() => parseWithin(text, this.#limits.tokens));
    const refusal = withinStack(() => documentRefusal(document, this.#limits));
    if (refusal !== null) throw refusal;
    if (this.validate(document).length === 0) this.#remember(text, document);
    return document;
  }

  /** The errors of a document against the schema, each with the code GRAPHQL_VALIDATION_FAILED; none when it may be executed. */
  validate(document: DocumentNode): readonly GraphQLError[] {
    const known = this.#errors.get(document);
    if (known !== undefined) return known;
    const errors = this.#errorsOf(document);
    this.#errors.set(document, errors);
    return errors;
  }

  #errorsOf(document: DocumentNode): readonly GraphQLError[] {
    const rules = this.#introspection ? specifiedRules : [...specifiedRules, NoSchemaIntrospectionCustomRule];
    const errors = withinStack(() => validate(this.schema, document, rules, { maxErrors: MAX_VALIDATION_ERRORS, hideSuggestions: !this.#introspection }));
    // graphql-js gives up comparing fields after 500,000 steps and says only this.
    if (errors.some(({ message }) => message === 'Validation aborted.')) return [budgetExceeded('The document repeats too much to be validated. Select each field once.')];
    return errors.map((error) => requestError(error, 'GRAPHQL_VALIDATION_FAILED'));
  }

  #remember(text: string, document: DocumentNode): void {
    if (text.length > LONGEST_REMEMBERED) return;
    this.#remembered.set(text, document);
    this.#characters += text.length;
    for (const oldest of this.#remembered.keys()) {
      if (this.#characters <= REMEMBERED_CHARACTERS) break;
      this.#remembered.delete(oldest);
      this.#characters -= oldest.length;
    }
  }
}

/** graphql-js recurses along a document; one that nests deeper than the stack is as much too large as one that is too long. */
function withinStack<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof RangeError) throw budgetExceeded('The document nests too deeply.');
    throw error;
  }
}

function parseWithin(text: string, maxTokens: number): DocumentNode {
  try {
    return parse(text, { maxTokens });
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    // graphql-js tells this limit by its message alone.
    if (/tokens\. Parsing aborted/u.test(error.message)) throw budgetExceeded(`The document has more than ${maxTokens} tokens. Split it into several requests.`);
    throw requestError(error, 'GRAPHQL_PARSE_FAILED');
  }
}

/** An error of the whole request: 400, or 200 for clients that accept plain JSON only (GraphQL over HTTP, 6.4.1). */
function requestError(error: GraphQLError, code: string): GraphQLError {
  const { message, nodes = null, source = null, positions = null } = error;
  return new GraphQLError(shortened(message), { nodes, source, positions, extensions: { code, http: { status: 400, spec: true } } });
}
