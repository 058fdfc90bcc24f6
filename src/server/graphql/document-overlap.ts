import { Kind, type DocumentNode, type FieldNode, type FragmentDefinitionNode, type SelectionSetNode } from 'graphql';

/** Comparing arguments writes them out and sorts them: so many comparisons of names for each. */
const OF_ARGUMENT = 8;

/**
 * Whether validation would compare more than `maximum` pairs of fields that stand for one another: those of one response name at one
 * place, and below them whatever all of them select (GraphQL, 5.3.2; "fields in set can merge"). graphql-js compares pair by pair, so
 * that n repetitions cost n², and gives up after half a million, which takes a third of a second.
 *
 * Fields of one name at one place are gathered first and their pairs counted, as in Simon Adameit's formulation of the rule for
 * Sangria ("GraphQL: Overlapping fields can be merged fast"). Fragments must not spread themselves.
 */
export function exceedsOverlap(document: DocumentNode, maximum: number): boolean {
  const overlap = new Overlap(document, maximum);
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION || definition.kind === Kind.FRAGMENT_DEFINITION) overlap.count([definition.selectionSet]);
    if (overlap.isExceeded) return true;
  }
  return false;
}

interface Place {
  readonly fields: Map<string, FieldNode[]>;
  readonly spread: Set<string>;
}

class Overlap {
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  readonly #maximum: number;
  #comparisons = 0;

  constructor(document: DocumentNode, maximum: number) {
    this.#maximum = maximum;
    for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) this.#fragments.set(definition.name.value, definition);
  }

  get isExceeded(): boolean {
    return this.#comparisons > this.#maximum;
  }

  /** Counts the pairs of one place, and of all below it, until there are too many. */
  count(sets: readonly SelectionSetNode[]): void {
    const place: Place = { fields: new Map(), spread: new Set() };
    for (const set of sets) this.#gather(set, place);
    this.#comparisons += pairs(place.spread.size);
    for (const fields of place.fields.values()) {
      if (this.isExceeded) return;
      const [first] = fields;
      this.#comparisons += pairs(fields.length) * (1 + OF_ARGUMENT * (first?.arguments?.length ?? 0));
      const below = fields.flatMap(({ selectionSet }) => selectionSet ?? []);
      if (below.length > 0) this.count(below);
    }
  }

  #gather({ selections }: SelectionSetNode, place: Place): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const name = (selection.alias ?? selection.name).value;
        const same = place.fields.get(name);
        if (same === undefined) place.fields.set(name, [selection]);
        else same.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) this.#gather(selection.selectionSet, place);
      else if (!place.spread.has(selection.name.value)) {
        place.spread.add(selection.name.value);
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment !== undefined) this.#gather(fragment.selectionSet, place);
      }
    }
  }
}

function pairs(count: number): number {
  return (count * (count - 1)) / 2;
}
