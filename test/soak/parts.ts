/** One long-running test: a file of the suite that takes its seed and its number of runs from outside. */
export interface SoakPart {
  readonly what: string;
  readonly file: string;
  /** Runs of a whole soak, unless told otherwise. */
  readonly runs: number;
  /** Runs of one shard: few enough that a broken-off soak loses a minute or two. */
  readonly shard: number;
  /** What the test is told beside its seed and its number of runs, by variables. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What `npm run soak` knows, by name. */
export const PARTS: ReadonlyMap<string, SoakPart> = new Map([
  ['timeline', { what: 'undo, redo, restore, revertRun, delete and crashes against a model', file: 'test/property/timeline.test.ts', runs: 20_000, shard: 200 }],
  ['one-branch', { what: 'eight clients of two gateways at one branch: is there an order that explains their answers', file: 'test/property/one-branch.test.ts', runs: 500, shard: 10 }],
  ['retention', { what: 'branches in bulk: what a run of retention does is what its dry run listed, and all of it comes back', file: 'test/property/retention-run.test.ts', runs: 10_000, shard: 10_000 }],
  ['events', { what: 'operations through two gateways that are killed, told to subscribers that come and go', file: 'test/faults/events.test.ts', runs: 100_000, shard: 5_000 }],
  ['subscribers', { what: 'subscribers of one gateway: what each costs, and how late the last is told', file: 'test/faults/subscribers.test.ts', runs: 10_000, shard: 10_000 }],
  ['stalled', { what: 'seconds of a megabyte of events each, for a hundred subscribers that do not read: the memory of the gateway', file: 'test/faults/stalled-readers.test.ts', runs: 60, shard: 60 }],
  ['landing', { what: 'fifty agents race non-conflicting proposals into one branch through two gateways: all land, one on the other', file: 'test/property/landing.test.ts', runs: 250, shard: 250 }],
  ['push', { what: 'seconds of sixteen git clients that push and sixteen GraphQL writers, at one repository: no head that was told of is lost', file: 'test/faults/push-load.test.ts', runs: 60, shard: 60 }],
  ['packs', { what: 'mutated packs pushed to a gateway: each is refused, or is whole and taken whole', file: 'test/api/git-push-hostile.test.ts', runs: 20_000, shard: 10_000 }],
  ['timing', { what: 'pairs of what is foreign and what is absent, by every way to ask: as long within a twentieth', file: 'test/security/foreign-takes-as-long.test.ts', runs: 2_000, shard: 2_000 }],
  ['crafted', { what: 'hundreds of crafted pushes, every kind of fault at every place, once: each is refused, or without a fault', file: 'test/api/git-push-crafted.test.ts', runs: 1, shard: 1 }],
  ['canary', { what: 'random queries by every kind of key: none is told a secret of what it may not read', file: 'test/security/canary.test.ts', runs: 5_000, shard: 1_000 }],
  ['inputs', { what: 'every bad input at every place of every mutation, field and address, once', file: 'test/security/bad-inputs.test.ts', runs: 50_000, shard: 50_000 }],
  ['fuzz', { what: 'random documents, inputs, bodies and addresses: no fault of the server, no stall, nothing that git refuses', file: 'test/security/fuzz.test.ts', runs: 100_000, shard: 5_000 }],
]);
