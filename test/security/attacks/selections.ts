import { type Attack, asked, each, many } from './attack.js';

/** Fields that validation compares with each other, pair by pair (GraphQL, 5.3.2): more than it is given time for. */
const OVERLAPS: readonly Attack[] = [
  ...each('one leaf, repeated', [400, 1_900, 3_900], (count) => `{ viewer { ${'actor '.repeat(count)} } }`),
  ...each('__typename, repeated', [400, 3_900], (count) => `{ viewer { ${'__typename '.repeat(count)} } }`),
  ...each('one field with a selection, repeated', [150, 480], (count) => `{ repo(name: "a") { ${'defaultBranch { repo { id } } '.repeat(count)} } }`),
  ...each('one field with arguments, repeated', [200, 640], (count) => `{ repo(name: "a") { ${'branch(name: "b") { id } '.repeat(Math.min(count, 380))} } }`.replace('id }', `id ${'name '.repeat(count - 100)}}`)),
  ...each('one field with wrong arguments, repeated', [200, 640], (count) => `{ viewer { ${'actor(a: 1) '.repeat(count)} } }`),
  ...each('inline fragments with one field', [200, 950], (count) => `{ viewer { ${'... { actor } '.repeat(count)} } }`),
  ...each('inline fragments with a field below', [150, 390], (count) => `{ repo(name: "a") { ${'... { defaultBranch { name } } '.repeat(count)} } }`),
  ...each('fragments with one field', [160, 390], (count) => `{ viewer { ${many(count, (at) => `...F${at}`)} } } ${many(count, (at) => `fragment F${at} on Viewer { actor }`)}`),
  ...each('fragments with a field below', [150, 220], (count) => `{ repo(name: "a") { ${many(count, (at) => `...F${at}`)} } } ${many(count, (at) => `fragment F${at} on Repo { defaultBranch { name repo { id } } }`)}`),
  ...each('fragments with a field and arguments', [150, 180], (count) => `{ repo(name: "a") { ${many(count, (at) => `...F${at}`)} } } ${many(count, (at) => `fragment F${at} on Repo { branches(first: 1) { nodes { name } } }`)}`),
  ...each('alternatives of an interface that overlap', [70, 250], (count) => `{ node(id: "a") { ${'... on Repo { id name } ... on Branch { id name } '.repeat(count)} } }`),
  ...each('alternatives of an interface with fields below', [60, 120], (count) => `{ node(id: "a") { ${'... on Repo { defaultBranch { name repo { name } } } ... on Branch { repo { defaultBranch { name } } } '.repeat(count)} } }`),
  ...each('one alias that means one thing, repeated', [200, 600], (count) => `{ viewer { ${'a: actor '.repeat(count)} } }`),
  ...each('pairs in each of many levels', [6, 7], (levels) => pairs(levels)),
  ...each('a field repeated in each of many levels', [24, 40], (count) => `{ repo(name: "a") { ${`defaultBranch { ${`repo { ${'id '.repeat(count)}} `.repeat(Math.ceil(count / 8))}} `.repeat(Math.ceil(count / 8))}} }`.replace('id ', 'id '.repeat(150))),
  ...each('a chain of fragments that each repeat a field', [101, 280], (count) => `{ repo(name: "a") { ...F0 } } ${many(count, (at) => `fragment F${at} on Repo { defaultBranch { id } ${at < count - 1 ? `...F${at + 1}` : 'id'} }`)}`.replace('{ id }', `{ ${'id '.repeat(150)}}`)),
];

/** Each level twice in the one above: 2^levels, without an alias or a fragment. */
function pairs(levels: number): string {
  const below = (left: number): string => (left === 0 ? 'id ' : `defaultBranch { repo { ${below(left - 1).repeat(2)}} } `);
  return `{ repo(name: "a") { ${below(levels).repeat(levels > 6 ? 2 : 3)}} }`;
}

const page = (size: number, inner: string): string => `(first: ${size}) { nodes { ${inner} } }`;

/** Lists of lists: little text, much to resolve. */
const COSTS: readonly Attack[] = [
  ...each('connections in three levels, each of', [50, 100], (size) => `{ repos${page(size, `branches${page(size, `checkpoints${page(size, 'id')}`)}`)} }`),
  ...each('connections in three levels, from the end, each of', [100], (size) => `{ repos(last: ${size}) { nodes { branches(last: ${size}) { nodes { checkpoints(last: ${size}) { nodes { id } } } } } } }`),
  ...each('connections that lead back, each of', [30, 100], (size) => `{ repos${page(size, `branches${page(size, `repo { branches${page(size, 'repo { id }')} }`)}`)} }`),
  ...each('connections without a size, in levels of', [4, 5], (levels) => `{ repos { nodes { ${'branches { nodes { repo { '.repeat(levels)}id${' } } }'.repeat(levels)} } } }`),
  ...each('commits of checkpoints of branches, each page of', [100], (size) => `{ repos${page(size, `branches${page(size, `checkpoints${page(size, 'commit { oid message author { name } }')}`)}`)} }`),
  ...each('pages larger than any', [101, 1_000_000, 2_147_483_647], (size) => `{ repos(first: ${size}) { nodes { branches(first: ${size}) { nodes { id } } } } }`.replace('id', 'checkpoints(first: 100) { nodes { id } }')),
  ...each('pages of a size below nothing', [-1, -2_147_483_648], (size) => `{ repos(first: ${size}) { nodes { id } } }`).map(({ name, request }) => ({ name: `${name}, in a list of all`, request })),
  asked('pages within pages, by variables', `query ($n: Int!) { repos(first: $n) { nodes { branches(first: $n) { nodes { checkpoints(first: $n) { nodes { id } } } } } } }`, { n: 100 }),
  asked('pages within pages, by a default', `query ($n: Int = 100) { repos(first: $n) { nodes { branches(first: $n) { nodes { checkpoints(first: $n) { nodes { id } } } } } } }`),
  asked('pages within pages, by fragments', '{ repos(first: 100) { ...A } } fragment A on RepoConnection { nodes { branches(first: 100) { ...B } } } fragment B on BranchConnection { nodes { checkpoints(first: 100) { nodes { id } } } }'),
  ...each('a page many times', [60, 90], (count) => `{ ${many(count, (at) => `a${at}: repos(first: 100) { nodes { id name branches(first: 10) { nodes { id } } } }`)} }`),
];

const kinds = 'kind name ofType { '.repeat(12) + 'name' + ' }'.repeat(12);

/** The schema, asked for more than once. */
const INTROSPECTION: readonly Attack[] = [
  ...each('types of fields of types, in levels of', [3, 4, 5, 8], (levels) => `{ __schema { types { ${'fields { type { '.repeat(levels)}name${' } }'.repeat(levels)} } } }`),
  ...each('possible types of interfaces, in levels of', [3, 6], (levels) => `{ __schema { types { ${'possibleTypes { interfaces { '.repeat(levels)}name${' } }'.repeat(levels)} } } }`),
  ...each('arguments of fields of types of arguments, in levels of', [3, 4], (levels) => `{ __schema { types { ${'fields { args { type { '.repeat(levels)}name${' } } }'.repeat(levels)} } } }`),
  ...each('inputs of inputs, in levels of', [3, 6], (levels) => `{ __schema { types { ${'inputFields { type { '.repeat(levels)}name${' } }'.repeat(levels)} } } }`),
  ...each('the schema many times', [20, 99, 400], (count) => `{ ${many(count, (at) => `a${at}: __schema { types { name description fields { name description type { ${kinds} } } } }`)} }`),
  ...each('one type many times', [101, 300], (count) => `{ ${many(count, (at) => `a${at}: __type(name: "Repo") { fields { name description } }`)} }`),
  asked('of-types without end', `{ __type(name: "Repo") { fields { type { ${'ofType { '.repeat(40)}name${' }'.repeat(40)} } } } }`),
];

/** What asks for many things at once. */
export const SELECTION_ATTACKS: readonly Attack[] = [...OVERLAPS, ...COSTS, ...INTROSPECTION];
