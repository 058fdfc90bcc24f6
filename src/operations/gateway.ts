import type { Limits } from '../domain/limits.js';
import type { BranchNaming } from '../domain/settings/naming.js';
import type { ImportRoom } from '../domain/ports/imports.js';
import type { NativeGit } from '../domain/ports/native-git.js';
import type { Storage } from '../domain/ports/storage.js';
import type { WebhookDestinations } from '../domain/webhook.js';
import type { EventFeed } from '../events/topics.js';
import type { Tracing } from '../shared/tracing.js';
import type { DiffCaches } from './reading/comparing/diff-caches.js';
import type { BranchQueues } from './branch-queues.js';
import type { MirrorRoom } from './mirror/mirror-room.js';
import type { Waits } from './waits.js';

/** Lines for the operator: one JSON object each, never with secrets. */
export interface Log {
  info(fields: Readonly<Record<string, unknown>>, message: string): void;
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
  error(fields: Readonly<Record<string, unknown>>, message: string): void;
}

/** Named points at which a fault test stops the process; absent in production. */
export interface FaultPoints {
  at(point: string): void;
}

/** What webhooks need of a deployment: where they may lead, and where their secrets are safe. */
export interface WebhookRoom {
  readonly destinations: WebhookDestinations;
  /** Makes of a secret what may be stored. */
  seal(secret: string): Buffer;
  /** The secret that was sealed. Throws SealBroken where this deployment has another key than the one that sealed it. */
  open(sealed: Buffer): string;
}

/** What pushes over the git protocol may do beyond the usual. */
export interface PushRules {
  /** True: a push may take commits from a branch, which undo brings back. */
  readonly force: boolean;
  /** Faults of pushed objects that are let pass, by the names of git fsck. */
  readonly allowedFaults: readonly string[];
  /** The largest pack. */
  readonly packBytes: number;
  /** How long one may send next to nothing, in milliseconds. */
  readonly idleMs: number;
}

/** The disk that objects are written to, as of a moment ago; in bytes. */
export interface DiskRoom {
  /** NaN while it is not known. */
  readonly freeBytes: number;
  /** Why nothing more is to be written; null when there is room. */
  shortage(): { readonly freeBytes: number; readonly reserveBytes: number } | null;
}

/** What one gateway process shares among its requests. Nothing in it is the truth: that is in the storage. */
export interface Gateway {
  readonly storage: Storage;
  /** The git program of this machine, for packs and archives. */
  readonly git: NativeGit;
  readonly limits: Limits;
  /** Under which clients reach this gateway, without a slash at the end; null when nobody has said. */
  readonly publicUrl: string | null;
  readonly events: EventFeed;
  /** Results of diffs and merges, which never change. */
  readonly diffs: DiffCaches;
  readonly log: Log;
  /** Fair queues, one a contended branch; see retry in define-operation. */
  readonly queues: BranchQueues;
  /** Where it is told how long clients waited. */
  readonly waits: Waits;
  /** Where it is told what requests are made of. */
  readonly tracing: Tracing;
  readonly webhooks: WebhookRoom;
  readonly mirrors: MirrorRoom;
  readonly push: PushRules;
  readonly disk: DiskRoom;
  readonly imports: ImportRoom;
  readonly faults: FaultPoints | null;
  /** A deployment's narrower rule for repository names; null: the built-in rule alone. */
  readonly repoNamePattern: RegExp | null;
  /** How branches may be named everywhere; a repository can only ask for more. */
  readonly branchNaming: BranchNaming;
  now(): Date;
}
