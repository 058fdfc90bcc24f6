import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerTo, documentOf, replyAt, tellsNothing, type Reply } from './cells.js';
import { KEY_KINDS } from './key-kinds.js';
import { forbiddenWords, mayRead } from './model.js';
import { PLACES, type Place } from './places.js';
import { rowsOf, type Row } from './rows.js';
import { openMatrixWorld, type MatrixWorld } from './world.js';

const KINDS = Object.keys(KEY_KINDS);
/** Places asked at a time: enough to keep the database busy, few enough to keep its pool from queueing. */
const AT_ONCE = 8;
/** What a hidden thing may answer beside null. */
const HIDING = ['FORBIDDEN', 'UNKNOWN_REV'];

let world: MatrixWorld;
/** What the key that may do everything is answered, by place. */
const whole = new Map<Place, Reply>();
let cells = 0;

async function ask(kind: string, place: Place, rows: readonly Row[]): Promise<Reply> {
  return replyAt(place, await world.ask(kind, documentOf(place, rows)));
}

beforeAll(async () => {
  world = await openMatrixWorld();
  for (const place of PLACES) whole.set(place, await ask('admin', place, rowsOf(place.type)));
});
afterAll(() => world.close());

function needsOf(place: Place, row: Row): string {
  const needs = place.needs?.[row.field] ?? row.needs;
  return needs === 'itself' || needs === 'own' ? place.guard : `${place.guard}+${needs}`;
}

/** Checks every field at a place for one kind of key; answers what is wrong, in words. */
async function faultsAt(kind: string, place: Place): Promise<string[]> {
  const traits = KEY_KINDS[kind] ?? {};
  const rows = rowsOf(place.type);
  const where = (row: Row): string => `${kind}: ${place.path.join(' ')} ${row.type}.${row.asked}`;
  const forbidden = forbiddenWords(traits);
  const leaks = ({ body }: Reply): string[] => forbidden.filter((word) => body.includes(word)).map((word) => `${kind}: ${place.path.join(' ')} ${place.type} tells ${word}: ${body}`);
  cells += rows.length;
  if (!mayRead(traits, place.guard)) {
    const reply = await ask(kind, place, rows);
    const listed = rows.findIndex(({ field }) => field === 'edges');
    const hidden = tellsNothing(reply.object) || (listed >= 0 && tellsNothing(answerTo(reply, listed)));
    const known = reply.codes.every((code) => HIDING.includes(String(code)));
    return [...leaks(reply), ...(hidden && known ? [] : rows.map((row) => `${where(row)} is not hidden: ${reply.body}`))];
  }
  const open = rows.filter((row) => mayRead(traits, needsOf(place, row)));
  const reply = await ask(kind, place, open);
  const faults = [...leaks(reply), ...(reply.codes.length === 0 ? [] : [`${kind}: ${place.path.join(' ')} ${place.type} fails: ${reply.body}`])];
  for (const [index, row] of open.entries()) {
    const [answer, all] = [answerTo(reply, index), answerTo(whole.get(place) ?? reply, rows.indexOf(row))];
    const same = row.needs === 'own' ? answer !== undefined : JSON.stringify(answer) === JSON.stringify(all);
    if (!same) faults.push(`${where(row)} answers ${JSON.stringify(answer)} and not ${JSON.stringify(all)}`);
  }
  // Alone, because the refusal of a field that cannot be null takes its object along.
  for (const row of rows.filter((each) => !open.includes(each))) {
    const alone = await ask(kind, place, [row]);
    faults.push(...leaks(alone));
    if (!tellsNothing(answerTo(alone, 0)) || !alone.codes.every((code) => HIDING.includes(String(code)))) faults.push(`${where(row)} is not hidden: ${alone.body}`);
  }
  return faults;
}

describe('every field, read by every kind of key', () => {
  test('is answered to the key that may do everything', () => {
    const failing = PLACES.filter((place) => tellsNothing(whole.get(place)?.object) || whole.get(place)?.codes.length !== 0);
    expect(failing.map((place) => [place.path, whole.get(place)?.body])).toEqual([]);
  });

  test('has something to tell at one place at least, so that hiding it means something', () => {
    const silent = new Set<string>();
    const telling = new Set<string>();
    for (const place of PLACES) {
      for (const [index, { type, field }] of rowsOf(place.type).entries()) {
        const reply = whole.get(place);
        (reply === undefined || tellsNothing(answerTo(reply, index)) ? silent : telling).add(`${type}.${field}`);
      }
    }
    expect([...silent].filter((field) => !telling.has(field)).sort()).toEqual(NULL_HERE);
  });

  test.each(KINDS)('%s reads what the model says, the same as everybody, and no word of the rest', async (kind) => {
    const faults: string[] = [];
    for (let at = 0; at < PLACES.length; at += AT_ONCE) {
      faults.push(...(await Promise.all(PLACES.slice(at, at + AT_ONCE).map((place) => faultsAt(kind, place)))).flat());
    }
    expect(faults).toEqual([]);
  });

  test('makes thousands of cells', () => {
    expect(cells).toBeGreaterThan(20_000);
  });
});

/** Fields that are null everywhere in this world; that they hide is seen at their neighbours. */
const NULL_HERE: readonly string[] = [
  'ApiKey.actAs', 'ApiKey.derivedFrom', 'ApiKey.expiresAt', 'ApiKey.lastUsedAt', 'ApiKey.previousSecretUntil', 'ApiKey.revokedAt', 'Branch.expiresAt', 'Branch.markedAt', 'BranchCreated.before', 'BranchDeleted.after',
  'DeclinedChange.hunks', 'Diff.unmerged', 'DiffFile.oldPath', 'DiffFile.omitted', 'DiffFile.similarity', 'DiffHunk.section', 'DiffLine.newNumber', 'ImportJob.problem', 'NamingRule.pattern',
  'Operation.reason', 'Operation.runId', 'Repo.archivedAt', 'Repo.cloneUrl', 'RepoDeleted.repo', 'Thread.resolvedBy', 'Viewer.onBehalfOf', 'Webhook.lastDeliveredAt', 'Webhook.note', 'WebhookDelivery.settledAt',
];
