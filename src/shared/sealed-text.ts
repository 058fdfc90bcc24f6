import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of the layout: nonce, ciphertext, tag. */
const LAYOUT = 1;

/** The bytes of a key for {@link seal}. */
export const SEALING_KEY_BYTES = 32;

/** What was to be opened was sealed with another key or for another purpose, or was changed since. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken';
  constructor() {
    super('the sealed text cannot be opened with this key');
  }
}

/**
 * A text, sealed by AES-256-GCM (NIST SP 800-38D) under a random nonce: unreadable and unchangeable without the key. `purpose` is
 * bound in, so that what was sealed for one thing cannot be passed off as another.
 */
export function seal(key: Buffer, purpose: string, text: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(purpose, 'utf8'));
  return Buffer.concat([Buffer.of(LAYOUT), nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
}

/** The text that was sealed with this key for this purpose. Throws {@link SealBroken}. */
export function unseal(key: Buffer, purpose: string, sealed: Buffer): string {
  if (sealed.length < 1 + NONCE_BYTES + TAG_BYTES || sealed[0] !== LAYOUT) throw new SealBroken();
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(1, 1 + NONCE_BYTES));
  decipher.setAAD(Buffer.from(purpose, 'utf8'));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES)), decipher.final()]).toString('utf8');
  } catch {
    throw new SealBroken();
  }
}
