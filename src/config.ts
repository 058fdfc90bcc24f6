import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { isNetwork } from './shared/networks.js';
import { patternFault } from './shared/name-pattern.js';
import { StartRefused } from './shared/start-refused.js';

/** One environment variable: how its text is read, what holds without it, and what the settings table of the README says. */
export interface Setting<T> {
  readonly variable: string;
  readonly description: string;
  /** What the README shows as default; for computed defaults a few words. */
  readonly shown: string;
  readonly fallback: T;
  /** The value, or the words that complete the sentence “VARIABLE must be …”. */
  readonly read: (text: string) => { readonly value: T } | { readonly mustBe: string };
}

const KIB = 1024;
const MIB = 1024 * KIB;
const SECOND = 1_000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;

/** Every setting, in the shape of {@link Config}: the one list from which reading, checking and the README's table follow. */
export const SETTINGS = {
  port: integer('PORT', 4000, 0, 65_535, 'TCP port to listen on; 0 lets the system choose one'),
  host: text('HOST', '127.0.0.1', 'address to listen on; `0.0.0.0` or `::` for every network'),
  dataDir: directory('WEIR_DATA', './data', 'directory for objects and, without `DATABASE_URL`, the database'),
  diskReserveBytes: bytes('WEIR_DISK_RESERVE', 1024 * MIB, 'free bytes on the disk of `WEIR_DATA` below which writes are refused and reads go on; 1B to go on to the last'),
  systemDir: directory('WEIR_SYSTEM_DIR', '/var/lib/weir', 'where root keeps the database when `WEIR_DATA` is closed to other accounts (a root home)'),
  databaseUrl: optional('DATABASE_URL', databaseUrl, 'a Postgres 15 or newer to use instead of the private one, `postgres://user:password@host:5432/name`'),
  databasePool: integer('WEIR_DATABASE_POOL', 16, 2, 500, 'most connections to the database that one gateway opens for requests'),
  databaseWaitMs: duration('WEIR_DATABASE_WAIT', 10 * SECOND, 'how long a start waits for the database of `DATABASE_URL` to answer'),
  adminKey: optional('WEIR_ADMIN_KEY', adminKey, 'value of the first admin key, `weir_<id>_<secret>`; counts only while no key exists'),
  logLevel: choice('WEIR_LOG_LEVEL', 'info', ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'], 'what is logged'),
  accessLog: flag('WEIR_ACCESS_LOG', true, 'whether each request leaves a line in the log: its id, key, operations, status, duration and bytes'),
  metricsRepos: integer('WEIR_METRICS_REPOS', 0, 0, 1000, 'so many of the busiest repositories have metrics of their own at `/metrics`; 0 for none'),
  publicUrl: optional('WEIR_PUBLIC_URL', httpUrl, 'the address under which clients reach this gateway, for clone addresses and the first sentence it prints'),
  trustedProxies: list('WEIR_TRUSTED_PROXIES', network, 'networks of proxies whose `X-Forwarded-For` says which address a request comes from, such as `10.1.0.0/16`, separated by commas; none unless listed'),
  corsOrigins: list('WEIR_CORS_ORIGINS', httpOrigin, 'origins whose pages may call the API with a key, separated by commas; none unless listed'),
  introspection: flag('WEIR_INTROSPECTION', true, 'whether the schema can be asked for, and mistakes are answered with suggestions from it'),
  graphiql: flag('WEIR_GRAPHIQL', true, 'whether the playground is served at `/graphiql`'),
  retentionMs: duration('WEIR_RETENTION_INTERVAL', HOUR, 'how often the retention policy of a repository is applied in the background'),
  branchNaming: choice('WEIR_BRANCH_NAMING', 'open', ['open', 'strict'], 'whether branches may have any name, or only those of `WEIR_BRANCH_PATTERNS`'),
  branchPatterns: list('WEIR_BRANCH_PATTERNS', branchPattern, 'patterns of branch names for `strict`, separated by commas; `<word>` stands for one character or more of a segment', ['session/<id>', 'proposal/<feature>-<run-id>']),
  gitProgram: text('WEIR_GIT', 'git', 'the git program that makes packs and archives, 2.34 or newer: a name that is looked for in the usual places, or an absolute path'),
  gitProcesses: integer('WEIR_GIT_PROCESSES', 16, 1, 1000, 'most git programs that one gateway runs at once; who comes then waits 5 s and is told to come back'),
  gitTimeoutMs: duration('WEIR_GIT_TIMEOUT', HOUR, 'longest run of a git program, such as one clone'),
  forcePush: flag('WEIR_FORCE_PUSH', false, 'whether `git push --force` may take commits from a branch that is not protected; undo brings them back'),
  pushIdleMs: duration('WEIR_PUSH_IDLE', 60 * SECOND, 'how long a push may send less than 1 KiB a second before it is given up; a whole push may take as long as it needs'),
  pushMemoryBytes: bytes('WEIR_PUSH_MEMORY', 1024 * MIB, 'most memory of its own that the git program takes to check one push; a file above 16 MiB that is sent whole takes none'),
  allowedFaults: list('WEIR_PUSH_ALLOWED_FAULTS', fsckFault, 'faults that old histories have, by the names of git fsck, with which pushed objects are taken all the same', ['zeroPaddedFilemode', 'missingSpaceBeforeDate', 'badTimezone', 'missingTypeEntry']),
  webhooks: {
    key: optional('WEIR_WEBHOOK_KEY', sealingKey, 'what seals the secrets of webhooks and the passwords of mirrors in the database, 32 bytes in base64; `webhook.key` in the data directory, made at the first start, unless given'),
    networks: list('WEIR_WEBHOOK_NETWORKS', network, 'networks that webhooks may reach although they are private, such as `10.1.0.0/16`, separated by commas; none unless listed'),
    http: flag('WEIR_WEBHOOK_HTTP', false, 'whether webhooks may lead to `http://` addresses'),
    timeoutMs: duration('WEIR_WEBHOOK_TIMEOUT', 15 * SECOND, 'longest attempt to deliver an event to a webhook'),
    retryMs: span('WEIR_WEBHOOK_RETRY', DAY, 'how long the delivery of an event is tried again before it is given up'),
    keepMs: span('WEIR_WEBHOOK_LOG', 7 * DAY, 'how long a webhook’s log shows what was delivered or given up'),
  },
  imports: {
    hosts: list('WEIR_IMPORT_HOSTS', remoteHost, 'hosts from which `importRepo` may import, such as `github.com` or `*.example.org`, with a port where it is not the usual one, separated by commas; none unless listed'),
    networks: list('WEIR_IMPORT_NETWORKS', network, 'networks that imports may reach although they are private, such as `10.1.0.0/16`, separated by commas; none unless listed'),
    http: flag('WEIR_IMPORT_HTTP', false, 'whether repositories may be imported from `http://` addresses'),
    timeoutMs: duration('WEIR_IMPORT_TIMEOUT', HOUR, 'longest fetch of an import'),
    atOnce: integer('WEIR_IMPORTS_AT_ONCE', 2, 1, 100, 'imports that one gateway works on at once'),
    most: integer('WEIR_MAX_IMPORTS', 100, 1, 100_000, 'most imports that wait or are worked on'),
    keepMs: span('WEIR_KEEP_IMPORTS', 30 * DAY, 'how long an import that has ended is listed, at least 7d', 7 * DAY),
  },
  mirrors: {
    hosts: list('WEIR_MIRROR_HOSTS', remoteHost, 'hosts that repositories may be mirrored to, such as `github.com` or `*.example.org`, with a port where it is not the usual one, separated by commas; none unless listed'),
    networks: list('WEIR_MIRROR_NETWORKS', network, 'networks that mirrors may be in although they are private, such as `10.1.0.0/16`, separated by commas; none unless listed'),
    http: flag('WEIR_MIRROR_HTTP', false, 'whether mirrors may have `http://` addresses'),
    timeoutMs: duration('WEIR_MIRROR_TIMEOUT', HOUR, 'longest push to a mirror'),
    atOnce: integer('WEIR_MIRRORS_AT_ONCE', 2, 1, 100, 'mirrors that one gateway pushes to at once'),
  },
  tracing: {
    endpoint: optional('OTEL_EXPORTER_OTLP_ENDPOINT', httpUrl, 'where traces are sent by OTLP over HTTP (JSON), to `v1/traces` below it, such as `http://localhost:4318`; without it nothing is traced'),
    tracesEndpoint: optional('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT', httpUrl, 'the same for traces alone, as the whole address'),
    headers: pairs('OTEL_EXPORTER_OTLP_HEADERS', 'sent with every export, `name=value` separated by commas, values percent-encoded'),
    timeoutMs: duration('OTEL_EXPORTER_OTLP_TIMEOUT', 10 * SECOND, 'longest export of a batch of spans'),
    serviceName: text('OTEL_SERVICE_NAME', 'weir', 'name of this gateway in traces'),
    resource: pairs('OTEL_RESOURCE_ATTRIBUTES', 'what else traces say of this gateway, `name=value` separated by commas'),
    sampler: choice('OTEL_TRACES_SAMPLER', 'parentbased_always_on', ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'], 'which traces are kept'),
    samplerRatio: share('OTEL_TRACES_SAMPLER_ARG', 1, 'share of traces that the samplers with `ratio` keep'),
    disabled: flag('OTEL_SDK_DISABLED', false, 'turns tracing off whatever else is set'),
  },
  limits: {
    requestBytes: bytes('WEIR_MAX_REQUEST', 8 * MIB, 'largest request body'),
    inlineFileBytes: bytes('WEIR_MAX_INLINE_FILE', 25 * MIB, 'largest file written or read through GraphQL'),
    streamedFileBytes: bytes('WEIR_MAX_STREAMED_FILE', 100 * MIB, 'largest file streamed to or from the gateway'),
    pushBytes: bytes('WEIR_MAX_PUSH', 1024 * MIB, 'largest pack that a push or an import may send'),
    changesPerCheckpoint: integer('WEIR_MAX_CHANGES', 10_000, 1, 1_000_000, 'most file changes in one checkpoint'),
    repoBytes: bytes('WEIR_MAX_REPO_SIZE', 64 * 1024 * MIB, 'most bytes on disk that the packs of one repository may take'),
    checkpointBytes: bytes('WEIR_MAX_CHECKPOINT', 1024 * MIB, 'most bytes in the files that one checkpoint writes, all together'),
    pageSize: integer('WEIR_MAX_PAGE', 100, 1, 10_000, 'largest `first` or `last` of a connection'),
    treeDepth: integer('WEIR_MAX_TREE_DEPTH', 64, 1, 1024, 'deepest path, in components'),
    queryDepth: integer('WEIR_MAX_QUERY_DEPTH', 20, 15, 1000, 'deepest selection of a GraphQL document'),
    queryCost: integer('WEIR_MAX_QUERY_COST', 50_000, 100, 100_000_000, 'highest cost of a GraphQL document, which grows with `first`'),
    queryTimeoutMs: duration('WEIR_QUERY_TIMEOUT', 10 * SECOND, 'longest run of a query'),
    mutationTimeoutMs: duration('WEIR_MUTATION_TIMEOUT', 30 * SECOND, 'longest run of a mutation'),
    drainMs: duration('WEIR_DRAIN_TIMEOUT', 10 * SECOND, 'how long a stop waits for open requests'),
    cacheBytes: bytes('WEIR_CACHE', 256 * MIB, 'memory for cached objects and diffs'),
    diffBytes: bytes('WEIR_MAX_DIFF', 10 * MIB, 'largest side of a file diff; above it a diff says `TOO_LARGE` with its stats'),
    diffMs: duration('WEIR_DIFF_TIMEOUT', 2 * SECOND, 'longest computation of one file diff'),
    mergeMs: duration('WEIR_MERGE_TIMEOUT', 10 * SECOND, 'longest comparison of lines in one merge'),
    reposPerKey: integer('WEIR_MAX_REPOS', 100_000, 1, 10_000_000, 'most repositories that one key may have made, deleted ones not counted'),
    branchesPerRepo: integer('WEIR_MAX_BRANCHES', 100_000, 1, 10_000_000, 'most branches of a repository, deleted ones not counted'),
    openProposalsPerRepo: integer('WEIR_MAX_PROPOSALS', 10_000, 1, 10_000_000, 'most proposals of a repository that are neither merged nor closed'),
    keepDeletedReposMs: span('WEIR_KEEP_DELETED_REPOS', 30 * DAY, 'how long a deleted repository can be restored; then it is removed for good'),
    webhooks: integer('WEIR_MAX_WEBHOOKS', 1000, 1, 100_000, 'most webhooks'),
    idleAfterMs: span('WEIR_IDLE_AFTER', 14 * DAY, 'how long a branch may rest before it is `IDLE`, unless its repository says otherwise'),
    subscriptionsPerKey: integer('WEIR_MAX_SUBSCRIPTIONS', 1000, 1, 1_000_000, 'most open subscriptions of one key'),
    socketsPerKey: integer('WEIR_MAX_SOCKETS', 10_000, 1, 1_000_000, 'most open WebSockets of one key on one gateway'),
    derivedKeysPerKey: integer('WEIR_MAX_DERIVED_KEYS', 10_000, 0, 10_000_000, 'most live keys that are derived from one key, directly or not'),
    derivedKeyMs: span('WEIR_MAX_DERIVED_KEY_LIFE', 7 * DAY, 'longest life of a derived key'),
    keyRotationMs: span('WEIR_KEY_ROTATION', DAY, 'how long the secret of a key works on after its rotation'),
    atOnce: integer('WEIR_AT_ONCE', 32, 1, 10_000, 'GraphQL operations that one gateway works on at once; others wait, each key in a line of its own'),
    waitMs: duration('WEIR_MAX_WAIT', 2 * SECOND, 'longest wait for that; whoever would wait longer is told at once to come back later (`BUSY`)'),
    requestsPerMinute: integer('WEIR_RATE_LIMIT', 60_000, 0, 100_000_000, 'requests a minute that one key may make on one gateway; 0 for no limit'),
    mutationsPerMinute: integer('WEIR_MUTATION_LIMIT', 30_000, 0, 100_000_000, 'mutations a minute that one key may make on one gateway; 0 for no limit'),
    gitRequestsPerMinute: integer('WEIR_GIT_RATE_LIMIT', 6_000, 0, 100_000_000, 'requests a minute that git may make with one key on one gateway; 0 for no limit'),
    requestsPerMinuteAndAddress: integer('WEIR_ADDRESS_RATE_LIMIT', 600_000, 0, 100_000_000, 'requests a minute from one address, whatever their keys; 0 for no limit'),
    failedKeysPerMinute: integer('WEIR_FAILED_KEY_LIMIT', 60, 0, 1_000_000, 'requests a minute with a wrong key that one address may make; 0 for no limit'),
  },
} as const satisfies { readonly [name: string]: Setting<unknown> | { readonly [member: string]: Setting<unknown> } };

type Values<S> = { readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : Values<S[K]> };

/** All settings of a process, read once: frozen, complete, and every value within its bounds. Sizes in bytes, durations in milliseconds. */
export type Config = Values<typeof SETTINGS>;

/**
 * Reads the settings. An empty variable counts as absent (compose files and unit files leave such).
 * @throws StartRefused for the first malformed value: one sentence with the variable, what it must be and, unless secret, what it is.
 */
export function loadConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  const { limits, tracing, webhooks, imports, mirrors, ...top } = SETTINGS;
  return Object.freeze({
    ...readAll(top, environment),
    imports: Object.freeze(readAll(imports, environment)),
    mirrors: Object.freeze(readAll(mirrors, environment)),
    webhooks: Object.freeze(readAll(webhooks, environment)),
    tracing: Object.freeze(readAll(tracing, environment)),
    limits: Object.freeze(readAll(limits, environment)),
  });
}

/** The variables that begin with `WEIR_` and are no setting: most likely misspelt, but container platforms also inject such names, so a warning. */
export function unknownSettings(environment: Readonly<Record<string, string | undefined>> = process.env): string[] {
  const known = new Set(describeSettings().map(({ variable }) => variable));
  return Object.keys(environment).filter((name) => name.startsWith('WEIR_') && !known.has(name)).sort();
}

/** The rows of the README's settings table, in order. */
export function describeSettings(): readonly Pick<Setting<unknown>, 'variable' | 'shown' | 'description'>[] {
  const { limits, tracing, webhooks, imports, mirrors, ...top } = SETTINGS;
  return [...Object.values(top), ...Object.values(imports), ...Object.values(mirrors), ...Object.values(webhooks), ...Object.values(tracing), ...Object.values(limits)];
}

function readAll<S extends { readonly [name: string]: Setting<unknown> }>(settings: S, environment: Readonly<Record<string, string | undefined>>): Values<S> {
  const values = Object.entries(settings).map(([name, setting]) => [name, readOne(setting, environment[setting.variable])]);
  // Object.fromEntries forgets which name had which type; the entries were made from `settings`, name by name.
  return Object.fromEntries(values) as Values<S>;
}

const SECRET: ReadonlySet<string> = new Set(['DATABASE_URL', 'WEIR_ADMIN_KEY', 'WEIR_WEBHOOK_KEY', 'OTEL_EXPORTER_OTLP_HEADERS']);

function readOne<T>(setting: Setting<T>, given: string | undefined): T {
  const trimmed = given?.trim() ?? '';
  if (trimmed === '') return setting.fallback;
  const result = setting.read(trimmed);
  if ('value' in result) return result.value;
  const is = SECRET.has(setting.variable) ? '' : `, and is ${JSON.stringify(trimmed)}`;
  throw new StartRefused(`${setting.variable} must be ${result.mustBe}${is}.`);
}

function integer(variable: string, fallback: number, minimum: number, maximum: number, description: string): Setting<number> {
  const mustBe = `a whole number from ${minimum} to ${maximum}`;
  return {
    variable, description, fallback, shown: String(fallback),
    read: (given) => (/^\d{1,15}$/.test(given) && Number(given) >= minimum && Number(given) <= maximum ? { value: Number(given) } : { mustBe }),
  };
}

const SIZES: ReadonlyMap<string, number> = new Map([['', 1], ['b', 1], ['kb', 1000], ['mb', 1e6], ['gb', 1e9], ['kib', KIB], ['mib', MIB], ['gib', KIB * MIB]]);

function bytes(variable: string, fallback: number, description: string): Setting<number> {
  return {
    variable, description, fallback, shown: `${fallback / MIB} MiB`,
    read: (given) => scaled(given, SIZES, 1, 1024 * KIB * MIB) ?? { mustBe: 'a size such as 8MiB, 25MB or 1048576 (bytes), at most 1024GiB' },
  };
}

const DURATIONS: ReadonlyMap<string, number> = new Map([['', 1], ['ms', 1], ['s', SECOND], ['m', 60 * SECOND], ['h', HOUR], ['d', DAY], ['w', 7 * DAY]]);

function duration(variable: string, fallback: number, description: string): Setting<number> {
  return {
    variable, description, fallback, shown: `${fallback / SECOND} s`,
    read: (given) => scaled(given, DURATIONS, 1, DAY) ?? { mustBe: 'a duration such as 500ms, 10s, 2m or 1500 (milliseconds), from 1ms to 24h' },
  };
}

/** A duration that is told in days. */
function span(variable: string, fallback: number, description: string, minimum = 1): Setting<number> {
  return {
    variable, description, fallback, shown: `${fallback / DAY} d`,
    read: (given) => scaled(given, DURATIONS, minimum, 3650 * DAY) ?? { mustBe: `a duration such as 12h, 14d or 8w, ${minimum < DAY ? '' : `at least ${minimum / DAY}d and `}at most 3650d` },
  };
}

function scaled(given: string, units: ReadonlyMap<string, number>, minimum: number, maximum: number): { readonly value: number } | undefined {
  const [, digits, unit] = /^(\d{1,15}(?:\.\d{1,3})?)\s*([a-z]*)$/i.exec(given) ?? [];
  const scale = units.get(unit?.toLowerCase() ?? '');
  if (digits === undefined || scale === undefined) return undefined;
  const value = Number(digits) * scale;
  return Number.isSafeInteger(value) && value >= minimum && value <= maximum ? { value } : undefined;
}

function text(variable: string, fallback: string, description: string): Setting<string> {
  return { variable, description, fallback, shown: fallback, read: (given) => (/[\s\0]/.test(given) ? { mustBe: 'one word' } : { value: given }) };
}

/** Relative paths count from the working directory, a leading `~/` from the home directory (shells expand it, unit files do not). */
function directory(variable: string, fallback: string, description: string): Setting<string> {
  return {
    variable, description, fallback: absolute(fallback), shown: fallback,
    read: (given) => (given.includes('\0') ? { mustBe: 'a path' } : { value: absolute(given) }),
  };
}

function absolute(path: string): string {
  return path.startsWith('~/') ? join(homedir(), path.slice(2)) : resolve(path);
}

function choice<const T extends string>(variable: string, fallback: T, allowed: readonly T[], description: string): Setting<T> {
  return {
    variable, description: `${description}: ${allowed.join(', ')}`, fallback, shown: fallback,
    read: (given) => {
      const value = allowed.find((one) => one === given);
      return value === undefined ? { mustBe: `one of ${allowed.join(', ')}` } : { value };
    },
  };
}

function flag(variable: string, fallback: boolean, description: string): Setting<boolean> {
  return {
    variable, description, fallback, shown: fallback ? 'on' : 'off',
    read: (given) => (/^(?:on|true|1)$/iu.test(given) ? { value: true } : /^(?:off|false|0)$/iu.test(given) ? { value: false } : { mustBe: '`on` or `off`' }),
  };
}

type Reader = Setting<string>['read'];

function optional(variable: string, read: Reader, description: string): Setting<string | undefined> {
  return { variable, description, fallback: undefined, shown: 'none', read };
}

function list(variable: string, read: Reader, description: string, fallback: readonly string[] = []): Setting<readonly string[]> {
  return {
    variable, description, fallback: Object.freeze(fallback), shown: fallback.length === 0 ? 'none' : fallback.join(','),
    read: (given) => {
      const value: string[] = [];
      for (const item of given.split(',').map((one) => one.trim()).filter((one) => one !== '')) {
        const result = read(item);
        if ('mustBe' in result) return { mustBe: `a list, separated by commas, of which each is ${result.mustBe}` };
        value.push(result.value);
      }
      return { value: Object.freeze(value) };
    },
  };
}

/** Names and values as the OpenTelemetry specification writes them in variables: W3C Baggage without properties. */
function pairs(variable: string, description: string): Setting<Readonly<Record<string, string>>> {
  const mustBe = 'a list, separated by commas, of which each is name=value, the value percent-encoded';
  return {
    variable, description, fallback: Object.freeze({}), shown: 'none',
    read: (given) => {
      const value: [string, string][] = [];
      for (const item of given.split(',').filter((one) => one.trim() !== '')) {
        const [, name, encoded] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z/-]+)\s*=\s*([\x21-\x7e]*)\s*$/u.exec(item) ?? [];
        const decoded = decodedValue(encoded);
        if (name === undefined || decoded === undefined) return { mustBe };
        value.push([name, decoded]);
      }
      return { value: Object.freeze(Object.fromEntries(value)) };
    },
  };
}

function decodedValue(encoded: string | undefined): string | undefined {
  try {
    const text = encoded === undefined ? undefined : decodeURIComponent(encoded);
    return text !== undefined && /^[^\p{Cc}]*$/u.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

function share(variable: string, fallback: number, description: string): Setting<number> {
  return {
    variable, description, fallback, shown: String(fallback),
    read: (given) => (/^(?:0?\.\d{1,9}|[01](?:\.0{0,9})?)$/.test(given) ? { value: Number(given) } : { mustBe: 'a number from 0 to 1' }),
  };
}

function databaseUrl(given: string): ReturnType<Reader> {
  // Its parts are read, and refused, where they are used: libpq's addresses are not all URLs.
  return /^postgres(?:ql)?:\/\/\S+$/.test(given) ? { value: given } : { mustBe: 'an address such as postgres://user:password@host:5432/name' };
}

function adminKey(given: string): ReturnType<Reader> {
  return /^weir_[A-Za-z0-9]{12}_[A-Za-z0-9]{43}$/.test(given) ? { value: given } : { mustBe: 'a key: weir_, 12 letters or digits, _, 43 letters or digits' };
}

function sealingKey(given: string): ReturnType<Reader> {
  return /^[A-Za-z0-9+/]{43}=$/.test(given) ? { value: given } : { mustBe: '32 bytes in base64, such as `openssl rand -base64 32` prints' };
}

function network(given: string): ReturnType<Reader> {
  return isNetwork(given) ? { value: given } : { mustBe: 'a network such as 10.1.0.0/16 or fd00::/8' };
}

function remoteHost(given: string): ReturnType<Reader> {
  const host = given.toLowerCase();
  return /^(?:\*\.)?(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?$/.test(host) ? { value: host } : { mustBe: 'a host such as github.com, *.example.org or git.example.org:8443' };
}

function httpUrl(given: string): ReturnType<Reader> {
  const url = parsedUrl(given);
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '') return { mustBe: 'an address such as https://weir.example.com' };
  return { value: url.href.replace(/\/$/, '') };
}

function branchPattern(given: string): ReturnType<Reader> {
  return patternFault(given) === null ? { value: given } : { mustBe: 'a pattern such as session/<id>' };
}

/** The names of fsck's messages (git-fsck, fsck messages). */
function fsckFault(given: string): ReturnType<Reader> {
  return /^[a-z][A-Za-z0-9]{2,40}$/.test(given) ? { value: given } : { mustBe: 'a name of a message of git fsck, such as zeroPaddedFilemode' };
}

function httpOrigin(given: string): ReturnType<Reader> {
  const url = parsedUrl(given);
  return url !== undefined && /^https?:$/.test(url.protocol) && url.origin === given ? { value: given } : { mustBe: 'an origin such as https://app.example.com' };
}

function parsedUrl(given: string): URL | undefined {
  return URL.canParse(given) ? new URL(given) : undefined;
}

/**
 * Tells the libraries that they run in production, unless NODE_ENV says otherwise. To be called before they are loaded, since they look
 * only then: elsewhere graphql-js asks of every value it completes whether a second copy of itself made its type, which takes a sixth of a
 * warm query.
 */
export function runInProduction(): void {
  process.env['NODE_ENV'] ??= 'production';
}
