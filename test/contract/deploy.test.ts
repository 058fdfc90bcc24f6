import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { describeSettings, loadConfig } from '../../src/config.js';

const text = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const FILES = ['deploy/Dockerfile', 'deploy/compose.yaml', 'deploy/Caddyfile', 'deploy/weir.service'] as const;
/** What is set for others than the gateway: for node, for the database, and for the published port. */
const FOREIGN = new Set(['NODE_ENV', 'POSTGRES_USER', 'POSTGRES_PASSWORD', 'WEIR_PORT']);

describe('what deploys the gateway', () => {
  it.each(FILES)('%s names settings that there are', (file) => {
    const known = new Set(describeSettings().map(({ variable }) => variable));
    const named = [...text(file).matchAll(/\b(?:WEIR_[A-Z_]+|DATABASE_URL|HOST|PORT|POSTGRES_[A-Z]+|NODE_ENV)\b/gu)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name) && !FOREIGN.has(name))).toEqual([]);
  });

  it('sets them to values that are taken', () => {
    const image = Object.fromEntries([...text('deploy/Dockerfile').matchAll(/\b([A-Z_]+)=(\S+)/gu)].map(([, name = '', value]) => [name, value]));
    expect(loadConfig(image)).toMatchObject({ host: '0.0.0.0', port: 4000, dataDir: '/data' });
    const unit = Object.fromEntries([...text('deploy/weir.service').matchAll(/^Environment=([A-Z_]+)=(.+)$/gmu)].map(([, name = '', value]) => [name, value]));
    expect(loadConfig(unit)).toMatchObject({ dataDir: '/var/lib/weir' });
    const url = /DATABASE_URL: (\S+)\$\{POSTGRES_PASSWORD:\?choose one\}(\S+)/u.exec(text('deploy/compose.yaml'));
    expect(loadConfig({ DATABASE_URL: `${url?.[1]}secret${url?.[2]}` }).databaseUrl).toContain('@database:5432/weir');
  });

  it('starts the gateway as npm start does, asks a route that there is, and stops it after it has drained', () => {
    const { scripts } = JSON.parse(text('package.json'));
    expect(text('deploy/Dockerfile')).toContain(JSON.stringify(scripts.start.split(' ')).replaceAll(',', ', '));
    expect(text('deploy/weir.service')).toContain(`/usr/bin/env ${scripts.start}\n`);
    expect(scripts.prepare).toBe('npm run build');
    for (const file of ['deploy/Dockerfile', 'deploy/Caddyfile']) expect(text(file)).toContain('/health/ready');
    expect(text('src/server/index.ts')).toContain("'/health/ready'");
    const { drainMs } = loadConfig({}).limits;
    for (const [file, seconds] of [['deploy/compose.yaml', /stop_grace_period: (\d+)s/u], ['deploy/weir.service', /TimeoutStopSec=(\d+)/u]] as const) {
      expect(Number(seconds.exec(text(file))?.[1]) * 1000).toBeGreaterThan(drainMs);
    }
  });

  it('does not run it as root, and finds every file that it names', () => {
    expect(text('deploy/Dockerfile')).toMatch(/^USER weir$/mu);
    expect(text('deploy/weir.service')).toMatch(/^User=weir$/mu);
    const compose = text('deploy/compose.yaml');
    const gateways = [...compose.matchAll(/^ {2}(gateway-\d): \*gateway$/gmu)].map(([, name]) => `${name}:4000`);
    expect(gateways).toHaveLength(2);
    expect(text('deploy/Caddyfile')).toContain(`reverse_proxy ${gateways.join(' ')} {`);
    for (const file of [/dockerfile: (\S+)/u.exec(compose)?.[1] ?? '', `deploy/${/- \.\/(\S+?):/u.exec(compose)?.[1]}`]) expect(existsSync(new URL(`../../${file}`, import.meta.url))).toBe(true);
  });
});
