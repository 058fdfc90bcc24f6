import { Weir, type Repo } from '../../../src/client/index.js';

/** A gateway, and who asks it: the same from Node and from a page of any origin. */
export interface Site {
  readonly url: string;
  readonly adminKey: string;
  /** What names of repositories begin with, so that two runs on one gateway do not meet. */
  readonly room: string;
}

/** What a client has to do wherever it runs: nothing in it is Node's or a browser's own. */
export interface ClientCase {
  readonly name: string;
  run(site: Site): Promise<void>;
}

/** The client of the admin. */
export function admin({ url, adminKey }: Site): Weir {
  return new Weir({ url, key: adminKey });
}

/** A new repository of the admin. */
export function repoOf(site: Site, name: string, files: readonly { readonly path: string; readonly text: string }[] = []): Promise<Repo> {
  return admin(site).createRepo({ name: `${site.room}/${name}`, files });
}

const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { ... on CreateApiKeySuccess { secret } } }';

/** The value of a new key that may do everything but what admins do. */
export async function keyOf(site: Site, actor: string): Promise<string> {
  const input = { name: actor, actor, scopes: ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE'], repos: ['**'], branches: ['**'] };
  const { createApiKey } = await admin(site).query<{ createApiKey: { secret: string } }>(CREATE_KEY, { input });
  return createApiKey.secret;
}

/** What a promise was rejected with; null when it was not. */
export function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(() => null, (error: unknown) => error);
}

/** Waits until something holds. Rejects after 10 s. */
export async function until(holds: () => boolean): Promise<void> {
  for (const end = Date.now() + 10_000; !holds(); ) {
    if (Date.now() > end) throw new RangeError(`waited in vain until ${holds}`);
    await new Promise((resolve) => {
      setTimeout(resolve, 5);
    });
  }
}
