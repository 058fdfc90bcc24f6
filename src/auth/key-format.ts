import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** Characters of a key's id: 71 bits, to be unique, not secret. */
export const KEY_ID_LENGTH = 12;
/** Characters of a key's secret: 256 bits. */
export const KEY_SECRET_LENGTH = 43;
/** The largest multiple of the alphabet's size that fits a byte; bytes from there on would favour its first letters. */
const UNBIASED_BELOW = 256 - (256 % ALPHABET.length);

/** The two halves of a key as its holder sends them. */
export interface KeyParts {
  readonly id: string;
  readonly secret: string;
}

/** A new key. `text` is shown once and kept nowhere; `hash` is what is stored. */
export interface NewKey extends KeyParts {
  readonly text: string;
  readonly hash: string;
}

function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytes(length)) {
      if (byte < UNBIASED_BELOW && text.length < length) text += ALPHABET.charAt(byte % ALPHABET.length);
    }
  }
  return text;
}

/** Makes a key from the system's randomness: `weir_<id>_<secret>`, every character equally likely. */
export function generateKey(): NewKey {
  return generateSecret(randomText(KEY_ID_LENGTH));
}

/** Makes a secret for the key with this id. */
export function generateSecret(id: string): NewKey {
  const secret = randomText(KEY_SECRET_LENGTH);
  return { id, secret, text: `weir_${id}_${secret}`, hash: hashSecret(secret) };
}

/** The parts of a key's text; null when it is not of that form. */
export function parseKey(text: string): KeyParts | null {
  const parts = /^weir_([A-Za-z0-9]{12})_([A-Za-z0-9]{43})$/u.exec(text);
  const [, id, secret] = parts ?? [];
  return id === undefined || secret === undefined ? null : { id, secret };
}

/** The SHA-256 of a secret, in lowercase hex. A fast hash is enough: the secret is 256 bits of randomness, there is nothing to guess. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret, 'utf8').digest('hex');
}

/** True when the secret is the one that was hashed; takes the same time wherever they differ. */
export function secretMatches(secret: string, hash: string): boolean {
  const actual = Buffer.from(hashSecret(secret), 'hex');
  const expected = Buffer.from(hash, 'hex');
  return expected.length === actual.length && timingSafeEqual(actual, expected);
}
