import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { describeSettings, loadConfig, unknownSettings, runInProduction } from '../../src/config.js';
import { StartRefused } from '../../src/shared/start-refused.js';

function refusal(environment: Record<string, string>): string {
  try {
    loadConfig(environment);
  } catch (error) {
    if (error instanceof StartRefused) return error.message;
    throw error;
  }
  return 'accepted';
}

describe('settings', () => {
  test('an empty environment gives the documented defaults', () => {
    const config = loadConfig({});
    expect(config).toMatchObject({ port: 4000, host: '127.0.0.1', dataDir: resolve('data'), systemDir: '/var/lib/weir', logLevel: 'info', corsOrigins: [] });
    expect(config.databaseUrl).toBeUndefined();
    expect(config.adminKey).toBeUndefined();
    expect(config.limits).toMatchObject({
      requestBytes: 8_388_608, inlineFileBytes: 26_214_400, streamedFileBytes: 104_857_600, changesPerCheckpoint: 10_000,
      pageSize: 100, treeDepth: 64, cacheBytes: 268_435_456, queryTimeoutMs: 10_000, mutationTimeoutMs: 30_000,
    });
  });

  test('an empty variable counts as absent', () => {
    expect(loadConfig({ PORT: '', DATABASE_URL: '  ' })).toEqual(loadConfig({}));
  });

  test('the object cannot be changed, at any depth', () => {
    const config = loadConfig({ WEIR_CORS_ORIGINS: 'https://a.example' });
    expect(Object.isFrozen(config) && Object.isFrozen(config.limits) && Object.isFrozen(config.corsOrigins)).toBe(true);
  });

  test.each([
    ['1048576', 1_048_576], ['8MB', 8_000_000], ['8 MiB', 8_388_608], ['1.5kib', 1536], ['2gb', 2e9],
  ])('a size may be written %s', (given, bytes) => {
    expect(loadConfig({ WEIR_MAX_REQUEST: given }).limits.requestBytes).toBe(bytes);
  });

  test.each([['1500', 1500], ['250ms', 250], ['10s', 10_000], ['1.5 m', 90_000]])('a duration may be written %s', (given, milliseconds) => {
    expect(loadConfig({ WEIR_QUERY_TIMEOUT: given }).limits.queryTimeoutMs).toBe(milliseconds);
  });

  test('what traces need is read under the names of OpenTelemetry', () => {
    expect(loadConfig({}).tracing).toMatchObject({ endpoint: undefined, tracesEndpoint: undefined, headers: {}, timeoutMs: 10_000, serviceName: 'weir', sampler: 'parentbased_always_on', samplerRatio: 1, disabled: false });
    const { tracing } = loadConfig({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://localhost:4318/', OTEL_EXPORTER_OTLP_HEADERS: 'api-key=a%20b, other = c=d,', OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test', OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.25' });
    expect(tracing).toMatchObject({ endpoint: 'http://localhost:4318', headers: { 'api-key': 'a b', other: 'c=d' }, resource: { 'deployment.environment.name': 'test' }, sampler: 'traceidratio', samplerRatio: 0.25 });
    expect(Object.isFrozen(tracing) && Object.isFrozen(tracing.headers)).toBe(true);
  });

  test('relative directories count from the working directory and ~/ from the home directory', () => {
    expect(loadConfig({ WEIR_DATA: 'x/y' }).dataDir).toBe(resolve('x/y'));
    expect(loadConfig({ WEIR_DATA: '~/weir' }).dataDir).toBe(`${homedir()}/weir`);
    expect(loadConfig({ WEIR_DATA: '/srv/../srv/weir/' }).dataDir).toBe('/srv/weir');
  });

  test.each<[string, string, string]>([
    ['PORT', '70000', 'PORT must be a whole number from 0 to 65535, and is "70000".'],
    ['PORT', '-1', 'PORT must be a whole number from 0 to 65535, and is "-1".'],
    ['PORT', '80a', 'PORT must be a whole number from 0 to 65535, and is "80a".'],
    ['PORT', '1e3', 'PORT must be a whole number from 0 to 65535, and is "1e3".'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'localhost:4318', 'OTEL_EXPORTER_OTLP_ENDPOINT must be an address such as https://weir.example.com, and is "localhost:4318".'],
    ['OTEL_TRACES_SAMPLER_ARG', '1.5', 'OTEL_TRACES_SAMPLER_ARG must be a number from 0 to 1, and is "1.5".'],
    ['OTEL_RESOURCE_ATTRIBUTES', 'a=b,c', 'OTEL_RESOURCE_ATTRIBUTES must be a list, separated by commas, of which each is name=value, the value percent-encoded, and is "a=b,c".'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'token=%zz', 'OTEL_EXPORTER_OTLP_HEADERS must be a list, separated by commas, of which each is name=value, the value percent-encoded.'],
    ['OTEL_EXPORTER_OTLP_HEADERS', 'token=a%0ab', 'OTEL_EXPORTER_OTLP_HEADERS must be a list, separated by commas, of which each is name=value, the value percent-encoded.'],
    ['HOST', 'a b', 'HOST must be one word, and is "a b".'],
    ['WEIR_LOG_LEVEL', 'loud', 'WEIR_LOG_LEVEL must be one of fatal, error, warn, info, debug, trace, silent, and is "loud".'],
    ['WEIR_MAX_REQUEST', '0', 'WEIR_MAX_REQUEST must be a size such as 8MiB, 25MB or 1048576 (bytes), at most 1024GiB, and is "0".'],
    ['WEIR_MAX_REQUEST', '8 megs', 'WEIR_MAX_REQUEST must be a size such as 8MiB, 25MB or 1048576 (bytes), at most 1024GiB, and is "8 megs".'],
    ['WEIR_QUERY_TIMEOUT', '2d', 'WEIR_QUERY_TIMEOUT must be a duration such as 500ms, 10s, 2m or 1500 (milliseconds), from 1ms to 24h, and is "2d".'],
    ['WEIR_CORS_ORIGINS', 'https://a.example, b.example', 'WEIR_CORS_ORIGINS must be a list, separated by commas, of which each is an origin such as https://app.example.com, and is "https://a.example, b.example".'],
    ['WEIR_CORS_ORIGINS', 'https://a.example/', 'WEIR_CORS_ORIGINS must be a list, separated by commas, of which each is an origin such as https://app.example.com, and is "https://a.example/".'],
    ['WEIR_PUBLIC_URL', 'weir.example.com', 'WEIR_PUBLIC_URL must be an address such as https://weir.example.com, and is "weir.example.com".'],
  ])('%s=%s is refused with one sentence', (variable, value, sentence) => {
    expect(refusal({ [variable]: value })).toBe(sentence);
  });

  test.each([['DATABASE_URL', 'mysql://root:hunter2@db/weir'], ['WEIR_ADMIN_KEY', 'weir_short_hunter2']])('a malformed %s is refused without printing it', (variable, value) => {
    expect(refusal({ [variable]: value })).toContain(variable);
    expect(refusal({ [variable]: value })).not.toContain('hunter2');
  });

  test('a well-formed admin key is taken as it is', () => {
    const key = `weir_${'a1B'.repeat(4)}_${'Z'.repeat(43)}`;
    expect(loadConfig({ WEIR_ADMIN_KEY: key }).adminKey).toBe(key);
  });

  test('misspelt settings are named, settings and foreign variables are not', () => {
    expect(unknownSettings({ WEIR_MAX_REQEST: '1', WEIR_DATA: 'x', PATH: '/bin' })).toEqual(['WEIR_MAX_REQEST']);
  });

  test('every setting is described once, as a fragment of a sentence', () => {
    const rows = describeSettings();
    expect(new Set(rows.map(({ variable }) => variable)).size).toBe(rows.length);
    for (const { variable, description, shown } of rows) {
      expect(variable).toMatch(/^(?:PORT|HOST|DATABASE_URL|(?:WEIR|OTEL)_[A-Z_]+)$/);
      expect(description).toMatch(/^\S.{10,}[^.]$/);
      expect(shown).not.toBe('');
    }
  });

  test('every shown default of a limit is what the setting reads as its default', () => {
    const defaults = loadConfig({});
    for (const { variable, shown } of describeSettings().slice(-18)) {
      expect(loadConfig({ [variable]: shown })).toEqual(defaults);
    }
  });
});

describe('the mode of libraries', () => {
  test.each([[undefined, 'production'], ['test', 'test'], ['', '']])('NODE_ENV %j becomes %j', (given, becomes) => {
    const kept = process.env['NODE_ENV'];
    try {
      if (given === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = given;
      runInProduction();
      expect(process.env['NODE_ENV']).toBe(becomes);
    } finally {
      if (kept === undefined) delete process.env['NODE_ENV'];
      else process.env['NODE_ENV'] = kept;
    }
  });
});
