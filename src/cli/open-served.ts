import { pino } from 'pino';
import { openApp, type AppOptions } from '../app.js';
import type { Config } from '../config.js';
import { createServer } from '../server/index.js';
import { openWebhooks, type DelivererPace } from './open-webhooks.js';
import type { Served } from './serve.js';

/** What fault tests have differ from what is served in production. */
interface ServedOptions extends Pick<AppOptions, 'faults'>, DelivererPace {}

/** Opens the gateway for `weir serve`. Its log goes to standard error, so that standard output holds the address and the first key only. */
export async function openServed(config: Config, { faults, ...pace }: ServedOptions = {}): Promise<Served> {
  const log = pino({ level: config.logLevel }, pino.destination({ fd: 2, sync: true }));
  const app = await openApp(config, { log, upkeep: true, ...(faults === undefined ? {} : { faults }) });
  const edge = createServer({
    gateway: app.gateway,
    settings: config,
    ready: async () => {
      await app.storage.ping();
      return true;
    },
  });
  const webhooks = openWebhooks(app.gateway, config, (result) => edge.delivered(result), pace);
  return {
    edge,
    firstAdminKey: () => app.firstAdminKey(),
    async close() {
      await webhooks.close();
      await app.close();
    },
  };
}
