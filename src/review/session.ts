import { Weir } from '../client/index.js';

const NAME = 'weir.key';

/** The key of this tab: it goes when the tab does. */
export function savedKey(): string | null {
  return sessionStorage.getItem(NAME);
}

/** Keeps a key for this tab, or forgets it. */
export function saveKey(key: string | null): void {
  if (key === null) sessionStorage.removeItem(NAME);
  else sessionStorage.setItem(NAME, key);
}

/** The gateway that served this page. */
export function gatewayFor(key: string): Weir {
  return new Weir({ url: location.origin, key });
}
