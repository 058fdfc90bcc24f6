import { gzipSync } from 'node:zlib';
import { DELIMITER, FLUSH, linePacket } from '../../../src/git/protocol/pkt-line.js';
import { headOf, interruptedRequest, linesOf, typedHeadOf, type RawAnswer } from './raw-request.js';
import type { Row } from './row.js';
import type { Side } from './sides.js';

const FETCHING = { 'content-type': 'application/x-git-upload-pack-request' } as const;
const PUSHING = { 'content-type': 'application/x-git-receive-pack-request' } as const;
const SECOND = { ...FETCHING, 'git-protocol': 'version=2' } as const;
const WITHOUT_A_WORD = 'the program dies without a word there; here the client is told what is wrong';
const NO_FILES = 'files of a repository are not served: what a key may not read lies among them';

const lsRefs = (...args: readonly string[]): Buffer => Buffer.concat([linePacket('command=ls-refs'), linePacket('object-format=sha1'), DELIMITER, ...args.map(linePacket), FLUSH]);

/** Told references, without the capabilities behind the first, which have rows of their own. */
const referencesOf = ({ body }: RawAnswer): string[] => linesOf(body).map((line) => line.split('\0')[0] ?? '');
const capabilitiesOf = ({ body }: RawAnswer): string[] => (linesOf(body).find((line) => line.includes('\0'))?.split('\0')[1] ?? '').split(' ').filter((word) => word !== '' && !word.startsWith('agent=')).toSorted();
const post = async (side: Side, end: string, headers: Readonly<Record<string, string>>, body: Buffer | string, chunked = false): Promise<RawAnswer> => side.request(end, { method: 'POST', headers, body, chunked });
/** Not of the lines in front that name the service. */
const unlessHeading = (line: string, at: number): boolean => at > 1 || (!line.startsWith('# service=') && line !== 'FLUSH');
/** References of the repository, as another client is told them. */
const refsAt = (side: Side): Promise<string> => side.git('ls-remote', side.address);

/** Addresses, methods, types and headers (gitprotocol-http). */
export const ADDRESS_ROWS: readonly Row[] = [
  ...(['git-upload-pack', 'git-receive-pack'] as const).map((service): Row => ({
    name: `info/refs tells the references to ${service}, and that nothing may keep the answer`,
    async ask(side) {
      const answer = await side.request(`info/refs?service=${service}`);
      return { ...typedHeadOf(answer), references: referencesOf(answer) };
    },
  })),
  {
    name: 'info/refs offers a fetch the same capabilities',
    ask: async (side) => capabilitiesOf(await side.request('info/refs?service=git-upload-pack')),
  },
  {
    name: 'info/refs offers a push the same capabilities',
    ask: async (side) => capabilitiesOf(await side.request('info/refs?service=git-receive-pack')),
    differs: {
      why: 'report-status-v2 tells of references that the server put elsewhere than asked, which is never done here',
      here: ['atomic', 'delete-refs', 'object-format=sha1', 'ofs-delta', 'quiet', 'report-status', 'side-band-64k'],
    },
  },
  {
    name: 'info/refs tells a client of version 2 what can be asked',
    ask: async (side) => {
      const answer = await side.request('info/refs?service=git-upload-pack', { headers: { 'git-protocol': 'version=2' } });
      return { ...typedHeadOf(answer), lines: linesOf(answer.body).filter((line) => !line.startsWith('agent=')) };
    },
    differs: {
      why: 'neither the sizes of objects without their content nor options for the server are offered: nothing here would act on them',
      here: { status: 200, mayBeKept: false, type: 'application/x-git-upload-pack-advertisement', lines: ['# service=git-upload-pack', 'FLUSH', 'version 2', 'ls-refs=unborn', 'fetch=shallow wait-for-done filter', 'object-format=sha1', 'FLUSH'] },
    },
  },
  {
    name: 'info/refs tells a client of version 1 so', smoke: true,
    ask: async (side) => referencesOf(await side.request('info/refs?service=git-upload-pack', { headers: { 'git-protocol': 'version=1' } })).slice(0, 4),
  },
  { name: 'a client of version 2 that pushes is spoken to as before', ask: async (side) => referencesOf(await side.request('info/refs?service=git-receive-pack', { headers: { 'git-protocol': 'version=2' } })).filter(unlessHeading) },
  { name: 'a version that nobody speaks is answered as none', ask: async (side) => referencesOf(await side.request('info/refs?service=git-upload-pack', { headers: { 'git-protocol': 'version=9' } })) },
  { name: 'the highest of several versions is spoken', ask: async (side) => linesOf((await side.request('info/refs?service=git-upload-pack', { headers: { 'git-protocol': 'version=1:version=2' } })).body).find(unlessHeading) },
  {
    name: 'a client of version 2 is told the service first',
    ask: async (side) => linesOf((await side.request('info/refs?service=git-upload-pack', { headers: { 'git-protocol': 'version=2' } })).body)[0],
    differs: { why: 'the service is named in every version, as large public hosts do: clients that look for it first find it', here: '# service=git-upload-pack' },
  },
  {
    name: 'info/refs without a service, the dumb protocol',
    ask: async (side) => headOf(await side.request('info/refs')),
    differs: { why: NO_FILES, here: { status: 403, mayBeKept: false } },
  },
  {
    name: 'HEAD and packs by their paths, the dumb protocol',
    ask: async (side) => [(await side.request('HEAD')).status, (await side.request('objects/info/packs')).status],
    differs: { why: NO_FILES, here: [404, 404] },
  },
  { name: 'an unknown service', ask: async (side) => headOf(await side.request('info/refs?service=git-upload-archive')) },
  { name: 'a service that is no program', ask: async (side) => headOf(await side.request('info/refs?service=upload-pack')) },
  { name: 'more parameters beside the service mean nothing', ask: async (side) => (await side.request('info/refs?x=1&service=git-upload-pack&y=2')).status },
  { name: 'a missing repository', ask: async (side) => headOf(await side.request('../nothing.git/info/refs?service=git-upload-pack')) },
  { name: 'a path out of the repositories', ask: async (side) => (await side.request('..%2f..%2fetc/info/refs?service=git-upload-pack')).status },
  { name: 'an end that there is none', ask: async (side) => (await side.request('git-upload-archive', { method: 'POST' })).status },
  { name: 'HEAD of info/refs is its head alone', smoke: true, ask: async (side) => { const answer = await side.request('info/refs?service=git-upload-pack', { method: 'HEAD' }); return { ...typedHeadOf(answer), bytes: answer.body.length }; } },
  { name: 'POST of info/refs', smoke: true, ask: async (side) => headOf(await post(side, 'info/refs?service=git-upload-pack', FETCHING, '0000')) },
  { name: 'GET of a fetch', ask: async (side) => headOf(await side.request('git-upload-pack')) },
  { name: 'PUT of a push', ask: async (side) => headOf(await side.request('git-receive-pack', { method: 'PUT', headers: PUSHING, body: '0000' })) },
  { name: 'a fetch with the type of a push', ask: async (side) => headOf(await post(side, 'git-upload-pack', PUSHING, '0000')) },
  { name: 'a fetch as a form', ask: async (side) => headOf(await post(side, 'git-upload-pack', { 'content-type': 'application/x-www-form-urlencoded' }, '0000')) },
  { name: 'a fetch without a type', ask: async (side) => headOf(await post(side, 'git-upload-pack', {}, '0000')) },
];

/** Bodies: compressed, in chunks, cut, malformed. */
export const BODY_ROWS: readonly Row[] = [
  ...([['gzip', 'gzip'], ['x-gzip', 'x-gzip']] as const).map(([name, encoding]): Row => ({
    name: `a body compressed as ${name}`,
    ask: async (side) => { const answer = await post(side, 'git-upload-pack', { ...SECOND, 'content-encoding': encoding }, gzipSync(lsRefs('ref-prefix refs/heads/'))); return { ...typedHeadOf(answer), lines: linesOf(answer.body) }; },
  })),
  { name: 'a body in chunks', ask: async (side) => linesOf((await post(side, 'git-upload-pack', SECOND, lsRefs('peel', 'symrefs'), true)).body) },
  { name: 'a body that waits to be asked for', ask: async (side) => { const answer = await post(side, 'git-upload-pack', { ...SECOND, expect: '100-continue' }, lsRefs()); return { continued: answer.continued, lines: linesOf(answer.body) }; } },
  {
    name: 'a body that says it is compressed, and is not',
    ask: async (side) => { const answer = await post(side, 'git-upload-pack', { ...SECOND, 'content-encoding': 'gzip' }, lsRefs()); return { status: answer.status, said: answer.body.length > 0 }; },
    differs: { why: WITHOUT_A_WORD, here: { status: 200, said: true } },
  },
  {
    name: 'a body that is compressed otherwise',
    ask: async (side) => { const answer = await post(side, 'git-upload-pack', { ...SECOND, 'content-encoding': 'br' }, lsRefs()); return answer.status; },
    differs: { why: 'the encoding is passed over there, and the body taken for what it is not', here: 415 },
  },
  {
    name: 'a body that ends in the middle of a packet',
    ask: async (side) => (await post(side, 'git-upload-pack', SECOND, lsRefs().subarray(0, 9))).body.toString('latin1', 4, 8),
    differs: { why: WITHOUT_A_WORD, here: 'ERR ' },
  },
  {
    name: 'a body without a packet',
    ask: async (side) => (await post(side, 'git-upload-pack', SECOND, 'hello, world')).body.toString('latin1', 4, 8),
    differs: { why: WITHOUT_A_WORD, here: 'ERR ' },
  },
  { name: 'an empty fetch of version 0', ask: async (side) => { const answer = await post(side, 'git-upload-pack', FETCHING, '0000'); return { ...typedHeadOf(answer), bytes: answer.body.length }; } },
  { name: 'a flush in version 2', ask: async (side) => { const answer = await post(side, 'git-upload-pack', SECOND, '0000'); return { ...typedHeadOf(answer), bytes: answer.body.length }; } },
  { name: 'the probe that a client sends before a large push', smoke: true, ask: async (side) => { const answer = await post(side, 'git-receive-pack', PUSHING, '0000'); return { ...typedHeadOf(answer), body: answer.body.toString('latin1') }; } },
  {
    name: 'a push that is cut in the middle of its pack leaves nothing, and the next is served',
    writes: true,
    async ask(side) {
      const before = await refsAt(side);
      const head = linePacket(`${'0'.repeat(40)} ${/^([0-9a-f]{40})/u.exec(before)?.[1] ?? ''} refs/heads/cut\0report-status`);
      await interruptedRequest(`${side.url}/git-receive-pack`, { ...side.headers, ...PUSHING }, Buffer.concat([head, FLUSH, Buffer.from('PACK\0\0\0\u0002\0\0\0\u0001')]), 100_000);
      return (await refsAt(side)) === before;
    },
  },
];

/** Commands of version 2 (gitprotocol-v2), and wants. */
export const COMMAND_ROWS: readonly Row[] = [
  ...([[], ['peel'], ['symrefs'], ['peel', 'symrefs', 'unborn', 'ref-prefix HEAD', 'ref-prefix refs/tags/'], ['ref-prefix refs/heads/s'], ['ref-prefix nothing'], ['ref-prefix HEA']] as const).map((args): Row => ({
    name: `ls-refs ${args.join(', ') || 'of everything'}`,
    ask: async (side) => linesOf((await post(side, 'git-upload-pack', SECOND, lsRefs(...args))).body),
  })),
  { name: 'a command that is not offered', ask: async (side) => saidOf(await post(side, 'git-upload-pack', SECOND, Buffer.concat([linePacket('command=burn'), FLUSH]))), differs: { why: WITHOUT_A_WORD, here: 'ERR' } },
  { name: 'an argument that is not offered', ask: async (side) => saidOf(await post(side, 'git-upload-pack', SECOND, lsRefs('colour=red'))), differs: { why: WITHOUT_A_WORD, here: 'ERR' } },
  { name: 'another kind of object ids', ask: async (side) => saidOf(await post(side, 'git-upload-pack', SECOND, Buffer.concat([linePacket('command=ls-refs'), linePacket('object-format=sha256'), DELIMITER, FLUSH]))), differs: { why: WITHOUT_A_WORD, here: 'ERR' } },
  ...([['0', FETCHING, `${linePacket(`want ${'e'.repeat(40)}`).toString()}0000${linePacket('done').toString()}`], ['2', SECOND, `${linePacket('command=fetch').toString()}0001${linePacket(`want ${'e'.repeat(40)}`).toString()}${linePacket('done').toString()}0000`]] as const).map(([version, headers, body]): Row => ({
    name: `a want that nobody has, in version ${version}`,
    ask: async (side) => linesOf((await post(side, 'git-upload-pack', headers, body)).body),
  })),
  { name: 'a want that is no object id', ask: async (side) => saidOf(await post(side, 'git-upload-pack', FETCHING, `${linePacket('want main').toString()}0000`)), differs: { why: WITHOUT_A_WORD, here: 'ERR' } },
];

/** The first word of the last packet: `ERR` for a client that is told. */
function saidOf({ status, body }: RawAnswer): string {
  return status === 200 ? (linesOf(body).at(-1)?.split(' ')[0] ?? '') : String(status);
}
