import type { Oid } from '../objects/object-source.js';
import { FLUSH, linePacket, packet, type PacketReader } from './pkt-line.js';
import { ProtocolViolation } from './protocol-violation.js';

/** A reference by its full name, and what it peels to where it is an annotated tag. */
export interface AdvertisedRef {
  readonly name: string;
  readonly oid: Oid;
  readonly peeled: Oid | null;
}

/** What one client is told of a repository. */
export interface Advertisement {
  /** The reference that HEAD names (`refs/heads/main`); null when it is hidden. It need not exist: a repository may have no such branch yet. */
  readonly head: string | null;
  /** In the order of their names. */
  readonly refs: readonly AdvertisedRef[];
}

/** The programs of the smart protocol. */
export type Service = 'git-upload-pack' | 'git-receive-pack';

const NO_OBJECT = '0'.repeat(40);
/** As many prefixes as git itself takes before it sends all references. */
const MAX_PREFIXES = 65_536;

/** Capabilities of a fetch in version 0; `filter` where partial clones are for this client. */
export function fetchCapabilities(agent: string, head: string | null, filter: boolean): readonly string[] {
  return [
    'multi_ack', 'thin-pack', 'side-band', 'side-band-64k', 'ofs-delta', 'shallow', 'deepen-since', 'deepen-not', 'deepen-relative', 'no-progress', 'include-tag',
    'multi_ack_detailed', 'no-done', 'allow-tip-sha1-in-want', 'allow-reachable-sha1-in-want',
    ...(head === null ? [] : [`symref=HEAD:${head}`]), 'object-format=sha1', ...(filter ? ['filter'] : []), `agent=${agent}`,
  ];
}

/** All references with the capabilities on the first line (gitprotocol-http, smart server response), HEAD in front. A push is told none of HEAD or peeled tags. `first`: to a client of version 1, which is told so. */
export function renderAdvertisement(service: Service, { head, refs }: Advertisement, capabilities: readonly string[], first = false): Buffer {
  const fetching = service === 'git-upload-pack';
  const atHead = fetching ? refs.find(({ name }) => name === head) : undefined;
  const lines = [
    ...(atHead === undefined ? [] : [`${atHead.oid} HEAD`]),
    ...refs.flatMap(({ name, oid, peeled }) => (peeled === null || !fetching ? [`${oid} ${name}`] : [`${oid} ${name}`, `${peeled} ${name}^{}`])),
  ];
  const [top = `${NO_OBJECT} capabilities^{}`, ...others] = lines;
  return Buffer.concat([linePacket(`# service=${service}`), FLUSH, ...(first ? [linePacket('version 1')] : []), packet(`${top}\0${capabilities.join(' ')}\n`), ...others.map(linePacket), FLUSH]);
}

/** What version 2 can do here (gitprotocol-v2, capability advertisement). */
export function renderCapabilities(agent: string, filter: boolean): Buffer {
  const lines = ['version 2', `agent=${agent}`, 'ls-refs=unborn', `fetch=shallow wait-for-done${filter ? ' filter' : ''}`, 'object-format=sha1'];
  return Buffer.concat([linePacket('# service=git-upload-pack'), FLUSH, ...lines.map(linePacket), FLUSH]);
}

/** The arguments of the command `ls-refs`. */
export interface LsRefs {
  readonly peel: boolean;
  readonly symrefs: boolean;
  readonly unborn: boolean;
  /** Only references whose name begins with one of these; empty: all. */
  readonly prefixes: readonly string[];
}

/** Reads them from behind the delimiter to the flush. Throws ProtocolViolation for others. */
export function parseLsRefs(reader: PacketReader): LsRefs {
  const flags = new Set<string>();
  const prefixes: string[] = [];
  for (let next = reader.nextLine(); next !== null && next !== 'FLUSH'; next = reader.nextLine()) {
    if (typeof next === 'string') throw new ProtocolViolation('The listing of references has a second delimiter.');
    if (next.line.startsWith('ref-prefix ')) prefixes.push(next.line.slice('ref-prefix '.length));
    else if (next.line === 'peel' || next.line === 'symrefs' || next.line === 'unborn') flags.add(next.line);
    else throw new ProtocolViolation('The listing of references has an argument that is not offered here.');
  }
  return { peel: flags.has('peel'), symrefs: flags.has('symrefs'), unborn: flags.has('unborn'), prefixes: prefixes.length > MAX_PREFIXES ? [] : prefixes };
}

/** The answer to `ls-refs`. */
export function renderLsRefs({ head, refs }: Advertisement, asked: LsRefs): Buffer {
  const wanted = (name: string): boolean => asked.prefixes.length === 0 || asked.prefixes.some((prefix) => name.startsWith(prefix));
  const lines: string[] = [];
  if (head !== null && wanted('HEAD')) {
    const at = refs.find(({ name }) => name === head);
    const target = ` symref-target:${head}`;
    if (at !== undefined) lines.push(`${at.oid} HEAD${asked.symrefs ? target : ''}`);
    else if (asked.unborn) lines.push(`unborn HEAD${target}`);
  }
  for (const { name, oid, peeled } of refs) if (wanted(name)) lines.push(`${oid} ${name}${asked.peel && peeled !== null ? ` peeled:${peeled}` : ''}`);
  return Buffer.concat([...lines.map(linePacket), FLUSH]);
}

/** The command of a request of version 2, with the reader left behind its capabilities. Throws ProtocolViolation for what is not offered. */
export function parseCommand(reader: PacketReader): 'ls-refs' | 'fetch' | null {
  let command: string | null = null;
  for (let next = reader.nextLine(); ; next = reader.nextLine()) {
    if (next === 'DELIMITER') break;
    // A command without arguments ends with the flush, which is left for whoever reads the arguments: there are none.
    if (next === null || next === 'FLUSH') break;
    if (next === 'END') throw new ProtocolViolation('The request ends before it begins.');
    const [, name, value] = /^([a-z-]+)=(.*)$/u.exec(next.line) ?? [];
    if (name === 'command') command = value ?? null;
    else if (name === 'object-format' && value !== 'sha1') throw new ProtocolViolation('Objects are named by SHA-1 here.');
  }
  if (command === null) return null;
  if (command !== 'ls-refs' && command !== 'fetch') throw new ProtocolViolation('The command is not offered here.');
  return command;
}
