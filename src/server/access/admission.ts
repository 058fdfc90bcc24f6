import { isIPv6 } from 'node:net';
import { authenticate, type Authentication, type Credentials } from '../../auth/authenticate.js';
import { parseKey } from '../../auth/key-format.js';
import type { Viewer } from '../../auth/viewer.js';
import type { Storage } from '../../domain/ports/storage.js';
import { asQueryError } from '../../operations/reading/query-error.js';
import { textHeader } from '../http/exchange.js';
import type { Refusal } from '../http/responses.js';
import type { ServerLimits } from '../settings.js';
import { TokenBuckets } from './token-buckets.js';
import { UnknownKeys } from './unknown-keys.js';

/** Who comes in, or why nobody does. */
export type Admission = { readonly ok: true; readonly viewer: Viewer } | { readonly ok: false; readonly refusal: Refusal };

/** A request that nobody was let in for. LIMITED: its key was not even looked at, for the wrong ones that came from there before. */
export interface FailedAuthentication {
  readonly reason: Extract<Authentication, { readonly ok: false }>['reason'] | 'LIMITED';
  /** Where it came from, as the connection says. */
  readonly address: string;
  /** The public id within the key that was shown, whether or not there is such a key; null where it has none. */
  readonly keyId: string | null;
}

/** What a door is built with beside its rules. */
export interface DoorOptions {
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
  /** Told of each request that shows no good key. An outage is none, nor is a good key that asks too often. */
  readonly failed?: (failure: FailedAuthentication) => void;
}

/** What a request is for: git's are counted by themselves as well. */
export type RequestKind = 'any' | 'git';

const USED_UP = 'This key has used up its requests of this minute.';

/** Ids of keys that were good lately; enough for every key that is in use at once. */
const MAX_GOOD_KEYS = 10_000;

/** The key and the actor of a request's headers. Another scheme than Bearer is as if nothing was sent. */
export function credentialsOf(headers: Headers): Credentials {
  return { key: bearerKey(headers.get('authorization')), actor: textHeader(headers, 'weir-actor') };
}

/** What follows `Bearer`, whose case does not matter (RFC 9110, 11.1); null when there is none. */
export function bearerKey(authorization: string | null): string | null {
  return /^bearer +(\S+) *$/iu.exec(authorization ?? '')?.[1] ?? null;
}

/** The same for git, which sends the key as a password, under any user name (RFC 7617); a bearer is taken as well. */
export function gitCredentialsOf(headers: Headers): Credentials {
  const authorization = headers.get('authorization');
  return { key: bearerKey(authorization) ?? basicPassword(authorization), actor: textHeader(headers, 'weir-actor') };
}

function basicPassword(authorization: string | null): string | null {
  const encoded = /^basic +([A-Za-z0-9+/=_-]+) *$/iu.exec(authorization ?? '')?.[1];
  if (encoded === undefined) return null;
  const pair = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 || colon === pair.length - 1 ? null : pair.slice(colon + 1);
}

/**
 * The door: authenticates each request, and counts. A key has its own allowance, one of which for git, and an address has one
 * whatever its keys. It has another for wrong keys: once that is
 * used up, only keys that were good lately are still looked at from there, so that neither guessing costs the database anything nor
 * one guesser behind a shared address locks out its neighbours.
 */
export class Door {
  readonly #storage: Pick<Storage, 'liveKey' | 'touchKey'>;
  readonly #requests: TokenBuckets;
  readonly #gitRequests: TokenBuckets;
  readonly #addresses: TokenBuckets;
  readonly #unknown: UnknownKeys;
  readonly #good = new Set<string>();
  readonly #failed: (failure: FailedAuthentication) => void;

  constructor(storage: Pick<Storage, 'liveKey' | 'touchKey'>, limits: ServerLimits, { now, failed = () => undefined }: DoorOptions = {}) {
    this.#storage = storage;
    this.#failed = failed;
    this.#requests = new TokenBuckets(limits.requestsPerMinute, now);
    this.#gitRequests = new TokenBuckets(limits.gitRequestsPerMinute, now);
    this.#addresses = new TokenBuckets(limits.requestsPerMinuteAndAddress, now);
    this.#unknown = new UnknownKeys(new TokenBuckets(limits.failedKeysPerMinute, now));
  }

  /** Lets a request in, or says why not; never rejects for an outage. */
  async admit(credentials: Credentials, address: string, kind: RequestKind = 'any'): Promise<Admission> {
    const from = network(address);
    const crowded = this.#addresses.take(from);
    if (crowded > 0) return tooMany('Too many requests came from this address.', crowded);
    const id = credentials.key === null ? null : (parseKey(credentials.key)?.id ?? null);
    if (credentials.key === null || (id !== null && this.#good.has(id))) return this.#judged(credentials, id, { address, kind }, () => this.#unknown.fail(from));
    const blocked = await this.#unknown.begin(from);
    if (blocked > 0) {
      this.#failed({ reason: 'LIMITED', address, keyId: id });
      return tooMany('Too many wrong keys came from this address.', blocked);
    }
    let wrong = false;
    try {
      return await this.#judged(credentials, id, { address, kind }, () => { wrong = true; });
    } finally {
      this.#unknown.end(from, wrong);
    }
  }

  async #judged(credentials: Credentials, id: string | null, { address, kind }: { readonly address: string; readonly kind: RequestKind }, wrong: () => void): Promise<Admission> {
    try {
      const authentication = await authenticate(credentials, this.#storage);
      if (authentication.ok) return this.#counted(authentication.viewer, kind);
      this.#failed({ reason: authentication.reason, address, keyId: id });
      if (authentication.reason === 'INVALID') {
        if (id !== null) this.#good.delete(id);
        wrong();
      }
      // The key itself was good: whoever may not act for somebody asks no more often than others.
      const waiting = authentication.reason === 'ACTOR_REFUSED' && id !== null ? this.#requests.take(id) : 0;
      if (waiting > 0) return tooMany(USED_UP, waiting);
      return { ok: false, refusal: { code: authentication.reason === 'ACTOR_REFUSED' ? 'FORBIDDEN' : 'UNAUTHENTICATED', message: authentication.message } };
    } catch (error) {
      const known = asQueryError(error);
      if (known === null) throw error;
      return { ok: false, refusal: { code: known.code, message: known.message, retryAfterSeconds: 1 } };
    }
  }

  #counted(viewer: Viewer, kind: RequestKind): Admission {
    const { id } = viewer.key;
    if (this.#good.size >= MAX_GOOD_KEYS) this.#good.clear();
    this.#good.add(id);
    const waiting = this.#requests.take(id);
    if (waiting > 0) return tooMany(USED_UP, waiting);
    const forGit = kind === 'git' ? this.#gitRequests.take(id) : 0;
    if (forGit > 0) return tooMany('This key has used up what git may ask with it in this minute.', forGit);
    this.#storage.touchKey(id);
    return { ok: true, viewer };
  }
}

function tooMany(message: string, retryAfterSeconds: number): Admission {
  return { ok: false, refusal: { code: 'RATE_LIMITED', message, hint: `Come back in ${retryAfterSeconds} s.`, retryAfterSeconds } };
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
function network(address: string): string {
  return isIPv6(address) && !address.includes('.') ? expanded(address).slice(0, 4).join(':') : address;
}

function expanded(address: string): string[] {
  const [head = '', tail] = address.split('%', 1).join('').split('::');
  const left = head === '' ? [] : head.split(':');
  const right = tail === undefined || tail === '' ? [] : tail.split(':');
  return tail === undefined ? left : [...left, ...Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0'), ...right];
}
