/**
 * Advisory locks of Weir that are held outside of transactions, as (class, number) pairs. Locks are per database: `serverLease` is taken
 * in the maintenance database of an embedded server, the others in the database that holds Weir's tables.
 */
export const ADVISORY_LOCKS = {
  /** Shared by everyone who uses an embedded server; who gets it exclusively is the last one and stops the server. */
  serverLease: [0x77656972, 1],
  /** Held while migrating, so that gateways that start together migrate one after the other. */
  migration: [0x77656972, 2],
  /** Held by a backup, of which there is one at a time: it removes what an interrupted one has left. */
  backup: [0x77656972, 3],
} as const satisfies Record<string, readonly [number, number]>;
