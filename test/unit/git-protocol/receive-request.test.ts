import { describe, expect, it } from 'vitest';
import { FLUSH, linePacket } from '../../../src/git/protocol/pkt-line.js';
import { ProtocolViolation } from '../../../src/git/protocol/protocol-violation.js';
import { parseReceiveRequest } from '../../../src/git/protocol/receive-request.js';

const A = 'a'.repeat(40);
const B = 'b'.repeat(40);
const COMMAND = `${A} ${B} refs/heads/main`;

function asked(...lines: readonly string[]): ReturnType<typeof parseReceiveRequest> {
  return parseReceiveRequest(Buffer.concat([...lines.map(linePacket), FLUSH]));
}

describe('a push', () => {
  it('says what it moves, and where the history of its client ends, which means nothing here', () => {
    const told = { commands: [{ name: 'refs/heads/main', before: A, after: B }], capabilities: new Set(['report-status', 'atomic']), shallow: false };
    expect(asked(`${COMMAND}\0 report-status atomic`)).toEqual(told);
    expect(asked(`shallow ${A}`, `shallow ${B}`, `${COMMAND}\0 report-status atomic`)).toEqual({ ...told, shallow: true });
  });

  it.each([['shallow main'], [`shallow ${A} ${B}`], [`shallow ${A.toUpperCase()}`], ['shallow'], [`unshallow ${A}`], [`push-cert\0x`], [COMMAND.replace('refs/', '')]])('with the line %j is refused', (line) => {
    expect(() => asked(line, COMMAND)).toThrow(ProtocolViolation);
  });
});
