import { userInfo } from 'node:os';
import { openApp, type App } from '../app.js';
import { ownViewer } from '../auth/viewer.js';
import { loadConfig } from '../config.js';
import type { Log } from '../operations/gateway.js';
import type { Request } from '../operations/request.js';
import type { Terminal } from './command.js';

/** Opens the gateway's insides for one command, beside whatever server runs on the same data directory, and closes them after it. */
export async function withApp<T>(terminal: Terminal, work: (app: App) => Promise<T>): Promise<T> {
  const app = await openApp(loadConfig(), { log: quietLog(terminal) });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** A request of whoever may run commands on the data directory: that person could change every byte in it, so the key may do all. */
export function operatorRequest(app: App): Request {
  const viewer = ownViewer('command-line', 'command line', `operator:${userName()}`);
  return { gateway: app.gateway, reader: app.storage.reader(), requestId: `command-${process.pid}`, signal: new AbortController().signal, viewer };
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without an entry in the password file, as containers have.
    return String(process.getuid?.() ?? 'unknown');
  }
}

/** Commands speak in sentences; only what went wrong reaches the terminal. */
function quietLog(terminal: Terminal): Log {
  return { info: () => undefined, warn: () => undefined, error: (_fields, message) => terminal.err(message) };
}
