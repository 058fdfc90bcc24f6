import type { Ask } from './asks.js';
import { type BadText, TEXTS } from './values.js';

/** A place of an address, where `*` stands; everything else there is as it should be. */
const PATHS = [
  '/raw/*', '/raw/fuzz/-/*', '/raw/fuzz/-/<head>/*', '/raw/fuzz/-/main..*.patch', '/archive/*', '/archive/fuzz/-/*.zip', '/archive/fuzz/-/*.tar.gz', '/blobs/*',
  '/git/*.git/info/refs?service=git-upload-pack', '/git/fuzz.git/*', '/git/fuzz.git/info/refs?service=*', '/git/fuzz.git/git-upload-pack?*', '/graphql?query=*', '/*',
] as const;

/** Headers that are read, each at an address where it is. */
const HEADERS: readonly (readonly [url: string, header: string])[] = [
  ['/graphql?query={__typename}', 'authorization'], ['/graphql?query={__typename}', 'weir-actor'], ['/graphql?query={__typename}', 'x-request-id'], ['/graphql?query={__typename}', 'accept'],
  ['/graphql?query={__typename}', 'traceparent'], ['/graphql?query={__typename}', 'origin'], ['/graphql?query={__typename}', 'x-forwarded-for'], ['/graphql?query=subscription{events{__typename}}', 'last-event-id'],
  ['/raw/fuzz/-/<head>/README.md', 'range'], ['/raw/fuzz/-/<head>/README.md', 'if-range'], ['/raw/fuzz/-/<head>/README.md', 'if-none-match'],
  ['/git/fuzz.git/info/refs?service=git-upload-pack', 'git-protocol'], ['/git/fuzz.git/info/refs?service=git-upload-pack', 'authorization'],
];

/** Bodies of fetches: packet lines (gitprotocol-common) that are none, lie about their length, or want what nobody has. */
const GIT_BODIES: readonly (readonly [name: string, body: string])[] = [
  ['nothing', ''], ['no length', 'zzzz'], ['a length below four', '0003'], ['a length beyond its end', 'ffff want'], ['only a flush', '0000'], ['only a delimiter', '0001'],
  ['an unknown command', '0014command=explode\n0000'], ['no command', '000bagent=x0000'], ['a want of no object', '0011command=fetch00010010want nothing\n0000'],
  ['a want of nobody’s object', `0011command=fetch00010032want ${'1'.repeat(40)}\n0000`], ['a depth below zero', '0011command=fetch0001000edeepen -1\n0000'],
  ['a depth beyond numbers', '0011command=fetch00010025deepen 99999999999999999999999\n0000'], ['a filter that is none', '0011command=fetch00010010filter zzz:1\n0000'],
  ['a prefix with a null', '0013command=ls-refs0001001aref-prefix refs/\0/x\n0000'], ['many flushes', '0000'.repeat(20_000)], ['a want of an older version', '0009want\n0000'],
];

/** Bodies of GraphQL requests that are not what they say. */
const JSON_BODIES: readonly (readonly [name: string, body: string])[] = [
  ['nothing', ''], ['a word', 'nul'], ['null', 'null'], ['a number', '1e999'], ['a list', '[]'], ['a list of requests', '[{"query":"{__typename}"}]'], ['a name without end', '{"query'], ['half an object', '{"query":"{__typename}"'],
  ['twice the same', '{"query":"{__typename}","query":"{viewer{actor}}"}'], ['a query of a number', '{"query":1}'], ['a query of null', '{"query":null}'], ['variables of a list', '{"query":"{__typename}","variables":[1]}'],
  ['variables of a text', '{"query":"{__typename}","variables":"{}"}'], ['variables of a prototype', '{"query":"{__typename}","variables":{"__proto__":{"a":1}}}'], ['extensions of a text', '{"query":"{__typename}","extensions":"x"}'],
  ['an operation that is not there', '{"query":"{__typename}","operationName":"a"}'], ['an operation of a number', '{"query":"{__typename}","operationName":1}'], ['bytes that are no text', '{"query":"\u00ff\u00fe"}'], ['an escape of half a pair', '{"query":"{ repo(name: \\"\\\\ud800\\") { id } }"}'],
  ['depth', `${'['.repeat(5_000)}${']'.repeat(5_000)}`], ['a byte order mark', '\ufeff{"query":"{__typename}"}'], ['a comment', '{"query":"{__typename}"} // so'],
];

const HALF_PAIR = /\p{Surrogate}/gu;

/** What stands in an address: as it is where that can be sent, and always with its bytes encoded. */
function writtenIn(value: string): readonly string[] {
  const encoded = encodeURIComponent(value.replaceAll(HALF_PAIR, '\u{fffd}'));
  // Headers and addresses of more than 16 KB never reach the gateway.
  return encoded.length > 8_000 ? [] : [encoded, ...(/^[\x21-\x7e]+$/u.test(value) ? [value] : []), ...(value.search(HALF_PAIR) >= 0 ? ['a%ED%A0%80', '%', '%zz', '%c0%ae%c0%ae%c0%af'] : [])];
}

/** Bad inputs of every address: in each place of it, in each header that is read there, and as bodies. `<head>` stands for the head of `main`. */
export function routeAsks(): Ask[] {
  const texts: readonly BadText[] = [...TEXTS, ['nothing between slashes', 'fuzz//-//']];
  return [
    ...PATHS.flatMap((pattern) => texts.flatMap(([what, value]) => writtenIn(value).map((written, at) => ({ name: `${pattern}: ${what}, ${at}`, url: pattern.replace('*', () => written), init: { method: /^\/(?:blobs|git\/fuzz\.git\/git-)/u.test(pattern) ? 'POST' : 'GET' } })))),
    ...HEADERS.flatMap(([url, header]) => texts.flatMap(([what, value]) => (/^[\t\x20-\x7e\x80-\xff]{1,4000}$/u.test(value) ? [{ name: `${url} ${header}: ${what}`, url, init: { headers: { [header]: value } } }] : []))),
    ...['', 'version=2'].flatMap((protocol) => ['git-upload-pack', 'git-receive-pack'].flatMap((service) => GIT_BODIES.map(([what, body]) => ({
      name: `/git/fuzz.git/${service} ${protocol}: ${what}`, url: `/git/fuzz.git/${service}`, init: { method: 'POST', body, headers: { 'content-type': `application/x-${service}-request`, 'git-protocol': protocol } },
    })))),
    ...['application/json', 'text/plain', 'application/json; charset=utf-16'].flatMap((type) => JSON_BODIES.map(([what, body]) => ({ name: `/graphql ${type}: ${what}`, url: '/graphql', init: { method: 'POST', body, headers: { 'content-type': type } } }))),
  ];
}
