import type { IncomingMessage } from 'node:http';
import { expect } from 'vitest';
import type { MirrorRecord } from '../../../src/domain/mirror.js';
import { setMirror } from '../../../src/operations/mirror/set-mirror.js';
import { gitClient } from '../../support/git-client.js';
import { serveHttpBackend } from '../../support/http-backend.js';
import { receiptOf } from '../../support/operations.js';
import { openWorld, type VerbWorld } from '../../support/verbs.js';

/** A password with all that addresses, headers and JSON have to escape. */
export const PASSWORD = 'p4ss:word/%"\\';
export const POLL = { timeout: 20_000, interval: 20 } as const;

/** A repository and another one elsewhere. */
export interface Mirrored {
  readonly repo: string;
  readonly repoId: number;
  readonly url: string;
  /** The references there, by name. */
  refs(): Promise<Record<string, string>>;
  /** Runs git there. */
  git(...args: string[]): Promise<string>;
}

/** How the other side answers instead of as it should. */
export interface Refusing {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** What the other side is asked for, and what becomes of it; tests set and reset it. */
export class OtherSide {
  refusing: Refusing | null = null;
  /** What requests wait for before they are answered. */
  holding: Promise<void> | null = null;
  /** The `Authorization` headers that came. */
  readonly shown = new Set<string>();
  /** Requests that bring a push. */
  pushes = 0;
  /** Requests that are under way, and the most that were since {@link reset}. */
  under = 0;
  most = 0;

  /** Counts from nothing. */
  reset(): void {
    [this.pushes, this.most] = [0, this.under];
  }

  came(request: IncomingMessage): void {
    this.shown.add(request.headers.authorization ?? '');
    if (request.method === 'POST') this.pushes += 1;
    this.most = Math.max(this.most, ++this.under);
  }
}

/** A world whose mirrors are on this machine, with another side that can be told to misbehave. */
export interface MirrorWorld {
  readonly world: VerbWorld;
  readonly theirs: OtherSide;
  admin(): ReturnType<VerbWorld['as']>;
  /** A repository and an empty one elsewhere, which is not its mirror yet. */
  pair(): Promise<Mirrored>;
  /** The same with the mirror set, which is not pushed to yet. */
  mirrored(): Promise<Mirrored>;
  mirrorOf(made: Pick<Mirrored, 'repoId'>): Promise<MirrorRecord | null>;
  /** Waits until the mirror has everything. */
  settled(made: Pick<Mirrored, 'repoId'>): Promise<void>;
  close(): Promise<void>;
}

/** Opens one. Nothing is pushed until a test begins to. */
export async function openMirrorWorld(): Promise<MirrorWorld> {
  const client = gitClient();
  const theirs = new OtherSide();
  const backend = await serveHttpBackend(client.directory, {
    before: async () => {
      await theirs.holding;
    },
    instead(request, response) {
      theirs.came(request);
      response.once('close', () => (theirs.under -= 1));
      if (theirs.refusing === null) return false;
      response.writeHead(theirs.refusing.status, theirs.refusing.headers).end(theirs.refusing.body);
      return true;
    },
  });
  const world = await openWorld({ settings: { WEIR_MIRROR_HTTP: 'on', WEIR_MIRROR_NETWORKS: '127.0.0.0/8', WEIR_MIRROR_HOSTS: new URL(backend.url).host } });
  const admin = (): ReturnType<VerbWorld['as']> => world.as('operator', { scopes: ['ADMIN'] });
  const mirrorOf: MirrorWorld['mirrorOf'] = ({ repoId }) => world.app.storage.reader().mirror(repoId);
  let targets = 0;
  const pair = async (): Promise<Mirrored> => {
    const made = await world.repo();
    const name = `theirs-${++targets}.git`;
    await client.git('init', '-q', '--bare', name);
    await client.git('-C', name, 'config', 'http.receivepack', 'true');
    const git = (...args: string[]): Promise<string> => client.git('-C', name, ...args);
    return {
      ...made, git, url: `${backend.url}/${name}`,
      refs: async () => Object.fromEntries((await git('for-each-ref', '--format=%(refname) %(objectname)')).trim().split('\n').filter((line) => line !== '').map((line) => line.split(' '))),
    };
  };
  return {
    world, theirs, admin, pair, mirrorOf,
    async mirrored() {
      const made = await pair();
      receiptOf(await setMirror(admin(), { repo: made.repo, url: made.url, username: 'weir', password: PASSWORD }));
      return made;
    },
    async settled(made) {
      await expect.poll(async () => (await mirrorOf(made))?.state, POLL).toBe('UP_TO_DATE');
    },
    async close() {
      await world.close();
      await backend.close();
      client.remove();
    },
  };
}
