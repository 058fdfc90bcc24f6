import type { Limits } from '../domain/limits.js';

/** What the edge needs of a configuration; the gateway's is one. Sizes in bytes, durations in milliseconds. */
export interface ServerSettings {
  /** The address that is listened on; metrics are open to everyone where it is this machine's own. */
  readonly host: string;
  /** Under which clients reach the gateway; its origin may open WebSockets. */
  readonly publicUrl: string | undefined;
  /** Origins whose pages may call the API. */
  readonly corsOrigins: readonly string[];
  /** Whether the schema can be asked for, and mistakes are answered with suggestions from it. */
  readonly introspection: boolean;
  /** Whether `/graphiql` is served. */
  readonly graphiql: boolean;
  /** Whether each request leaves a line in the log. */
  readonly accessLog: boolean;
  /** How many repositories have metrics of their own. */
  readonly metricsRepos: number;
  /** Networks of proxies whose `X-Forwarded-For` is believed. */
  readonly trustedProxies: readonly string[];
  readonly limits: ServerLimits;
}

/** The limits of verbs and reads, and those of the edge alone. */
export interface ServerLimits extends Limits {
  /** Open subscriptions of one key. */
  readonly subscriptionsPerKey: number;
  /** Open WebSockets of one key. */
  readonly socketsPerKey: number;
  /** GraphQL operations that are worked on at once, those aside that wait for a branch or long for the database, or have begun a subscription. */
  readonly atOnce: number;
  /** The longest wait to be one of them, in milliseconds. */
  readonly waitMs: number;
  /** Requests of one key; 0: no limit. */
  readonly requestsPerMinute: number;
  /** Mutations of one key; 0: no limit. */
  readonly mutationsPerMinute: number;
  /** Requests of git by one key; 0: no limit. */
  readonly gitRequestsPerMinute: number;
  /** Requests from one address, whatever their keys; 0: no limit. */
  readonly requestsPerMinuteAndAddress: number;
  /** Requests with a wrong key from one address; 0: no limit. */
  readonly failedKeysPerMinute: number;
}
