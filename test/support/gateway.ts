import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp, type App } from '../../src/app.js';
import { type Listening, listen } from '../../src/cli/listen.js';
import { openWebhooks } from '../../src/cli/open-webhooks.js';
import { loadConfig } from '../../src/config.js';
import type { Log } from '../../src/operations/gateway.js';
import { createServer, type GatewayServer } from '../../src/server/index.js';
import { SILENT } from './operations.js';
import { createTestDatabase, type TestDatabase } from './postgres.js';

/** What a GraphQL answer holds. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly data: Json | null | undefined;
  readonly errors: readonly { readonly message: string; readonly path?: readonly (string | number)[]; readonly extensions: { readonly code: string; readonly errorId?: string } }[] | undefined;
}

/** Parsed JSON whose shape the test knows. */
// oxlint-disable-next-line typescript/no-explicit-any -- a test reads what it asked for, and fails where it is not there
export type Json = any;

/** What a test may set. */
export interface GatewayOptions {
  /** Settings by their variables, such as `WEIR_MAX_REQUEST`. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly log?: Log;
  /** Whether events are delivered to webhooks, on this machine too and over http; off unless told. */
  readonly webhooks?: boolean;
  /** What lies there before the gateway opens: filled into an empty database and data directory, with the admin key that it has. */
  readonly laid?: { readonly adminKey: string; lay(database: TestDatabase, dataDir: string): Promise<void> };
}

/** A whole gateway on a database and a directory of its own. */
export interface TestGateway {
  readonly app: App;
  readonly server: GatewayServer;
  readonly database: TestDatabase;
  /** The value of a key with the scope ADMIN. */
  readonly adminKey: string;
  /** Asks without a port: a path, or a request. With `key: null` nobody asks. */
  fetch(path: string, init?: RequestInit & { readonly key?: string | null }): Promise<Response>;
  /** Runs an operation without a port, as the admin unless a key is given. */
  gql(document: string, variables?: Record<string, unknown>, key?: string | null): Promise<Answer>;
  /** Runs an operation that must succeed; answers its data. */
  data(document: string, variables?: Record<string, unknown>, key?: string): Promise<Json>;
  /** Makes a key with every scope but ADMIN and every glob, changed as told; answers its value. */
  createKey(input?: Record<string, unknown>): Promise<string>;
  /** Opens a port (once) and answers its address. */
  listen(): Promise<Listening>;
  /** Opens another gateway on the same database and directory; the caller closes it before this one. */
  beside(): Promise<GatewayBeside>;
  close(): Promise<void>;
}

/** Another gateway on the same database and directory. It has no port until it is told to listen on one. */
export interface GatewayBeside extends Pick<TestGateway, 'fetch' | 'gql' | 'data' | 'close'> {
  listen(port: number): Promise<Listening>;
}

/** What lets webhooks lead to receivers on this machine. */
export const LOCAL_WEBHOOKS = { WEIR_WEBHOOK_HTTP: 'on', WEIR_WEBHOOK_NETWORKS: '127.0.0.0/8' } as const;

const SCOPES = ['READ', 'CREATE_REPO', 'WRITE', 'PROPOSE', 'REVIEW', 'MERGE'];

const CREATE_KEY = 'mutation ($input: CreateApiKeyInput!) { createApiKey(input: $input) { __typename ... on CreateApiKeySuccess { secret } ... on Problem { message } } }';

/** Opens a gateway for the tests of one file. */
export async function startGateway({ settings = {}, log = SILENT, webhooks = false, laid }: GatewayOptions = {}): Promise<TestGateway> {
  const database = await createTestDatabase({ empty: laid !== undefined });
  const dataDir = await mkdtemp(join(tmpdir(), 'weir-gateway-'));
  await laid?.lay(database, dataDir);
  const config = loadConfig({ DATABASE_URL: database.url, WEIR_DATA: dataDir, WEIR_LOG_LEVEL: 'silent', PORT: '0', WEIR_RATE_LIMIT: '0', WEIR_MAX_WAIT: '30s', ...(webhooks ? LOCAL_WEBHOOKS : {}), ...settings });
  const app = await openApp(config, { log });
  const adminKey = laid?.adminKey ?? (await app.firstAdminKey()) ?? '';
  const server = createServer({ gateway: app.gateway, settings: config, ready: async () => { await app.storage.ping(); return true; } });
  const deliverer = webhooks ? openWebhooks(app.gateway, config, (result) => server.delivered(result), { lookMs: 50 }) : undefined;
  let listening: Promise<Listening> | undefined;
  let keys = 0;

  const { fetch: ask, gql, data } = doorsOf(server, adminKey);
  return {
    app, server, database, adminKey, fetch: ask, gql, data,
    async createKey(input = {}) {
      const name = `key-${++keys}`;
      const { createApiKey } = await data(CREATE_KEY, { input: { name, scopes: SCOPES, repos: ['**'], branches: ['**'], actor: name, ...input } });
      if (createApiKey.__typename !== 'CreateApiKeySuccess') throw new TypeError(createApiKey.message);
      return createApiKey.secret;
    },
    async beside() {
      const other = await openApp(config, { log });
      const edge = createServer({ gateway: other.gateway, settings: config, ready: () => Promise.resolve(true) });
      let reachable: Listening | undefined;
      return {
        ...doorsOf(edge, adminKey),
        listen: async (port) => (reachable ??= await listen(edge, { host: '127.0.0.1', port })),
        async close() {
          await reachable?.drain(2_000);
          await other.close();
        },
      };
    },
    listen: () => (listening ??= listen(server, { host: '127.0.0.1', port: 0 })),
    async close() {
      if (listening !== undefined) await (await listening).drain(2_000);
      await deliverer?.close();
      await app.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** The ways to ask a server without a port. */
function doorsOf(server: GatewayServer, adminKey: string): Pick<TestGateway, 'fetch' | 'gql' | 'data'> {
  const ask: TestGateway['fetch'] = (path, { key = adminKey, ...init } = {}) => {
    const headers = new Headers(init.headers);
    if (key !== null && !headers.has('authorization')) headers.set('authorization', `Bearer ${key}`);
    return server.fetch(new Request(`http://gateway.test${path}`, { ...init, headers }));
  };
  const gql: TestGateway['gql'] = async (query, variables = {}, key = adminKey) => {
    const response = await ask('/graphql', { method: 'POST', key, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ query, variables }) });
    const { data, errors }: Json = await response.json();
    return { status: response.status, headers: response.headers, data, errors };
  };
  const data: TestGateway['data'] = async (query, variables, key) => {
    const answer = await gql(query, variables, key);
    if (answer.errors !== undefined) throw new TypeError(`refused: ${JSON.stringify(answer.errors)}`);
    return answer.data;
  };
  return { fetch: ask, gql, data };
}
