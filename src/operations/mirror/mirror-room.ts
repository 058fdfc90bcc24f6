import { createHmac } from 'node:crypto';
import type { MirrorCredentials } from '../../domain/mirror.js';
import type { RemoteUrlRules } from '../../domain/remote-url.js';
import { seal, unseal } from '../../shared/sealed-text.js';

/** How a push that was tried came out. */
export type PushResult = 'pushed' | 'failed';

/** What is told of every push: quickly, and without throwing. */
export type PushListener = (result: PushResult, seconds: number) => void;

/** What user names and passwords are sealed for. */
const PURPOSE = 'credentials of a mirror';
const FINGERPRINT_OF = 'password of a mirror\0';

/** Where mirrors may be, where their credentials are safe, and where those who push them and those who set or watch them meet. */
export class MirrorRoom {
  readonly rules: RemoteUrlRules;
  readonly #key: Buffer;
  readonly #listeners: PushListener[] = [];
  #look: (() => void) | null = null;

  /** `key` seals what is stored: the same for all gateways of a deployment. */
  constructor(rules: RemoteUrlRules, key: Buffer) {
    this.rules = rules;
    this.#key = key;
  }

  /** Has a look for what is to be pushed taken now, where this gateway pushes. */
  wake(): void {
    this.#look?.();
  }

  /** `look` is called by each {@link wake}; null for nothing any more. */
  onWake(look: (() => void) | null): void {
    this.#look = look;
  }

  /** A push came to its end, after so many seconds. */
  ended(result: PushResult, seconds: number): void {
    for (const listener of this.#listeners) listener(result, seconds);
  }

  /** Tells `listener` of every push of this gateway from now on. */
  listen(listener: PushListener): void {
    this.#listeners.push(listener);
  }

  /** The same for the same password, and of no use to who does not have the key. */
  fingerprint(password: string): string {
    return createHmac('sha256', this.#key).update(FINGERPRINT_OF).update(password).digest('hex');
  }

  /** Makes of credentials what may be stored. */
  seal({ username, password }: MirrorCredentials): Buffer {
    return seal(this.#key, PURPOSE, JSON.stringify([username, password]));
  }

  /** The credentials that were sealed. Throws SealBroken where this deployment has another key than the one that sealed them. */
  open(sealed: Buffer): MirrorCredentials {
    const [username, password]: unknown[] = JSON.parse(unseal(this.#key, PURPOSE, sealed));
    return { username: String(username), password: String(password) };
  }
}
