import { GraphQLError, Kind, type DocumentNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';
import { exceedsOverlap } from './document-overlap.js';
import { shapeOf, type Shape } from './document-shape.js';

/** What a document may hold. Counts are of fields as they would be resolved: a fragment counts wherever it is spread. */
export interface DocumentLimits extends Shape {
  /** Lexical tokens; bounds what parsing and validating cost. */
  readonly tokens: number;
  /** Nested fields. */
  readonly depth: number;
  readonly aliases: number;
  readonly directives: number;
  /** Fields of one operation's root. */
  readonly rootFields: number;
  /** Selections in all, those of a fragment wherever it is spread. */
  readonly selections: number;
  /** Root fields that ask for the schema: `__schema` and `__type`. */
  readonly introspections: number;
  /** Comparisons of fields that may stand for one another (GraphQL, 5.3.2). */
  readonly comparisons: number;
}

/**
 * Limits that are no settings, each by what is left for a client of good will and what it then costs: whatever passes all of them
 * is refused by validation within 6 ms or so, twenty times what the smallest operation takes. An introspection has 350 tokens, a page of
 * a large application 1,500 and 100 fragments; the type with the most fields has less than 100, beside 200 aliases.
 */
export const FIXED_LIMITS = {
  tokens: 4_000, aliases: 200, directives: 200, rootFields: 100, selections: 10_000, introspections: 5, comparisons: 10_000,
  operations: 50, fragments: 200, variables: 200, values: 1_500, nesting: 32, width: 64, breadth: 500,
} as const satisfies Omit<DocumentLimits, 'depth' | 'levels'>;

/** Inline fragments between two fields that nest, in the mean. */
export const LEVELS_PER_FIELD = 3;

/** Characters of a document; more is text that belongs into a variable. */
export const LONGEST_DOCUMENT = 50_000;
/** graphql-js makes a token of each comment, which no limit counts, and looks through all lines for the place of each error. */
const MOST_LINES = 5_000;

interface Counts {
  depth: number;
  aliases: number;
  directives: number;
  fields: number;
  selections: number;
  introspections: number;
}

const NOTHING: Counts = { depth: 0, aliases: 0, directives: 0, fields: 0, selections: 0, introspections: 0 };

/** The refusal of a document by its text alone, before it is parsed; or null. */
export function textRefusal(text: string): GraphQLError | null {
  if (text.length > LONGEST_DOCUMENT) return documentTooLong();
  let lines = 0;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines++;
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at + 1)) lines++;
  return exceeded('has', 'lines', lines, MOST_LINES);
}

/** The error for a document of more than {@link LONGEST_DOCUMENT} characters. */
export function documentTooLong(): GraphQLError {
  return budgetExceeded(`The document is longer than ${LONGEST_DOCUMENT} characters. Contents and long texts go into variables.`);
}

/**
 * The refusal of a document that holds too much or whose fragments spread themselves, or null. Runs before validation, so it meets
 * names that do not exist: those count nothing, validation refuses them. Linear in the document however often fragments are spread,
 * but for the comparisons, which are counted until there are too many.
 */
export function documentRefusal(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
  const shape = shapeOf(document);
  const refusal =
    exceeded('defines', 'operations', shape.operations, limits.operations) ??
    exceeded('defines', 'fragments', shape.fragments, limits.fragments) ??
    exceeded('defines', 'variables', shape.variables, limits.variables) ??
    exceeded('writes out', 'values', shape.values, limits.values) ??
    exceeded('nests values or types', 'deep', shape.nesting, limits.nesting) ??
    exceeded('nests selections', 'deep', shape.levels, limits.levels) ??
    exceeded('writes', 'arguments or members side by side', shape.width, limits.width) ??
    exceeded('writes', 'selections side by side', shape.breadth, limits.breadth);
  return refusal ?? selectionsRefusal(document, limits);
}

function selectionsRefusal(document: DocumentNode, limits: DocumentLimits): GraphQLError | null {
  const { measure, circle } = measurer(document);
  for (const definition of document.definitions) {
    if (definition.kind !== Kind.OPERATION_DEFINITION && definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
    const { depth, aliases, directives, fields, selections, introspections } = measure(definition.selectionSet);
    const refusal =
      exceeded('nests fields', 'deep', depth, limits.depth) ??
      exceeded('selects', 'aliases', aliases, limits.aliases) ??
      exceeded('carries', 'directives', directives + (definition.directives?.length ?? 0), limits.directives) ??
      (definition.kind === Kind.OPERATION_DEFINITION ? exceeded('selects', 'root fields', fields, limits.rootFields) : null) ??
      exceeded('makes', 'selections', selections, limits.selections) ??
      exceeded('asks for the schema in', 'fields', introspections, limits.introspections);
    if (refusal !== null) return refusal;
  }
  const spreadsItself = circle();
  if (spreadsItself !== null) return new GraphQLError(`The fragment "${spreadsItself}" spreads itself.`, { extensions: { code: 'GRAPHQL_VALIDATION_FAILED', http: { status: 400, spec: true } } });
  return exceedsOverlap(document, limits.comparisons) ? budgetExceeded('The document repeats too much to be validated. Select each field once.') : null;
}

/** The error for a document that costs more than is answered. */
export function budgetExceeded(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BUDGET_EXCEEDED', http: { status: 400, spec: true } } });
}

function exceeded(verb: string, noun: string, count: number, maximum: number): GraphQLError | null {
  return count > maximum ? budgetExceeded(`The document ${verb} ${count} ${noun}; at most ${maximum} are answered. Split it into several requests.`) : null;
}

interface Measurer {
  readonly measure: (selections: SelectionSetNode) => Counts;
  /** The name of a fragment that was found to spread itself so far. */
  readonly circle: () => string | null;
}

function measurer(document: DocumentNode): Measurer {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments.set(definition.name.value, definition);
  const known = new Map<string, Counts>();
  const open = new Set<string>();
  let circle: string | null = null;

  const ofFragment = (name: string): Counts => {
    if (open.has(name)) circle ??= name;
    const counts = known.get(name);
    const fragment = fragments.get(name);
    if (counts !== undefined || fragment === undefined) return counts ?? NOTHING;
    known.set(name, NOTHING);
    open.add(name);
    const counted = measure(fragment.selectionSet);
    open.delete(name);
    known.set(name, counted);
    return counted;
  };

  const measure = (selections: SelectionSetNode): Counts => {
    const total = { ...NOTHING, selections: selections.selections.length };
    for (const selection of selections.selections) {
      total.directives += selection.directives?.length ?? 0;
      if (selection.kind === Kind.FIELD) {
        if (selection.selectionSet !== undefined) add(total, measure(selection.selectionSet), 1);
        else if (total.depth === 0) total.depth = 1;
        total.fields += 1;
        if (selection.alias !== undefined) total.aliases += 1;
        if (selection.name.value === '__schema' || selection.name.value === '__type') total.introspections += 1;
      } else {
        const spread = selection.kind === Kind.FRAGMENT_SPREAD ? ofFragment(selection.name.value) : measure(selection.selectionSet);
        add(total, spread, 0);
        total.fields += spread.fields;
      }
    }
    return total;
  };
  return { measure, circle: () => circle };
}

/** `fields` are those of one level; what lies below adds everything else. */
function add(total: Counts, below: Counts, levels: number): void {
  total.depth = Math.max(total.depth, below.depth + levels);
  total.aliases += below.aliases;
  total.directives += below.directives;
  total.selections += below.selections;
  total.introspections += below.introspections;
}
