import type { Oid } from '../objects/object-source.js';
import { FLUSH, linePacket, packet, PacketReader } from './pkt-line.js';
import { ProtocolViolation } from './protocol-violation.js';

/** A reference that a push makes (`before` null), moves, or deletes (`after` null), by its full name. */
export interface RefCommand {
  readonly name: string;
  readonly before: Oid | null;
  readonly after: Oid | null;
}

/** What a push asks for in front of its pack. */
export interface ReceiveRequest {
  readonly commands: readonly RefCommand[];
  /** `report-status`, `side-band-64k`, `atomic`, `quiet`, as the client has taken them up. */
  readonly capabilities: ReadonlySet<string>;
  /** It comes from a clone that lacks a part of its history: for the hint alone, should the push not be whole. */
  readonly shallow: boolean;
}

/** What became of one reference: null, or why it was refused, in one line. */
export interface RefReport {
  readonly name: string;
  readonly refusal: string | null;
}

const NO_OBJECT = '0'.repeat(40);
const SHALLOW = /^shallow [0-9a-f]{40}$/u;
const COMMAND = /^([0-9a-f]{40}) ([0-9a-f]{40}) (refs\/[^\0\n ]+)$/u;
/** References of one push; a mirror of a large repository has some ten thousand. */
const MAX_COMMANDS = 10_000;
/** As much of a packet as a band may fill: a byte names the band. */
const BAND_BYTES = 65_515;

/** Capabilities that a push is offered; a key from which branches are hidden may not send a pack that builds on what it does not hold. */
export function receiveCapabilities(agent: string, thin: boolean): readonly string[] {
  return ['report-status', 'delete-refs', 'side-band-64k', 'quiet', 'atomic', 'ofs-delta', ...(thin ? [] : ['no-thin']), 'object-format=sha1', `agent=${agent}`];
}

/** Length of the part of a body in front of the pack, its flush included; null while that has not come yet. Throws ProtocolViolation. */
export function commandBytes(bytes: Buffer): number | null {
  for (let at = 0; at + 4 <= bytes.length;) {
    const digits = bytes.toString('latin1', at, at + 4);
    if (!/^[0-9a-f]{4}$/iu.test(digits)) throw new ProtocolViolation('The push has a packet without a length.');
    const length = Number.parseInt(digits, 16);
    if (length === 0) return at + 4;
    at += Math.max(length, 4);
  }
  return null;
}

/** The commands of a push (gitprotocol-pack, reference update request). Throws ProtocolViolation for what is malformed or not offered. */
export function parseReceiveRequest(bytes: Buffer): ReceiveRequest {
  const reader = new PacketReader(bytes);
  const commands: RefCommand[] = [];
  let capabilities: ReadonlySet<string> = new Set();
  let shallow = false;
  for (let next = reader.nextLine(); next !== null && next !== 'FLUSH'; next = reader.nextLine()) {
    if (typeof next === 'string') throw new ProtocolViolation('The push has a packet that has no meaning there.');
    const [line = '', offered] = next.line.split('\0');
    if (offered !== undefined) capabilities = new Set(offered.trim().split(' '));
    // Where the client's history ends says nothing about this one: whether the push is whole is found out by walking it.
    if (SHALLOW.test(line)) {
      shallow = true;
      continue;
    }
    commands.push(parseRefCommand(line));
    if (commands.length > MAX_COMMANDS) throw new ProtocolViolation(`A push moves at most ${MAX_COMMANDS} references.`);
  }
  return { commands, capabilities, shallow };
}

function parseRefCommand(line: string): RefCommand {
  const [, before, after, name] = COMMAND.exec(line) ?? [];
  if (before === undefined || after === undefined || name === undefined) throw new ProtocolViolation('The push has a line that is not offered here.');
  return { name, before: before === NO_OBJECT ? null : before, after: after === NO_OBJECT ? null : after };
}

/** The answer to a push: what became of the pack (null: it was taken) and of each reference, and sentences for the terminal. */
export function renderReport(capabilities: ReadonlySet<string>, unpack: string | null, refs: readonly RefReport[], sentences: readonly string[]): Buffer {
  const lines = [`unpack ${unpack ?? 'ok'}`, ...refs.map(({ name, refusal }) => (refusal === null ? `ok ${name}` : `ng ${name} ${refusal}`))];
  const report = capabilities.has('report-status') ? Buffer.concat([...lines.map(linePacket), FLUSH]) : Buffer.alloc(0);
  if (!capabilities.has('side-band-64k')) return report;
  const said = sentences.length === 0 ? [] : bands(2, Buffer.from(`${sentences.join('\n')}\n`));
  return Buffer.concat([...said, ...bands(1, report), FLUSH]);
}

function bands(band: 1 | 2, bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += BAND_BYTES) packets.push(packet(Buffer.concat([Buffer.from([band]), bytes.subarray(at, at + BAND_BYTES)])));
  return packets;
}
