import type { Oid } from '../objects/object-source.js';
import { ProtocolViolation } from './protocol-violation.js';
import { DELIMITER, FLUSH, linePacket, packet, type PacketReader } from './pkt-line.js';

/** What a client said after its wants: commits that it has, ends of rounds, and that it is done. */
export type Negotiation = { readonly have: Oid } | 'FLUSH' | 'DONE';

/** Everything that a fetch asks for, in either version of the protocol. */
export interface FetchRequest {
  readonly version: 0 | 2;
  readonly wants: readonly Oid[];
  readonly shallow: readonly Oid[];
  /** How many commits deep; null: all. */
  readonly deepen: number | null;
  /** Only commits since then, in seconds since 1970; null: all. */
  readonly deepenSince: number | null;
  /** Names of references whose history is left out. */
  readonly deepenNot: readonly string[];
  /** A filter of objects (`git rev-list --filter`); null: none. */
  readonly filter: string | null;
  /** Capabilities that are on or off, such as `ofs-delta`. */
  readonly options: ReadonlySet<string>;
  readonly negotiation: readonly Negotiation[];
}

const OID = /^[0-9a-f]{40}$/u;
/** Flags of a fetch that are passed on; what else a client may offer has no meaning for what it is answered. */
const OPTIONS: Readonly<Record<FetchRequest['version'], ReadonlySet<string>>> = {
  0: new Set(['multi_ack', 'multi_ack_detailed', 'no-done', 'thin-pack', 'side-band', 'side-band-64k', 'ofs-delta', 'deepen-relative', 'no-progress', 'include-tag']),
  2: new Set(['thin-pack', 'no-progress', 'include-tag', 'ofs-delta', 'deepen-relative', 'wait-for-done']),
};
const SIMPLE_FILTER = /^(?:blob:none|blob:limit=\d{1,15}[kmg]?|tree:\d{1,9}|object:type=(?:blob|tree|commit|tag))$/u;
/** As many as a fetch of every reference of a large repository names. */
const MAX_OIDS = 200_000;

class Draft {
  readonly wants: Oid[] = [];
  readonly shallow: Oid[] = [];
  readonly deepenNot: string[] = [];
  readonly negotiation: Negotiation[] = [];
  readonly options = new Set<string>();
  deepen: number | null = null;
  deepenSince: number | null = null;
  filter: string | null = null;
  #oids = 0;

  constructor(readonly version: 0 | 2) {}

  /** Takes one line of the request; false when it has no meaning in a fetch. */
  take(line: string): boolean {
    const space = line.indexOf(' ');
    if (space < 0) return this.#takeFlag(line);
    const value = line.slice(space + 1);
    switch (line.slice(0, space)) {
      case 'want': this.wants.push(this.#oid(value)); return true;
      case 'have': this.negotiation.push({ have: this.#oid(value) }); return true;
      case 'shallow': this.shallow.push(this.#oid(value)); return true;
      case 'deepen': this.deepen = wholeNumber(value); return true;
      case 'deepen-since': this.deepenSince = wholeNumber(value); return true;
      case 'deepen-not': this.deepenNot.push(value); return true;
      case 'filter': this.filter = acceptedFilter(value); return true;
      default: return false;
    }
  }

  takeOption(name: string): boolean {
    if (!OPTIONS[this.version].has(name)) return false;
    this.options.add(name);
    return true;
  }

  #takeFlag(line: string): boolean {
    if (line === 'done') this.negotiation.push('DONE');
    return line === 'done' || (this.version === 2 && this.takeOption(line));
  }

  #oid(value: string): Oid {
    if (!OID.test(value)) throw new ProtocolViolation('The request names an object by what is no object id.');
    if (++this.#oids > MAX_OIDS) throw new ProtocolViolation(`The request names more than ${MAX_OIDS} objects.`);
    return value;
  }
}

function wholeNumber(value: string): number {
  // 2^53 - 1 has 16 digits; no depth and no time needs more than 15.
  if (!/^\d{1,15}$/u.test(value)) throw new ProtocolViolation('The request has a depth that is no number.');
  return Number(value);
}

/** A filter that names nothing but sizes, depths and types: `sparse:oid` would read an object by its id. */
function acceptedFilter(value: string): string {
  const parts = value.startsWith('combine:') ? value.slice('combine:'.length).split('+') : [value];
  for (const part of parts) if (!SIMPLE_FILTER.test(decoded(part))) throw new ProtocolViolation('This filter of objects is not offered here.');
  return value;
}

/** Parts of a combined filter are percent-encoded where they need to be (rev-list). */
function decoded(part: string): string {
  return part.replace(/%([0-9a-f]{2})/giu, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/**
 * The arguments of the command `fetch` of version 2, from behind its delimiter to the flush (gitprotocol-v2).
 * Throws ProtocolViolation for what is malformed, and for what is not offered.
 */
export function parseFetchArguments(reader: PacketReader): FetchRequest {
  const draft = new Draft(2);
  for (let next = reader.nextLine(); next !== null && next !== 'FLUSH'; next = reader.nextLine()) {
    if (typeof next === 'string' || !draft.take(next.line)) throw new ProtocolViolation('The fetch has an argument that is not offered here.');
  }
  return draft;
}

/**
 * A whole request of version 0 over HTTP: wants with the capabilities on the first, depths, a flush, and what the client has
 * (gitprotocol-pack, gitprotocol-http). Throws ProtocolViolation as {@link parseFetchArguments} does.
 */
export function parseFetchRequest(reader: PacketReader): FetchRequest {
  const draft = new Draft(0);
  let negotiating = false;
  for (let next = reader.nextLine(); next !== null; next = reader.nextLine()) {
    if (next === 'FLUSH') {
      if (negotiating) draft.negotiation.push('FLUSH');
      negotiating = true;
      continue;
    }
    if (typeof next === 'string') throw new ProtocolViolation('The request has a delimiter, which this version of the protocol has not.');
    const [line, capabilities] = draft.wants.length === 0 ? firstWant(next.line) : [next.line, []];
    for (const name of capabilities) if (!draft.takeOption(name) && unknownMeaning(name)) throw new ProtocolViolation('The request has a capability that is not offered here.');
    if (!draft.take(line)) throw new ProtocolViolation('The request has a line that is not offered here.');
  }
  return draft;
}

function firstWant(line: string): readonly [line: string, capabilities: readonly string[]] {
  const [verb = '', oid = '', ...capabilities] = line.split(' ');
  return verb === 'want' ? [`${verb} ${oid}`, capabilities.filter((one) => one !== '')] : [line, []];
}

/** Names and values that a client sends for the record, and permissions that it was offered, mean nothing; anything else would be ignored in silence. */
function unknownMeaning(capability: string): boolean {
  return !/^(?:agent=|session-id=|object-format=sha1$|filter$|shallow$|deepen-since$|deepen-not$|allow-(?:tip|reachable)-sha1-in-want$)/u.test(capability);
}

/** The request as bytes again: only what was understood, in the order of the protocol. */
export function renderFetch(fetch: FetchRequest): Buffer {
  const { version, wants, options } = fetch;
  const flags = [...options];
  if (version === 2) {
    const said = fetch.negotiation.flatMap((one) => (one === 'FLUSH' ? [] : [saidPacket(one)]));
    return Buffer.concat([
      packet('command=fetch'), packet('object-format=sha1'), DELIMITER,
      ...flags.map(linePacket), ...wants.map((oid) => linePacket(`want ${oid}`)), ...depths(fetch), ...said, FLUSH,
    ]);
  }
  const first = [...flags, ...(fetch.filter === null ? [] : ['filter'])].map((name) => ` ${name}`).join('');
  const wanted = wants.map((oid, at) => linePacket(`want ${oid}${at === 0 ? first : ''}`));
  return Buffer.concat([...wanted, ...depths(fetch), FLUSH, ...fetch.negotiation.map((one) => (one === 'FLUSH' ? FLUSH : saidPacket(one)))]);
}

function saidPacket(said: Exclude<Negotiation, 'FLUSH'>): Buffer {
  return linePacket(said === 'DONE' ? 'done' : `have ${said.have}`);
}

function depths({ shallow, deepen, deepenSince, deepenNot, filter }: FetchRequest): Buffer[] {
  return [
    ...shallow.map((oid) => linePacket(`shallow ${oid}`)),
    ...(deepen === null ? [] : [linePacket(`deepen ${deepen}`)]),
    ...(deepenSince === null ? [] : [linePacket(`deepen-since ${deepenSince}`)]),
    ...deepenNot.map((name) => linePacket(`deepen-not ${name}`)),
    ...(filter === null ? [] : [linePacket(`filter ${filter}`)]),
  ];
}
