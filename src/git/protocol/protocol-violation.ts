/** What a client sent is not the protocol, or asks for what is not offered; `message` is one sentence for its terminal. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation';
}
