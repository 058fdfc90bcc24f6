import type { Config } from '../config.js';
import { loadConfig, unknownSettings } from '../config.js';
import { noArguments } from './arguments.js';
import type { Command, Terminal } from './command.js';
import { type HttpEdge, listen } from './listen.js';

/** An open gateway as far as serving it goes. */
export interface Served {
  readonly edge: HttpEdge;
  /** Makes the first admin key where there is no key at all and answers it; null otherwise. */
  firstAdminKey(): Promise<string | null>;
  /** Ends background work and lets go of the database. */
  close(): Promise<void>;
}

/** `weir serve`, over what opens the gateway. */
export function serveCommand(open: (config: Config) => Promise<Served>): Command {
  return {
    help: `Usage: weir serve

Serves the gateway until it is told to stop (SIGTERM, SIGINT). Then it accepts nothing new,
finishes open requests for up to WEIR_DRAIN_TIMEOUT (10s), stops its private database if
nobody else uses it, and exits with 0. A second signal ends it at once, which loses no
acknowledged write.

Settings come from the environment: PORT (4000), HOST (127.0.0.1), WEIR_DATA (./data),
DATABASE_URL (a private Postgres unless set), WEIR_ADMIN_KEY, and more in the README.
`,
    async run(args, terminal) {
      noArguments('serve', args);
      for (const name of unknownSettings()) terminal.err(`${name} is no setting of Weir; it is ignored.`);
      await serve(loadConfig(), open, terminal, stopSignal());
      return 0;
    },
  };
}

/**
 * Opens, listens, prints the address and, when one was just made, the first admin key; serves until `stop` resolves; drains, closes.
 * The key is made only once the port is ours: otherwise a refused start would print the only copy of a key nobody looks for.
 */
export async function serve(config: Config, open: (config: Config) => Promise<Served>, terminal: Terminal, stop: Promise<string>): Promise<void> {
  const served = await open(config);
  try {
    const listening = await listen(served.edge, config);
    try {
      announce(await served.firstAdminKey(), config, config.publicUrl ?? listening.url, terminal);
      terminal.err(`${await stop} received: finishing open requests.`);
    } finally {
      const cut = await listening.drain(config.limits.drainMs);
      if (cut > 0) terminal.err(`${cut} ${cut === 1 ? 'connection was' : 'connections were'} still open after ${config.limits.drainMs / 1000} s and cut.`);
    }
  } finally {
    await served.close();
  }
}

function announce(key: string | null, config: Config, url: string, terminal: Terminal): void {
  if (key !== null && key === config.adminKey) terminal.out('The key in WEIR_ADMIN_KEY is now the first admin key.');
  else if (key !== null) terminal.out(`The first admin key, shown only this once: ${key}`);
  terminal.out(`Weir listens at ${url}`);
}

/** Resolves with the name of the first signal to stop; the second one ends the process at once, with the code that shells expect. */
export function stopSignal(): Promise<string> {
  return new Promise((resolve) => {
    let stopping = false;
    const codes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.on(signal, () => {
        if (stopping) process.exit(codes[signal]);
        stopping = true;
        resolve(signal);
      });
    }
  });
}
