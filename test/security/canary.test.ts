import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, validate } from 'graphql';
import { schema } from '../../schema/index.js';
import { drawsOfTheRun } from '../support/draws.js';
import { KEY_KINDS } from './key-kinds.js';
import { forbiddenWords, mayRead } from './model.js';
import { CANARIES, OTHER_REPO, REPO } from './names.js';
import { RandomDocuments } from './random-documents.js';
import { openMatrixWorld, type MatrixWorld } from './world.js';

/** Can be set from outside: the soak takes thousands. */
const RUNS = Number(process.env['WEIR_TEST_RUNS'] ?? 500);
/** Queries asked at a time, each by a key of another kind. */
const AT_ONCE = 8;
/** The key that may do everything is asked as often, to see that the queries lead to what the others must not be told. */
const OWNER_ONE_IN = 2;

const OID = /^[0-9a-f]{40}$/u;

const draw = drawsOfTheRun();
let world: MatrixWorld;

beforeAll(async () => {
  world = await openMatrixWorld();
});
afterAll(() => world.close());

/** What lives in a zone beside its canary and is told nowhere else: ids of objects that only its branches reach. */
function secretsOf(kind: string): readonly string[] {
  const { words } = world;
  const traits = KEY_KINDS[kind] ?? {};
  const oids = (branch: 'main' | 'session'): string[] => ['Oid', 'TreeId', 'FileId'].flatMap((word) => /[0-9a-f]{40}/u.exec(words[`${branch}${word}`] ?? '') ?? []);
  return [...forbiddenWords(traits), ...(['main', 'session'] as const).flatMap((branch) => (mayRead(traits, branch) ? [] : oids(branch)))];
}

/** What is worth asking for, by the name of the argument. */
function texts(): Readonly<Record<string, readonly string[]>> {
  const { words } = world;
  const ids = Object.values(words);
  const oids = [words['mainOid'], words['sessionOid'], words['mainShort']].flatMap((oid) => oid ?? []);
  const branches = ['main', 'session/1', 'session/2', 'session/3', 'session/gone', 'session/conflict', 'session/twin'];
  const revs = [...branches, ...oids, 'tag:v1', 'proposal:1', 'proposal:2', 'checkpoint:1@session/1', 'checkpoint:2@main', words['mainId'] ?? '', words['sessionCheckpointId'] ?? '', words['mainCommitId'] ?? ''];
  const paths = ['README.md', 'canary-main.txt', 'canary-session.txt', 'src/shared.txt', 'src', ''];
  return { id: ids, ids, repo: [REPO, words['repoId'] ?? '', OTHER_REPO], repos: [REPO, words['repoId'] ?? '', '**'], branch: branches, source: branches, target: branches, rev: revs, from: revs, to: revs, into: revs, of: revs, against: revs, path: paths, paths, GitObjectID: oids.filter((oid) => oid.length === 40), Duration: ['P1D', 'PT0S'], DateTime: ['2020-01-01T00:00:00Z', '2100-01-01T00:00:00Z'] };
}

/** An answer without what the question itself has said: errors repeat names that they cannot find. */
function unsaid(body: string, document: string): string {
  return [...document.matchAll(/"([^"]+)"/gu)].map(([, said = '']) => said).sort((a, b) => b.length - a.length).reduce((rest, said) => rest.replaceAll(said, ''), body);
}

test(`a key is told no secret of what it may not read by ${RUNS} random queries`, async () => {
  const known = texts();
  const anything = [REPO, ...Object.values(world.words), 'canary', 'main', 'session/1', 'v1', 'run-1', '1'];
  // A repository is asked for by its name as an argument called `name`, and so is a branch.
  const documents = new RandomDocuments(schema, draw, (argument, scalar) => known[scalar] ?? known[argument] ?? (argument === 'name' ? [REPO, REPO, 'main', 'session/1', ...Object.values(world.words)] : anything));
  const kinds = Object.keys(KEY_KINDS).filter((kind) => secretsOf(kind).length > 0);
  const told: string[] = [];
  const seen = new Set<string>();
  const ask = async (run: number): Promise<void> => {
    const document = documents.next();
    const kind = kinds[run % kinds.length] ?? '';
    expect(validate(schema, parse(document)).map(String)).toEqual([]);
    const body = unsaid(JSON.stringify(await world.ask(kind, document)), document);
    for (const secret of secretsOf(kind)) if (body.includes(secret) && !(OID.test(secret) && document.includes(secret))) told.push(`${kind} is told ${secret} by ${document}: ${body}`);
    if (run % OWNER_ONE_IN !== 0) return;
    const whole = unsaid(JSON.stringify(await world.ask('admin', document)), document);
    for (const canary of Object.values(CANARIES)) if (whole.includes(canary)) seen.add(canary);
  };
  for (let run = 0; run < RUNS; run += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, RUNS - run) }, (_, at) => ask(run + at)));
  expect(told).toEqual([]);
  // The audit trail tells its one in a field of a row that few of a hundred queries come to.
  const { audit, ...others } = CANARIES;
  expect([...seen]).toEqual(expect.arrayContaining(RUNS < 1000 ? Object.values(others) : [audit, ...Object.values(others)]));
}, 60_000 + RUNS * 200);
