import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openProcessRoom, type ProcessRoom } from '../support/gateway-process.js';
import type { Json } from '../support/gateway.js';
import { createTestDatabase, type TestDatabase } from '../support/postgres.js';
import { startCollector, type Collector } from '../support/otlp-collector.js';

interface Served {
  /** The exit code after SIGTERM. */
  readonly code: number | null;
  /** The packages of @opentelemetry of which a file was loaded, whoever asked for it: V8 lists every script that it compiled. */
  readonly packages: readonly string[];
  readonly scripts: number;
}

describe('a gateway in a process of its own', () => {
  const coverage = mkdtempSync(join(tmpdir(), 'weir-scripts-'));
  let room: ProcessRoom;
  let database: TestDatabase;
  let collector: Collector;
  beforeAll(async () => {
    room = openProcessRoom({ apart: true });
    database = await createTestDatabase();
    collector = await startCollector();
  });
  afterAll(async () => {
    await room.close();
    await database.drop();
    await collector.close();
    rmSync(coverage, { recursive: true, force: true });
  });

  async function served(name: string, environment: Readonly<Record<string, string>>): Promise<Served> {
    const directory = join(coverage, name);
    const gateway = await room.start({ DATABASE_URL: database.url, NODE_V8_COVERAGE: directory, ...environment });
    await gateway.ask('mutation ($name: String!) { createRepo(input: { name: $name }) { __typename } }', { name });
    const code = await gateway.stop();
    const urls = readdirSync(directory).flatMap((file) => {
      const { result }: Json = JSON.parse(readFileSync(join(directory, file), 'utf8'));
      return result.map(({ url }: Json) => String(url));
    });
    const packages = urls.flatMap((url) => /node_modules\/@opentelemetry\/([^/]+)\//u.exec(url)?.[1] ?? []);
    return { code, packages: [...new Set(packages)].sort(), scripts: urls.length };
  }

  it('loads nothing that traces unless an endpoint is set: only the interface without a body that the metrics package asks for itself', async () => {
    const { code, packages, scripts } = await served('off', {});
    expect(code).toBe(0);
    expect(scripts).toBeGreaterThan(500);
    expect(packages).toEqual(['api']);
  }, 60_000);

  it('loads it where one is set, and has sent all it knows when it ends', async () => {
    const { code, packages } = await served('on', { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    expect(code).toBe(0);
    expect(packages).toEqual(expect.arrayContaining(['api', 'core', 'exporter-trace-otlp-http', 'resources', 'sdk-trace']));
    expect(collector.spans().map(({ name }) => name)).toEqual(expect.arrayContaining(['POST /graphql', 'mutation createRepo', 'verb CREATE_REPO', 'objects write', 'transaction']));
  }, 60_000);
});
