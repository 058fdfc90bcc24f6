import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { errorCode } from '../../shared/start-refused.js';
import { ProtocolViolation } from '../../git/protocol/protocol-violation.js';
import { BodyTooLarge, readBody } from '../http/body.js';

const inflate = promisify(gunzip);

/**
 * The body, decompressed where it is sent as gzip; null for any other encoding. Rejects with BodyTooLarge when it has more than `maximum`
 * bytes either way, of which no more are ever held, and with ProtocolViolation when it is no gzip.
 */
export async function inflatedBody(request: Request, maximum: number): Promise<Buffer | null> {
  const encoding = request.headers.get('content-encoding')?.toLowerCase() ?? 'identity';
  const body = await readBody(request, maximum);
  if (encoding === 'identity' || encoding === '') return body;
  if (encoding !== 'gzip' && encoding !== 'x-gzip') return null;
  try {
    return await inflate(body, { maxOutputLength: maximum });
  } catch (error) {
    if (errorCode(error) === 'ERR_BUFFER_TOO_LARGE') throw new BodyTooLarge(maximum);
    throw new ProtocolViolation('The request says that it is compressed, and is not.', { cause: error });
  }
}
