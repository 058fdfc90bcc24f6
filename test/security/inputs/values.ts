import { getNamedType, isEnumType, isInputObjectType, type GraphQLInputType } from 'graphql';

/** A value that should not be taken for what it pretends to be, or just so, with a name. */
export type BadValue = readonly [name: string, value: unknown];

/** As {@link BadValue}, of texts. */
export type BadText = readonly [name: string, value: string];

/** What is no value of any text, number or choice. */
const OF_ANOTHER_KIND: readonly BadValue[] = [
  ['nothing', null], ['an empty list', []], ['an empty object', {}], ['a list of lists', [[[]]]], ['a prototype', { constructor: { prototype: 1 } }], ['an object of a key', { a: 1 }],
];

/** Texts that are no name, no path and no number, or not what they look like. */
export const TEXTS: readonly BadText[] = [
  ['empty', ''], ['a space', ' '], ['a line end', 'a\nb'], ['a carriage return', 'a\rb'], ['a null', 'a\0b'], ['an escape', '\u001b[31m'], ['a delete', 'a\u007f'],
  ['a lone surrogate', 'a\ud800'], ['a reversed pair', '\udc00\ud800'], ['a byte order mark', '\ufeffa'], ['right to left', 'a\u202eb'], ['of no width', '\u200d'], ['a combining mark', 'e\u0301'], ['full width', 'ｇｉｔ'],
  ['angle brackets', 'a <b@c>'], ['a forged committer', 'a> 1 +0000\ncommitter evil <e@e'], ['a forged trailer', 'a\n\nWeir-Actor: root'], ['quotes', `'"\`--;`], ['SQL', `'; drop table repo; --`], ['a format', '%s%n%d'],
  ['dots', '..'], ['a dot', '.'], ['a slash', '/'], ['slashes', 'a//b'], ['a slash at the end', 'a/'], ['an absolute path', '/etc/passwd'], ['a way up', '../../etc/passwd'], ['a way up within', 'a/../../b'], ['backslashes', 'a\\..\\b'],
  ['.git', '.git'], ['.GIT', '.GIT/config'], ['git~1', 'git~1'], ['.git with a stream', '.git::$INDEX_ALLOCATION'], ['.git with nothing between', '.g\u200cit'], ['.git and a dot', '.git.'], ['.gitmodules', '.gitmodules'], ['a device', 'con'], ['a space at the end', 'a '],
  ['a lock', 'a.lock'], ['a lock between', 'a.lock/b'], ['a reflog', 'a@{1}'], ['an at', '@'], ['HEAD', 'HEAD'], ['a full reference', 'refs/heads/main'], ['a dash', '-a'], ['an option', '--upload-pack=touch /tmp/x'], ['a wildcard', 'a*'], ['all', '**'], ['globs without end', '*a'.repeat(60)], ['a bracket', 'a[b'], ['a tilde', 'a~1'], ['a caret', 'a^{tree}'], ['a colon', 'a:b'], ['two dots between', 'a..b'],
  ['forty digits', '0'.repeat(40)], ['sixty-four digits', 'f'.repeat(64)], ['many digits', '9'.repeat(400)], ['100 bytes', 'a'.repeat(101)], ['200 bytes', `${'a'.repeat(100)}/${'b'.repeat(100)}`], ['1024 bytes', 'a/'.repeat(600)], ['deep', `${'a/'.repeat(70)}a`], ['100,000 characters', 'x'.repeat(100_000)], ['100,000 lines', '\n'.repeat(100_000)],
  ['a key', `weir_${'a'.repeat(12)}_${'b'.repeat(43)}`], ['another’s id', 'Repo:1'], ['an id of nothing', 'Repo:-1'], ['an id beyond numbers', 'Branch:99999999999999999999'], ['base64', 'AAA'], ['base64 of other letters', '*_-='], ['a patch of nothing', '--- a/x\n+++ b/x\n@@ -0,0 +0,0 @@\n'], ['a patch of too much', '@@ -1,999999999 +1,999999999 @@\n'],
];

const NUMBERS: readonly BadValue[] = [
  ['zero', 0], ['less than zero', -1], ['2^31 - 1', 2_147_483_647], ['2^31', 2_147_483_648], ['-2^31', -2_147_483_648], ['2^53 - 1', Number.MAX_SAFE_INTEGER], ['2^53', 2 ** 53], ['-2^53', -(2 ** 53)], ['1e300', 1e300], ['a part', 1.5], ['a small part', 5e-324], ['a number as text', '1'], ['true', true],
];

/** Bad values of a place, by what belongs there. */
export function badValues(type: GraphQLInputType): readonly BadValue[] {
  const named = getNamedType(type);
  if (isInputObjectType(named)) return OF_ANOTHER_KIND;
  if (isEnumType(named)) return [...OF_ANOTHER_KIND, ['a name that is none', 'NONE'], ['a name of a prototype', 'toString'], ['a number', 1]];
  switch (named.name) {
    case 'Int': case 'SafeInt': case 'Float': return [...OF_ANOTHER_KIND, ...NUMBERS];
    case 'Boolean': return [...OF_ANOTHER_KIND, ['a text', 'true'], ['a number', 1]];
    case 'Duration': return [...OF_ANOTHER_KIND, ...NUMBERS, ...TEXTS.slice(0, 20), ['PT0S', 'PT0S'], ['without end', 'P999999999999Y'], ['backwards', '-P1D']];
    case 'DateTime': return [...OF_ANOTHER_KIND, ...NUMBERS, ...TEXTS.slice(0, 20), ['no day', '2025-02-30T00:00:00Z'], ['no year', '+275761-01-01T00:00:00Z'], ['long ago', '-000001-01-01T00:00:00Z']];
    default: return [...OF_ANOTHER_KIND, ...TEXTS];
  }
}
