import { describe, expect, it } from 'vitest';
import { parseCommand, parseLsRefs, renderAdvertisement, renderLsRefs } from '../../../src/git/protocol/advertisement.js';
import { parseFetchArguments, parseFetchRequest, renderFetch } from '../../../src/git/protocol/fetch-request.js';
import { DELIMITER, FLUSH, linePacket, packet, PacketReader } from '../../../src/git/protocol/pkt-line.js';
import { ProtocolViolation } from '../../../src/git/protocol/protocol-violation.js';
import { fc } from '../../support/fast-check.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);

function reading(...packets: readonly (Buffer | string)[]): PacketReader {
  return new PacketReader(Buffer.concat(packets.map((one) => (typeof one === 'string' ? linePacket(one) : one))));
}

/** How reading to the end goes, which takes no more than one step for every four bytes. */
function readAll(reader: PacketReader): string {
  try {
    for (let steps = reader.rest.length / 4 + 1; steps > 0; steps--) if (reader.next() === null) return 'END';
    return 'ENDLESS';
  } catch (error) {
    return error instanceof ProtocolViolation ? 'REFUSED' : String(error);
  }
}

describe('packets', () => {
  it('are read as they were written', () => {
    fc.assert(fc.property(fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 })), (contents) => {
      const reader = new PacketReader(Buffer.concat([...contents.map(packet), FLUSH, Buffer.from('rest')]));
      for (const content of contents) expect(reader.next()).toEqual(Buffer.from(content));
      expect(reader.next()).toBe('FLUSH');
      expect(reader.rest.toString()).toBe('rest');
    }));
  });

  it.each([['0003'], ['zzzz'], ['00'], ['00ff'], ['fff1'], ['000g'], ['-001'], ['0x10']])('with the length %s are refused', (text) => {
    expect(() => new PacketReader(Buffer.from(text)).next()).toThrow(ProtocolViolation);
  });

  it('of any bytes are read to an end or refused', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      expect(readAll(new PacketReader(Buffer.from(bytes)))).toMatch(/^(?:END|REFUSED)$/u);
    }));
  });

  it('above the longest are a mistake of the caller', () => {
    expect(packet(Buffer.alloc(65_516)).length).toBe(65_520);
    expect(() => packet(Buffer.alloc(65_517))).toThrow(RangeError);
  });
});

describe('a fetch', () => {
  it('of version 2 is rendered as it was understood', () => {
    const lines = ['thin-pack', 'ofs-delta', `want ${A}`, `shallow ${B}`, 'deepen 3', 'deepen-since 1700000000', 'deepen-not refs/tags/v1', 'filter blob:none', `have ${B}`, 'done'];
    const rendered = renderFetch(parseFetchArguments(reading(...lines, FLUSH)));
    expect(rendered).toEqual(Buffer.concat([packet('command=fetch'), packet('object-format=sha1'), DELIMITER, ...lines.map(linePacket), FLUSH]));
  });

  it('of version 0 is rendered as it was understood, without what says nothing', () => {
    const fetch = parseFetchRequest(reading(`want ${A} multi_ack_detailed side-band-64k agent=git/2 object-format=sha1`, `want ${B}`, 'deepen 1', FLUSH, `have ${B}`, FLUSH, 'done'));
    expect(renderFetch(fetch)).toEqual(Buffer.concat([linePacket(`want ${A} multi_ack_detailed side-band-64k`), linePacket(`want ${B}`), linePacket('deepen 1'), FLUSH, linePacket(`have ${B}`), FLUSH, linePacket('done')]));
  });

  it.each([
    ['want --upload-pack=evil'], [`want ${A}x`], ['want HEAD'], ['deepen -1'], ['deepen 1e9'], ['deepen-since yesterday'], [`filter sparse:oid=${A}`], ['filter combine:blob:none+sparse:oid=HEAD'],
    ['filter combine:tree:1+sparse%3aoid=HEAD'], ['want-ref refs/heads/main'], ['packfile-uris https'], ['sideband-all'], ['nonsense'],
  ])('with %s is refused', (line) => {
    expect(() => parseFetchArguments(reading(line, FLUSH))).toThrow(ProtocolViolation);
    expect(() => parseFetchRequest(reading(`want ${A}`, line, FLUSH))).toThrow(ProtocolViolation);
  });

  it('with a capability that was not offered is refused', () => {
    expect(() => parseFetchRequest(reading(`want ${A} side-band-128k`, FLUSH))).toThrow(ProtocolViolation);
  });

  it('that names too many objects is refused before it is all kept', () => {
    const many = Buffer.from(linePacket(`have ${A}`).toString().repeat(200_001));
    expect(() => parseFetchArguments(reading(many, FLUSH))).toThrow('more than 200000 objects');
  });
});

describe('a listing of references', () => {
  const advertisement = { head: 'refs/heads/main', refs: [{ name: 'refs/heads/main', oid: A, peeled: null }, { name: 'refs/tags/v1', oid: B, peeled: A }] };

  it('holds what was asked for', () => {
    const asked = parseLsRefs(reading('peel', 'symrefs', 'ref-prefix HEAD', 'ref-prefix refs/tags/', FLUSH));
    expect(renderLsRefs(advertisement, asked).toString()).toBe(Buffer.concat([linePacket(`${A} HEAD symref-target:refs/heads/main`), linePacket(`${B} refs/tags/v1 peeled:${A}`), FLUSH]).toString());
  });

  it('names a HEAD that is not born only to who asks for it, and no hidden one', () => {
    const unborn = { head: 'refs/heads/main', refs: [] };
    expect(renderLsRefs(unborn, parseLsRefs(reading('unborn', FLUSH))).toString()).toContain('unborn HEAD symref-target:refs/heads/main');
    expect(renderLsRefs(unborn, parseLsRefs(reading(FLUSH)))).toEqual(FLUSH);
    expect(renderLsRefs({ ...unborn, head: null }, parseLsRefs(reading('unborn', FLUSH)))).toEqual(FLUSH);
  });

  it('of version 0 carries capabilities on its first line, also where there are no references', () => {
    expect(renderAdvertisement('git-upload-pack', { head: null, refs: [] }, ['ofs-delta']).toString()).toContain(`${'0'.repeat(40)} capabilities^{}\0ofs-delta\n`);
    expect(renderAdvertisement('git-upload-pack', advertisement, ['ofs-delta']).toString()).toContain(`${A} HEAD\0ofs-delta\n`);
    expect(renderAdvertisement('git-receive-pack', advertisement, ['atomic']).toString()).toContain(`${A} refs/heads/main\0atomic\n`);
  });

  it('is the only other command, and SHA-1 the only format', () => {
    expect(parseCommand(reading('command=ls-refs', 'agent=git/2', 'object-format=sha1', DELIMITER))).toBe('ls-refs');
    expect(parseCommand(reading(FLUSH))).toBeNull();
    expect(() => parseCommand(reading('command=object-info', DELIMITER))).toThrow(ProtocolViolation);
    expect(() => parseCommand(reading('command=fetch', 'object-format=sha256', DELIMITER))).toThrow(ProtocolViolation);
  });
});
