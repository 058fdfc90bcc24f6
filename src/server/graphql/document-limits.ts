import { GraphQLError, Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** What a document may hold. Counts are of fields as they would be resolved: a fragment counts wherever it is spread. */
export interface DocumentLimits {
  /** Lexical tokens; bounds what parsing and validating cost. */
  readonly tokens: number;
  /** Nested fields. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields of one operation's root. */
  readonly rootFields: number;
}

/**
 * Limits that are no settings. Tokens by what they cost: the slowest valid document of 4,000 found so far takes about 0.1 s of
 * validation (chains of fragments), an introspection has 350.
 */
export const FIXED_LIMITS = { tokens: 4_000, aliases: 200, directives: 200, rootFields: 100 } as const satisfies Omit<DocumentLimits, 'depth'>;

interface Counts {
  depth: number;
  aliases: number;
  directives: number;
  fields: number;
}

const NOTHING: Counts = { depth: 0, aliases: 0, directives: 0, fields: 0 };

/**
 * The refusal of a document that holds too much, or null. Runs before validation, so it meets fragments that spread themselves and
 * names that do not exist: those count nothing, validation refuses them. Linear in the document however often fragments are spread.
 */
export function documentRefusal(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
  const measure = measurer(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
    const { depth, aliases, directives, fields } = measure(definition.selectionSet);
    const refusal =
      exceeded('nests fields', 'deep', depth, limits.depth) ??
      exceeded('selects', 'aliases', aliases, limits.aliases) ??
      exceeded('carries', 'directives', directives + (definition.directives?.length ?? 0), limits.directives) ??
      exceeded('selects', 'root fields', fields, limits.rootFields);
    if (refusal !== null) return refusal;
  }
  return null;
}

/** The error for a document that costs more than is answered. */
export function budgetExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BUDGET_EXCEEDED', http: { status: 400, spec: true } } });
}

function exceeded(verb: string, noun: string, count: number, maximum: number): GraphQLError | null {
  return count > maximum ? budgetExceeded(`The document ${verb} ${count} ${noun}; at most ${maximum} are answered. Split it into several requests.`) : null;
}

function measurer(document: DocumentNode): (selections: SelectionSetNode) => Counts {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, Counts>();

  const ofFragment = (name: string): Counts => {
    const counts = known.get(name);
    const fragment = fragments.get(name);
    if (counts !== undefined || fragment === undefined) return counts ?? NOTHING;
    known.set(name, NOTHING);
    const counted = measure(fragment.selectionSet);
    known.set(name, counted);
    return counted;
  };

  const measure = (selections: SelectionSetNode): Counts => {
    const total = { ...NOTHING };
    for (const selection of selections.selections) {
      total.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        const below = selection.selectionSet === undefined ? NOTHING : measure(selection.selectionSet);
        add(total, below, 1);
        total.fields += 1;
        if (selection.alias !== undefined) total.aliases += 1;
      } else {
        const spread = selection.kind === Kind.FRAGMENT_SPREAD ? ofFragment(selection.name.value) : measure(selection.selectionSet);
        add(total, spread, 0);
        total.fields += spread.fields;
      }
    }
    return total;
  };
  return measure;
}

/** `fields` are those of one level; what lies below adds its depth, aliases and directives alone. */
function add(total: Counts, below: Counts, levels: number): void {
  total.depth = Math.max(total.depth, below.depth + levels);
  total.aliases += below.aliases;
  total.directives += below.directives;
}
