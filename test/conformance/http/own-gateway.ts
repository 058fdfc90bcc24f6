import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openApp } from '../../../src/app.js';
import { listen } from '../../../src/cli/listen.js';
import { loadConfig } from '../../../src/config.js';
import { createServer } from '../../../src/server/index.js';
import { SILENT } from '../../support/operations.js';
import type { ServedGateway } from './sides.js';

/** Opens a gateway that listens, on a private database in a new directory; `close` removes both. */
export async function openOwnGateway(): Promise<ServedGateway & { close(): Promise<void> }> {
  const directory = mkdtempSync(join(tmpdir(), 'weir-conformance-'));
  // The account of the private database must pass through it.
  chmodSync(directory, 0o711);
  const config = loadConfig({ WEIR_DATA: join(directory, 'data'), WEIR_SYSTEM_DIR: join(directory, 'system'), WEIR_LOG_LEVEL: 'silent', WEIR_RATE_LIMIT: '0', PORT: '0' });
  const app = await openApp(config, { log: SILENT });
  const adminKey = (await app.firstAdminKey()) ?? '';
  const server = createServer({ gateway: app.gateway, settings: config, ready: async () => true });
  const listening = await listen(server, { host: '127.0.0.1', port: 0 });
  return {
    app, adminKey, url: listening.url,
    async close() {
      await listening.drain(2_000);
      await app.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
