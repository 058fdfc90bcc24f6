import { type ArgumentNode, Kind, type DirectiveNode, type DocumentNode, type SelectionSetNode, type TypeNode, type ValueNode } from 'graphql';

/** How much a document writes out: counts of its text, each fragment once. */
export interface Shape {
  readonly operations: number;
  readonly fragments: number;
  /** Variables that its operations define. */
  readonly variables: number;
  /** Values of arguments, and those within lists and objects. */
  readonly values: number;
  /** The most lists and objects in each other, of values or of types of variables. */
  readonly nesting: number;
  /** The most arguments of one field or directive, or members of one object. */
  readonly width: number;
  /** The most selections in each other, those of inline fragments too. */
  readonly levels: number;
  /** The most selections side by side. */
  readonly breadth: number;
}

type Counted = { -readonly [K in keyof Shape]: number };

/** Counts. Throws a RangeError for a document that nests deeper than the stack. */
export function shapeOf(document: DocumentNode): Shape {
  const shape: Counted = { operations: 0, fragments: 0, variables: 0, values: 0, nesting: 0, width: 0, levels: 0, breadth: 0 };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.FRAGMENT_DEFINITION) shape.fragments++;
    else if (definition.kind === Kind.OPERATION_DEFINITION) {
      shape.operations++;
      for (const { type, defaultValue, directives } of definition.variableDefinitions ?? []) {
        shape.variables++;
        countType(type, shape);
        if (defaultValue !== undefined) countValue(defaultValue, 1, shape);
        countDirectives(directives, shape);
      }
    } else continue;
    countDirectives(definition.directives, shape);
    countSelections(definition.selectionSet, 1, shape);
  }
  return shape;
}

function countSelections({ selections }: SelectionSetNode, level: number, shape: Counted): void {
  shape.levels = Math.max(shape.levels, level);
  shape.breadth = Math.max(shape.breadth, selections.length);
  for (const selection of selections) {
    countDirectives(selection.directives, shape);
    if (selection.kind === Kind.FRAGMENT_SPREAD) continue;
    if (selection.kind === Kind.FIELD) countArguments(selection.arguments, shape);
    if (selection.selectionSet !== undefined) countSelections(selection.selectionSet, level + 1, shape);
  }
}

function countDirectives(directives: readonly DirectiveNode[] | undefined, shape: Counted): void {
  for (const { arguments: given } of directives ?? []) countArguments(given, shape);
}

function countArguments(given: readonly ArgumentNode[] | undefined, shape: Counted): void {
  if (given === undefined) return;
  shape.width = Math.max(shape.width, given.length);
  for (const { value } of given) countValue(value, 1, shape);
}

function countValue(value: ValueNode, level: number, shape: Counted): void {
  shape.values++;
  if (value.kind !== Kind.LIST && value.kind !== Kind.OBJECT) return;
  shape.nesting = Math.max(shape.nesting, level);
  if (value.kind === Kind.LIST) for (const item of value.values) countValue(item, level + 1, shape);
  else {
    shape.width = Math.max(shape.width, value.fields.length);
    for (const field of value.fields) countValue(field.value, level + 1, shape);
  }
}

function countType(type: TypeNode, shape: Counted): void {
  let level = 0;
  for (let inner = type; inner.kind !== Kind.NAMED_TYPE; inner = inner.type) if (inner.kind === Kind.LIST_TYPE) level++;
  shape.nesting = Math.max(shape.nesting, level);
}
