import { type Attack, asked, each, many, sent } from './attack.js';

const MILLION = 1_000_000;

const TEXTS: readonly Attack[] = [
  ...each('tokens', [4_001, 50_000, 500_000], (count) => `{ ${'a '.repeat(count)} }`),
  ...each('commas in a document of characters', [200_000, 7 * MILLION], (count) => `{ ${','.repeat(count)} }`),
  ...each('comments in a document of characters', [200_000, 7 * MILLION], (count) => `#${'x'.repeat(count)}\n{ actr }`),
  ...each('short comments in a document', [60_000, 3 * MILLION], (count) => `${'#\n'.repeat(count)}{ actr }`),
  ...each('a literal text of characters', [200_000, 7 * MILLION], (count) => `{ repo(name: "${'x'.repeat(count)}") { id } }`),
  ...each('a literal text of escapes', [40_000, MILLION], (count) => `{ repo(name: "${String.raw`\u0061`.repeat(count)}") { id } }`),
  ...each('a block text of lines', [60_000, 3 * MILLION], (count) => `{ repo(name: """${'\n '.repeat(count)}""") { id } }`),
  ...each('a name of characters', [60_000, 7 * MILLION], (count) => `{ ${'a'.repeat(count)} }`),
  ...each('a name close to that of a field, of characters', [20_000], (count) => `{ viewer { ${'actor'.repeat(count / 5)} } }`),
  ...each('a number of digits', [40_000, 7 * MILLION], (count) => `{ repos(first: ${'9'.repeat(count)}) { nodes { id } } }`),
  ...each('digits behind a point', [40_000, MILLION], (count) => `{ repos(first: 0.${'9'.repeat(count)}) { nodes { id } } }`),
  ...each('a number that', ['1e400', '-0x1', '1e999999999', '99999999999999999999', '2147483648', '1.5', '0b1', '٣', '1_000', 'NaN', 'Infinity'], (number) => `{ repos(first: ${number}) { nodes { id } } }`),
  ...each('unicode for a name', ['\u{fdd0}', '🤖', 'ｖiewer', 'v\u0301iewer', '\ud800', '\u202eviewer', '\u0000', '\ufeff\ufeff\u2028', 'ſ'], (name) => `{ ${name} }`),
  asked('a text that never ends', `{ repo(name: "${'x'.repeat(30_000)}`),
  asked('a block text that never ends', `{ repo(name: """${'x\n'.repeat(30_000)}`),
  asked('a lone surrogate for a name', String.raw`{ repo(name: "\uD800") { id } }`),
  asked('a surrogate pair by braces beyond Unicode', String.raw`{ repo(name: "\u{110000}") { id } }`),
  asked('an operation of nothing', '{ }'),
  asked('a document of nothing', ' '),
  asked('a null character between', '{ view\u0000er }'),
];

const LITERALS: readonly Attack[] = [
  ...each('ids in a literal', [101, 3_900], (count) => `{ nodes(ids: [${many(count, (at) => `"Repo:${at}"`)}]) { id } }`),
  ...each('keys of a literal object', [300, 1_200], (count) => `mutation { createBranch(input: { ${many(count, (at) => `a${at}: 1`)} }) { __typename } }`),
  ...each('one key of a literal object', [2, 1_200], (count) => `mutation { createBranch(input: { ${many(count, () => 'repo: "a"')} }) { __typename } }`),
  ...each('arguments of a field', [300, 1_200], (count) => `{ repos(${many(count, (at) => `a${at}: 1`)}) { nodes { id } } }`),
  ...each('one argument of a field', [2, 1_200], (count) => `{ repos(${many(count, () => 'first: 1')}) { nodes { id } } }`),
  ...each('variables that nobody uses', [20, 950], (count) => `query (${many(count, (at) => `$v${at}: Int`)}) { __typename }`),
  ...each('variables of one name', [2, 950], (count) => `query (${many(count, () => '$v: Int')}) { repos(first: $v) { nodes { id } } }`),
  ...each('variables of types that are not there', [20, 950], (count) => `query (${many(count, (at) => `$v${at}: Itn${at}`)}) { __typename }`),
  ...each('variables that are not defined', [20, 400], (count) => `{ ${many(count, (at) => `a${at}: repos(first: $v${at}) { nodes { id } }`)} }`),
  ...each('fields that are not there', [1, 90, 1_900], (count) => `{ viewer { ${many(count, (at) => `actr${at}`)} } }`),
  ...each('the key of a prototype for', ['__proto__', 'constructor', 'hasOwnProperty', 'toString', '__defineGetter__', 'valueOf'], (name) => `{ ${name} }`),
  ...each('the key of a prototype as an argument:', ['__proto__', 'constructor', 'toString'], (name) => `{ repos(${name}: 1) { nodes { id } } }`),
  ...each('the key of a prototype as a fragment:', ['__proto__', 'constructor', 'toString'], (name) => `{ ...${name} }`),
  ...each('the key of a prototype as a type:', ['__proto__', 'constructor', 'toString'], (name) => `{ ... on ${name} { a } }`),
];

const PAGES = 'query ($first: Int, $filter: RepoFilter) { repos(first: $first, filter: $filter) { nodes { id } } }';
const NODES = 'query ($ids: [ID!]!) { nodes(ids: $ids) { id } }';

/** JSON that `JSON.stringify` does not make. */
const rawVariables = (query: string, variables: string): string => `{"query":${JSON.stringify(query)},"variables":${variables}}`;

const VARIABLES: readonly Attack[] = [
  ...[10_000, 200_000, MILLION].map((count) => asked(`a list in a variable of ids: ${count}`, NODES, { ids: Array.from({ length: count }, () => 'a') })),
  ...[10_000, MILLION].map((count) => asked(`a list in a variable of what are no ids: ${count}`, NODES, { ids: Array.from({ length: count }, () => []) })),
  ...[1_000, 100_000, 3 * MILLION].map((depth) => sent(`lists in lists in a variable: ${depth}`, rawVariables(NODES, `{"ids":${'['.repeat(depth)}${']'.repeat(depth)}}`))),
  ...[1_000, 100_000, MILLION].map((depth) => sent(`objects in objects in a variable: ${depth}`, rawVariables(PAGES, `{"filter":${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}}`))),
  ...[1_000, 200_000].map((count) => sent(`keys of a variable’s object: ${count}`, rawVariables(PAGES, `{"filter":{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')}}}`))),
  ...[100_000, 700_000].map((count) => sent(`variables that the operation does not have: ${count}`, rawVariables('{ actr }', `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')}}`))),
  ...['9'.repeat(100_000), '1e999', '1e-9', '1.0000001', '2147483648', '"1"', 'true', '[]', '{}'].map((value) => sent(`for a whole number ${value.slice(0, 12)} (${value.length})`, rawVariables(PAGES, `{"first":${value}}`))),
  ...['__proto__', 'constructor', 'prototype', 'toString'].map((key) => sent(`the key of a prototype in a variable: ${key}`, rawVariables(PAGES, `{"filter":{"${key}":{"a":1}}}`))),
  ...[100_000, 7 * MILLION].map((count) => asked(`a variable’s text of characters where a number belongs: ${count}`, PAGES, { first: 'x'.repeat(count) })),
];

const BODIES: readonly Attack[] = [
  ...[2, 1_000, 300_000].map((count) => sent(`a batch of operations: ${count}`, `[${Array.from({ length: count }, () => '{"query":"{__typename}"}').join(',')}]`)),
  ...[1_000, 7 * MILLION].map((depth) => sent(`lists in lists and nothing else: ${depth}`, '['.repeat(depth))),
  ...[1_000, MILLION].map((depth) => sent(`objects in objects and nothing else: ${depth}`, '{"a":'.repeat(depth))),
  ...[9 * MILLION, 30 * MILLION].map((size) => sent(`a body of bytes: ${size}`, `{"query":"${'x'.repeat(size)}"}`)),
  ...[10_000, 2 * MILLION].map((count) => sent(`one member again and again: ${count}`, `{${'"q":1,'.repeat(count > MILLION ? MILLION : count)}"query":1}`)),
  ...['query', 'extensions', 'operationName', 'variables'].map((member) => sent(`a million numbers as "${member}"`, `{"query":"{ actr }","${member}":[${'1,'.repeat(MILLION)}1]}`)),
  sent('spaces for a body', ' '.repeat(7 * MILLION)),
  sent('bytes that are no UTF-8 for a query', '{"query":"{ \ufffd }"}'),
  sent('an operation’s name of characters', `{"query":"query A { __typename }","operationName":"${'B'.repeat(MILLION)}"}`),
  sent('a persisted query by its digest', '{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"ecf4edb46db40b5132295c0291d62fb65d6759a9eedfa4d5d612dd5ec54a6b38"}}}'),
  sent('a persisted query by an id', '{"id":"1"}'),
  sent('a persisted document', '{"documentId":"sha256:0"}'),
  sent('a query as a form', 'query=%7B__typename%7D', { 'content-type': 'application/x-www-form-urlencoded' }),
  sent('a query as plain text', '{"query":"{__typename}"}', { 'content-type': 'text/plain' }),
  sent('a query as an upload', '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--x--', { 'content-type': 'multipart/form-data; boundary=x' }),
  sent('a query in another alphabet', '{"query":"{__typename}"}', { 'content-type': 'application/json; charset=utf-16' }),
  ...[['a persisted query', 'extensions=%7B%22persistedQuery%22%3A%7B%22version%22%3A1%2C%22sha256Hash%22%3A%22a%22%7D%7D'], ['a mutation', 'query=mutation%7BdeleteRepo(input%3A%7Brepo%3A%22a%22%7D)%7B__typename%7D%7D'], ['variables that nest', `query=%7Bactr%7D&variables=${'['.repeat(8_000)}`], ['a document that nests', `query=${'%7Ba'.repeat(2_000)}`]]
    .map(([what, search]): Attack => ({ name: `by its address: ${what}`, request: { method: 'GET', path: `/graphql?${search}`, headers: {}, body: null } })),
];

/** Text, literals, variables and bodies that are large, deep, or not what they say. */
export const INPUT_ATTACKS: readonly Attack[] = [...TEXTS, ...LITERALS, ...VARIABLES, ...BODIES];
