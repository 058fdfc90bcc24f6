/** A mistake that somebody could make in one place of the sources, and the tests that are there to notice it. */
export interface KnownBug {
  /** What goes wrong, in a few words. */
  readonly name: string;
  readonly file: string;
  /** A text that stands in the file exactly once, and what stands there instead. What comes of it need not type-check. */
  readonly from: string;
  readonly to: string;
  /** Test files and folders of which at least one must fail. Seconds each. */
  readonly tests: readonly string[];
}

const PACKS = 'src/storage/packs/write-pack.ts';
const LOG = 'src/storage/log.ts';
const FRAME = 'src/operations/define-operation.ts';
const RULES = 'src/domain/review-rules.ts';
const DURABILITY = ['test/unit/storage-packs/durability.test.ts'];
const GC_RACES = ['test/faults/gc-races.test.ts'];

/** What is on the disk when an answer says so (P1), and what is read back from it (P3). */
const DISK: readonly KnownBug[] = [
  { name: 'a pack is renamed before its bytes are synced', file: PACKS, from: '    await file.sync();\n', to: '', tests: DURABILITY },
  { name: 'the directory of a pack is not synced', file: PACKS, from: '  await target.files.syncDirectory(target.directory);\n', to: '', tests: DURABILITY },
  { name: 'the names above a directory are not synced', file: PACKS, from: 'dirname(at) !== at; at = dirname(at))', to: 'at !== this.directory; at = dirname(at))', tests: DURABILITY },
  {
    name: 'an index is there before its pack',
    file: PACKS,
    from: "  await target.files.rename(temporary.pack, join(target.directory, `${name}.pack`));\n  target.faults?.at('pack.renamed');\n  await target.files.rename(temporary.idx, join(target.directory, `${name}.idx`));\n",
    to: "  await target.files.rename(temporary.idx, join(target.directory, `${name}.idx`));\n  target.faults?.at('pack.renamed');\n  await target.files.rename(temporary.pack, join(target.directory, `${name}.pack`));\n",
    tests: DURABILITY,
  },
  { name: 'nobody waits until a pack is written', file: 'src/storage/packs/pack-directory.ts', from: 'await writePackFiles(this.#target', to: 'void writePackFiles(this.#target', tests: DURABILITY },
  { name: 'an object that exists broken is not written again', file: 'src/storage/packs/pack-directory.ts', from: 'if (!(await this.#storedWhole(oid, content)))', to: 'if (this.#locate(oid) === undefined)', tests: ['test/unit/storage-packs/pack-directory.test.ts'] },
  { name: 'what is read from a pack is not hashed', file: 'src/git/pack/pack-file.ts', from: 'if (hash !== oid) throw', to: 'if (hash === null) throw', tests: ['test/property/pack-bit-flips.test.ts'] },
  { name: 'a write is answered before it is committed', file: 'src/storage/transaction-pool.ts', from: '      await transacting.commit();\n', to: '      void transacting.commit().catch(() => undefined);\n', tests: ['test/unit/storage-faults.test.ts', 'test/unit/storage-log.test.ts'] },
];

/** Whole or absent (P2), the log (P5), and what becomes of a call that is made again (P7). */
const TRANSACTIONS: readonly KnownBug[] = [
  { name: 'a branch moves whatever version the caller saw', file: 'src/storage/branches.ts', from: 'and(eq(branch.id, id), eq(branch.version, expectedVersion), ', to: 'and(eq(branch.id, id), ', tests: ['test/unit/storage-branches.test.ts'] },
  { name: 'a refusal within the transaction does not roll it back', file: FRAME, from: "if (applied.kind === 'refused') throw new RolledBack(over({ ok: false, problem: applied.problem }));", to: "if (applied.kind === 'refused') return over({ ok: false, problem: applied.problem });", tests: ['test/unit/operations-define.test.ts'] },
  { name: 'the outcome of a call is not kept', file: FRAME, from: '      if (call !== null) await storage.settle(tx, call, receipt);\n', to: '', tests: ['test/unit/operations-define.test.ts'] },
  { name: 'a duplicate that was done meanwhile is refused for what the first one did', file: FRAME, from: 'return step.place === null && call !== null ? unlessDoneMeanwhile(request, call, step) : step;', to: 'return step;', tests: ['test/api/idempotency.test.ts'] },
  { name: 'a call answers with the outcome of another key', file: 'src/storage/idempotency.ts', from: 'and(eq(idempotency.keyId, call.keyId), eq(idempotency.idempotencyKey, call.idempotencyKey))', to: 'eq(idempotency.idempotencyKey, call.idempotencyKey)', tests: ['test/unit/storage-idempotency.test.ts'] },
  { name: 'a call answers with the outcome of other input', file: 'src/storage/idempotency.ts', from: 'row.digest === call.digest ?', to: "row.digest !== '' ?", tests: ['test/unit/storage-idempotency.test.ts'] },
  { name: 'the head of the log is read without its lock', file: LOG, from: "\n    .for('no key update');", to: ';', tests: ['test/unit/storage-log.test.ts'] },
  { name: 'a changed row of the log passes', file: LOG, from: "      if (row.hash !== hash) return { ok: false, seq: row.seq, reason: 'its bytes do not have its hash' };\n", to: '', tests: ['test/unit/storage-log.test.ts'] },
  { name: 'a checkpoint that moved meanwhile is taken back once more', file: 'src/storage/timeline.ts', from: '    if (changed.length !== ids.length) return false;\n', to: '', tests: ['test/unit/storage-branches.test.ts'] },
  { name: 'a repository grows past its limits', file: LOG, from: '  if (passed !== null) throw new QuotaPassed(passed);\n', to: '', tests: ['test/api/quotas.test.ts'] },
];

/** Garbage collection beside writers. */
const COLLECTION: readonly KnownBug[] = [
  { name: 'a writer does not hear that garbage was collected', file: LOG, from: '  if (gcEpoch !== null && gcEpoch !== head.gcEpoch) throw new EpochMoved();\n', to: '', tests: ['test/unit/storage-log.test.ts'] },
  { name: 'a collection does not tell writers of itself', file: 'src/storage/upkeep/collect.ts', from: '.set({ gcEpoch: sql`${logHead.gcEpoch} + 1` })', to: '.set({ gcEpoch: sql`${logHead.gcEpoch}` })', tests: GC_RACES },
  { name: 'what is committed in the last moment is collected', file: 'src/storage/upkeep/collect.ts', from: '      else await catchUp(queries);\n', to: '', tests: GC_RACES },
  { name: 'uploads on lease are collected', file: 'src/storage/upkeep/roots.ts', from: 'from(uploadLease).where(eq(uploadLease.repoId, repoId))', to: 'from(uploadLease).where(eq(uploadLease.repoId, -1))', tests: GC_RACES },
];

/** Events in order and without gaps (P6), here and at webhooks. */
const EVENTS: readonly KnownBug[] = [
  { name: 'a cursor tells its own event again', file: 'src/storage/event-log.ts', from: 'cursor.index > other.index)', to: 'cursor.index >= other.index)', tests: ['test/unit/storage-events.test.ts'] },
  { name: 'two gateways place events at once', file: 'src/storage/event-log.ts', from: 'if (!(await becomeSequencer(queries))) return null;', to: 'await becomeSequencer(queries);', tests: ['test/unit/storage-events.test.ts'] },
  { name: 'positions are given before the commit, as those of a sequence are', file: 'src/storage/event-log.ts', from: 'select (select coalesce(max(position), 0) from event_position) + row_number() over (order by stream, seq), stream, seq', to: 'select stream * 100000 + seq, stream, seq', tests: ['test/unit/storage-events.test.ts'] },
  { name: 'no bell is rung', file: FRAME, from: '      storage.events.ring();\n', to: '', tests: ['test/unit/operations-define.test.ts'] },
  { name: 'nobody looks where no bell rings', file: 'src/events/log-tail.ts', from: 'setInterval(() => this.wake(), POLL_MS)', to: 'setInterval(() => undefined, POLL_MS)', tests: ['test/faults/dead-notifications.test.ts'] },
  {
    name: 'a delivery is recorded before it is sent',
    file: 'src/webhooks/courier.ts',
    from: '    const sent = await send(this.#webhook.url',
    to: '    await gateway.storage.webhooks.delivered(owner, delivery, { taken: true, gone: false, status: 200, note: null, durationMs: 0, waitMs: null });\n    const sent = await send(this.#webhook.url',
    tests: ['test/api/webhook-deliveries.test.ts', 'test/faults/webhooks.test.ts'],
  },
];

/** What belongs to whom, who may say yes to it, and how soon. */
const RIGHTS: readonly KnownBug[] = [
  { name: 'an approval holds for a later revision with the same head', file: RULES, from: 'review.headOid === head && review.revision === revision', to: 'review.headOid === head', tests: ['test/unit/domain-review-rules.test.ts'] },
  { name: 'a key approves its own work in another name', file: RULES, from: 'contributors.actors.has(actor) || contributors.keyIds.has(keyId)', to: 'contributors.actors.has(actor)', tests: ['test/unit/domain-review-rules.test.ts'] },
  { name: 'another head is merged than the one that was reviewed', file: 'src/operations/proposal/merge-proposal.ts', from: 'if (input.expectedHead !== proposal.head) {', to: "if (input.expectedHead === '') {", tests: ['test/api/merge-proposal.test.ts'] },
  { name: 'a revoked key is believed for ten seconds', file: 'src/storage/believed.ts', from: 'BELIEVED_MS = 500;', to: 'BELIEVED_MS = 10_000;', tests: ['test/unit/storage-keys.test.ts', 'test/unit/storage-repo-names.test.ts'] },
  { name: 'a key that was revoked here is believed here', file: 'src/storage/index.ts', from: '    for (const id of changed.keys) this.#keys.drop(id);\n', to: '', tests: ['test/unit/storage-keys.test.ts'] },
  { name: 'a page goes on in another list', file: 'src/domain/cursor.ts', from: 'value[1] !== binding || ', to: '', tests: ['test/unit/domain-ids.test.ts'] },
  { name: 'a push may point at what its key cannot read', file: 'src/operations/push/push.ts', from: 'if (!(await isComplete(request, repo, received, tips))) return', to: 'if (received === null) return', tests: ['test/security/hidden-objects.test.ts', 'test/api/git-push.test.ts', 'test/api/git-push-hostile.test.ts'] },
];

/** What may come in, and what comes of it. */
const CONTENT: readonly KnownBug[] = [
  { name: 'pushed objects are not checked as fsck does', file: 'src/storage/git/quarantine.ts', from: "...(thin ? ['--fix-thin'] : []), strict, ", to: "...(thin ? ['--fix-thin'] : []), ", tests: ['test/api/git-push-hostile.test.ts'] },
  { name: 'a path may lead into .git', file: 'src/domain/path.ts', from: "  if (read === '.git' || isShortName(read)) {\n", to: '  if (isShortName(read)) {\n', tests: ['test/unit/domain-path.test.ts'] },
  { name: 'half of a surrogate pair is text', file: 'src/domain/text.ts', from: "return !text.includes('\\0') && !holdsHalfPair(text);", to: "return !text.includes('\\0');", tests: ['test/unit/domain-text.test.ts'] },
  { name: 'names of branches differ by case alone', file: 'src/storage/branches.ts', from: 'const folded = sql`lower(${branch.name})`;', to: 'const folded = sql`${branch.name}`;', tests: ['test/unit/storage-branches.test.ts'] },
  { name: 'two changes of a binary file merge cleanly', file: 'src/git/merge/merge-content.ts', from: "conflict: 'BINARY', markers", to: 'conflict: null, markers', tests: ['test/property/merge-trees.test.ts', 'test/unit/git-merge'] },
  { name: 'it is forgotten what has landed', file: 'src/domain/land-merge.ts', from: 'if (plan.lands) await tx.addLanding(', to: 'if (plan.lands && plan.part !== plan.part) await tx.addLanding(', tests: ['test/api/merge-rebase.test.ts', 'test/api/merge-proposal.test.ts', 'test/api/merge-part.test.ts'] },
  { name: 'what is merged is undone by a move of the pointer', file: 'src/storage/timeline.ts', from: 'return rows.map((row) => row.oid);', to: 'return [];', tests: ['test/api/undo.test.ts'] },
];

const MIRRORS = 'src/storage/mirrors.ts';
const ROUNDS = 'src/operations/mirror/mirror-rounds.ts';

/** What a mirror is given, and what of it is told. */
const COPIES: readonly KnownBug[] = [
  { name: 'what a killed push left at a mirror is forgotten', file: MIRRORS, from: ' last_attempt_at = now(), refs_hash = null from due', to: ' last_attempt_at = now() from due', tests: ['test/faults/mirror-crash.test.ts'] },
  { name: 'two gateways push to a mirror at once', file: MIRRORS, from: ' and (m.owner is null or m.owned_until < now())', to: '', tests: ['test/api/mirror-rounds.test.ts', 'test/api/mirror-leases.test.ts'] },
  { name: 'what a late push took back stays so', file: ROUNDS, from: '      if (!isHeld && done.pushed) await mirrors.again(taken.repoId);\n', to: '', tests: ['test/api/mirror-leases.test.ts'] },
  { name: 'what was wished during a push is lost', file: MIRRORS, from: 'return sql`${mirror.wanted} = ${wanted}`;', to: 'return sql`${mirror.wanted} >= ${wanted}`;', tests: ['test/api/push-mirror.test.ts', 'test/api/mirror-rounds.test.ts'] },
  { name: 'a restored gateway pushes over what is newer', file: 'src/storage/backup/restore-backup.ts', from: '      await database.sql`update mirror set suspended = true`;\n', to: '', tests: ['test/unit/storage-backup.test.ts'] },
  { name: 'the other side’s words tell a password', file: 'src/storage/git/remote-push.ts', from: 'scrubbed(said, credentials)', to: 'said', tests: ['test/api/mirror-rounds.test.ts', 'test/unit/storage-remote-push.test.ts'] },
];

/** Every one that `npm run seeded-bugs -- bugs` plants. */
export const BUGS: readonly KnownBug[] = [...DISK, ...TRANSACTIONS, ...COLLECTION, ...EVENTS, ...RIGHTS, ...CONTENT, ...COPIES];
