import { type Attack, asked, each, many } from './attack.js';

/** `depth` selections, one in the other, through fields that lead back to where they came from. */
function circle(depth: number): string {
  return `{ repo(name: "a") { ${'defaultBranch { repo { '.repeat(depth / 2)}id${' } }'.repeat(depth / 2)} } }`;
}

const DEPTH: readonly Attack[] = [
  ...each('fields that nest', [20, 22, 30, 60, 120, 500], circle),
  ...each('fields that nest and are not there', [21, 100, 1_900], (depth) => `${'{ a '.repeat(depth)}${'}'.repeat(depth)}`),
  ...each('inline fragments that nest', [1_000, 1_300, 1_900], (depth) => `{ ${'... { '.repeat(depth)}__typename${' }'.repeat(depth)} }`),
  ...each('inline fragments with types that nest', [700, 990], (depth) => `{ ${'... on Query { '.repeat(depth)}viewer { actr }${' }'.repeat(depth)} }`),
  ...each('lists in a literal', [3_900, 1_990], (depth) => `{ repos(filter: ${'['.repeat(depth)}${']'.repeat(depth)}) { nodes { id } } }`),
  ...each('lists in a literal that never close', [3_990, 50_000], (depth) => `{ repos(filter: ${'['.repeat(depth)}`),
  ...each('objects in a literal', [900, 1_300], (depth) => `{ repos(filter: ${'{a:'.repeat(depth)}1${'}'.repeat(depth)}) { nodes { id } } }`),
  ...each('a type of a variable that nests', [1_900, 1_990], (depth) => `query ($v: ${'['.repeat(depth)}Int${']'.repeat(depth)}) { __typename }`),
  ...each('a fragment’s depth behind spreads', [25, 60, 99], (depth) => `{ repo(name: "a") { ...F0 } } ${many(depth, (at) => `fragment F${at} on Repo { defaultBranch { repo { ...F${at + 1} } } }`)} fragment F${depth} on Repo { id }`),
];

const ALIASES: readonly Attack[] = [
  ...each('aliases of the root', [101, 201, 600, 1_300], (count) => `{ ${many(count, (at) => `a${at}: __typename`)} }`),
  ...each('aliases of a field with a selection', [101, 201, 500], (count) => `{ ${many(count, (at) => `a${at}: viewer { actor }`)} }`),
  ...each('aliases below the root', [201, 900], (count) => `{ viewer { ${many(count, (at) => `a${at}: actor`)} } }`),
  ...each('aliases of one expensive field', [201, 300], (count) => `{ repo(name: "a") { ${many(count, (at) => `a${at}: diff(from: "a", to: "b") { stats { files } }`)} } }`),
  ...each('aliases doubled by fragments', [8, 12, 26, 90], (levels) => `{ ...F0 } ${many(levels, (at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`)} fragment F${levels} on Query { x: __typename }`),
  ...each('aliases in a mutation', [101, 300], (count) => `mutation { ${many(count, (at) => `a${at}: deleteRepo(input: { repo: "a${at}" }) { __typename }`)} }`),
  ...each('aliases that disagree', [2, 99], (count) => `{ ${many(count, (at) => `a: repo(name: "${at}") { id }`)} }`),
];

const DIRECTIVES: readonly Attack[] = [
  ...each('directives on a field', [201, 500, 650], (count) => `{ __typename ${'@include(if: true) '.repeat(count)} }`),
  ...each('unknown directives on a field', [50, 201, 3_900], (count) => `{ __typename ${'@a '.repeat(count)} }`),
  ...each('unknown directives on an operation', [50, 201, 3_900], (count) => `query ${'@a '.repeat(count)} { __typename }`),
  ...each('unknown directives on a fragment', [50, 201, 3_900], (count) => `{ ...F } fragment F on Query ${'@a '.repeat(count)} { __typename }`),
  ...each('unknown directives on a spread', [50, 201, 3_900], (count) => `{ ...F ${'@a '.repeat(count)} } fragment F on Query { __typename }`),
  ...each('unknown directives on a variable', [50, 201, 3_900], (count) => `query ($v: Int ${'@a '.repeat(count)}) { __typename }`),
  ...each('directives spread by fragments', [8, 40], (levels) => `{ ...F0 } ${many(levels, (at) => `fragment F${at} on Query { ...F${at + 1} @skip(if: true) ...F${at + 1} @skip(if: true) }`)} fragment F${levels} on Query { __typename @skip(if: true) }`),
];

const FRAGMENTS: readonly Attack[] = [
  ...each('fragments in a circle', [1, 2, 50, 400], (count) => `{ ...F0 } ${many(count, (at) => `fragment F${at} on Query { ...F${(at + 1) % count} }`)}`),
  ...each('a circle of fragments that nobody spreads', [1, 2, 300], (count) => `{ __typename } ${many(count, (at) => `fragment F${at} on Query { ...F${(at + 1) % count} }`)}`),
  ...each('fragments that all spread each other', [5, 20, 60], (count) => `{ ...F0 } ${many(count, (at) => `fragment F${at} on Query { ${many(Math.min(count, 50), (to) => `...F${(at + to) % count}`)} }`)}`),
  ...each('a fan of fragments that doubles', [14, 20, 60, 199], (levels) => `{ repo(name: "a") { ...F0 } } ${many(levels, (at) => `fragment F${at} on Repo { ...F${at + 1} ...F${at + 1} }`)} fragment F${levels} on Repo { id name description }`),
  ...each('a fan of fields that doubles', [8, 18], (levels) => `{ repo(name: "a") { ...F0 } } ${many(levels, (at) => `fragment F${at} on Repo { a${at}: defaultBranch { repo { ...F${at + 1} } } b${at}: defaultBranch { repo { ...F${at + 1} } } }`)} fragment F${levels} on Repo { id }`),
  ...each('fragments that are not used', [50, 400], (count) => `{ __typename } ${many(count, (at) => `fragment F${at} on Query { __typename }`)}`),
  ...each('fragments of one name', [2, 400], (count) => `{ ...F } ${many(count, () => 'fragment F on Query { __typename }')}`),
  ...each('spreads of what is not there', [1, 90, 1_000], (count) => `{ ${many(count, (at) => `...N${at}`)} }`),
  ...each('one spread of what is not there', [90, 1_300], (count) => `{ ${'...N '.repeat(count)} }`),
  ...each('fragments on types that are not there', [1, 300], (count) => `{ ${many(count, (at) => `... on Qury${at} { a }`)} }`),
  ...each('fragments on types that cannot be', [2, 300], (count) => `{ ${many(count, () => '... on Repo { id }')} }`),
  asked('fragments without an operation', many(300, (at) => `fragment F${at} on Query { __typename }`)),
];

const OPERATIONS: readonly Attack[] = [
  ...each('many operations and no name', [2, 40, 400], (count) => many(count, (at) => `query Q${at} { __typename }`)),
  ...each('operations of one name', [2, 400], (count) => many(count, () => 'query Q { __typename }')),
  ...each('operations without names', [2, 900], (count) => many(count, () => '{ __typename }')),
  ...each('operations that share a chain of fragments', [60, 200], (count) => `${many(count, (at) => `query Q${at} { ...F0 }`)} ${many(count, (at) => `fragment F${at} on Query { ...F${at + 1} }`)} fragment F${count} on Query { __typename }`),
  ...each('operations that use variables of each other', [20, 60], (count) => `${many(count, (at) => `query Q${at}($v${at}: Boolean!) { ...F }`)} fragment F on Query { ${many(50, (at) => `viewer @skip(if: $v${at}) { actor }`)} }`),
  ...each('root fields', [101, 600], (count) => `{ ${'viewer { actor } '.repeat(count)} }`),
  ...each('root fields of a mutation', [101, 300], (count) => `mutation { ${'deleteRepo(input: { repo: "a" }) { __typename } '.repeat(count)} }`),
  ...each('root fields of a subscription', [2, 50, 300], (count) => `subscription { ${many(count, (at) => `a${at}: proposalOpened { cursor }`)} }`),
  asked('a subscription to two topics', 'subscription { proposalOpened { cursor } proposalMerged { cursor } }'),
  asked('a subscription by a fragment to two topics', 'subscription { ...F } fragment F on Subscription { proposalOpened { cursor } proposalMerged { cursor } }'),
  asked('a subscription that asks for its own schema', 'subscription { __typename }'),
  asked('a definition of a type beside the operation', '{ __typename } type Query { a: Int }'),
  asked('an extension of the schema', 'extend schema { query: Query } { __typename }'),
  asked('nothing but a type', 'type A { a: Int }'),
];

/** Documents that nest, repeat and refer. */
export const DOCUMENT_ATTACKS: readonly Attack[] = [...DEPTH, ...ALIASES, ...DIRECTIVES, ...FRAGMENTS, ...OPERATIONS];
