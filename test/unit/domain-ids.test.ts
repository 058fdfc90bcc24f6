import { describe, expect, test } from 'vitest';
import { CursorInvalid, cursorBinding, decodeEventCursor, decodePageCursor, encodeEventCursor, encodePageCursor } from '../../src/domain/cursor.js';
import { decodeGlobalId, encodeGlobalId, type GlobalId } from '../../src/domain/global-id.js';
import { parseRev } from '../../src/domain/rev.js';
import { fc } from '../support/fast-check.js';

const OID = '0123456789abcdef0123456789abcdef01234567';
const count = fc.oneof(fc.nat(), fc.maxSafeNat());
const rowId = count.map((number) => Math.max(1, number));
const oid = fc.stringMatching(/^[0-9a-f]{40}$/u);
const wellFormed = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\0'));
const diff = fc.record({
  repoId: rowId,
  from: fc.option(oid),
  to: oid,
  base: fc.option(oid),
  options: fc.record({
    context: fc.nat({ max: 1000 }),
    whitespace: fc.constantFrom('SHOW' as const, 'IGNORE_CHANGE' as const, 'IGNORE_ALL' as const),
    renames: fc.boolean(),
    renameThreshold: fc.nat({ max: 100 }),
    paths: fc.option(fc.array(wellFormed, { maxLength: 3 })),
  }),
});
const globalId: fc.Arbitrary<GlobalId> = fc.oneof(
  fc.record({ type: fc.constantFrom('Repo' as const, 'Branch' as const, 'Checkpoint' as const, 'Proposal' as const, 'Review' as const), id: rowId }),
  fc.record({ type: fc.constant('ApiKey' as const), id: fc.stringMatching(/^[A-Za-z0-9]{12}$/u) }),
  fc.record({ type: fc.constant('Commit' as const), repoId: rowId, oid }),
  fc.record({ type: fc.constantFrom('Tree' as const, 'File' as const), repoId: rowId, commit: oid, path: wellFormed }),
  diff.map((identity) => ({ type: 'Diff' as const, ...identity })),
  fc.tuple(diff, wellFormed).map(([identity, path]) => ({ type: 'DiffFile' as const, ...identity, path })),
  fc.record({ type: fc.constant('MergePreview' as const), repoId: rowId, from: oid, into: oid, strategy: fc.constantFrom('MERGE', 'FAST_FORWARD_ONLY') }),
  fc.record({ type: fc.constant('Operation' as const), stream: count, seq: count }),
  fc.record({ type: fc.constant('Event' as const), position: count, index: count }),
);

describe('node ids', () => {
  test('say again what they were made of, and nothing has two of them', () => {
    fc.assert(
      fc.property(globalId, (ref) => {
        const id = encodeGlobalId(ref);
        const decoded = decodeGlobalId(id);
        expect(decoded).toEqual(ref);
        expect(decoded === null ? null : encodeGlobalId(decoded)).toBe(id);
        expect(id.startsWith(`${ref.type}:`)).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('whatever is read as one is spelled in the one way', () => {
    const mangled = fc.tuple(globalId, fc.nat(), fc.constantFrom('', '0', ':', '-', '.', 'A', ' ', '\0')).map(([ref, at, text]) => {
      const id = encodeGlobalId(ref);
      const place = at % (id.length + 1);
      return id.slice(0, place) + text + id.slice(place + 1);
    });
    fc.assert(
      fc.property(mangled, (text) => {
        const decoded = decodeGlobalId(text);
        fc.pre(decoded !== null && !('options' in decoded && decoded.options.paths !== null));
        expect(decoded === null ? null : encodeGlobalId(decoded)).toBe(text);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    'main', 'team/app', '', ':', 'Repo', 'Repo:', 'Repo:0', 'Repo:01', 'Repo:-1', 'Repo:1e3', 'Repo: 1', 'Repo:1:2', 'repo:1', 'Repo:9007199254740992', 'Thing:1', 'constructor:1', 'Commit:1', `Commit:1:${OID}:x`,
    `Commit:1:${OID.toUpperCase()}`, `File:1:${OID}`, 'ApiKey:', 'ApiKey:a_b', 'Operation:1', 'Operation:1:2:3', `Diff:1:-:${OID}:-:3.0.1.50.bm90IGpzb24`, `Diff:1:-:${OID}:-:3.0.1.101`, `Diff:1:-:${OID}:-:3.3.1.50`,
    `Diff:1:-:${OID}:-:3.0.2.50`, `Diff:1:-:-:-:3.0.1.50`, `Diff:1:-:${OID}:-:3.0.1.50.WzFd`, `MergePreview:1:${OID}:${OID}:merge`, 'Repo:1\0',
  ])('%j is none', (text) => {
    expect(decodeGlobalId(text)).toBeNull();
  });
});

describe('revs', () => {
  test.each([
    ['main', [{ kind: 'branch', name: 'main' }]],
    ['checkpoint:3@session/1', [{ kind: 'checkpoint', number: 3, branch: 'session/1' }]],
    ['checkpoint:3@a@b', [{ kind: 'checkpoint', number: 3, branch: 'a@b' }]],
    ['proposal:7', [{ kind: 'proposal', number: 7 }]],
    ['tag:v1.0', [{ kind: 'tag', name: 'v1.0' }]],
    ['Branch:5', [{ kind: 'node', type: 'Branch', id: 5 }]],
    ['Checkpoint:5', [{ kind: 'node', type: 'Checkpoint', id: 5 }]],
    ['Proposal:5', [{ kind: 'node', type: 'Proposal', id: 5 }]],
    [`Commit:2:${OID}`, [{ kind: 'commit', repoId: 2, oid: OID }]],
    [OID, [{ kind: 'oid', oid: OID }]],
    [OID.toUpperCase(), [{ kind: 'oid', oid: OID }]],
    ['deadbee', [{ kind: 'branch', name: 'deadbee' }, { kind: 'abbreviation', prefix: 'deadbee' }]],
    ['deadbe', [{ kind: 'branch', name: 'deadbe' }]],
    [`${OID}0`, [{ kind: 'branch', name: `${OID}0` }]],
    ['main~1', [{ kind: 'branch', name: 'main~1' }]],
    ['checkpoint:0@main', []],
    ['checkpoint:99999999999@main', []],
    ['checkpoint:4294967297@main', []],
    ['checkpoint:3', []],
    ['checkpoint:x@main', []],
    ['proposal:0', []],
    ['proposal:1x', []],
    ['tag:', []],
    ['Repo:5', []],
    ['main:file', []],
    ['', []],
    ['a\0', []],
    ['a\ud800', []],
    ['x'.repeat(1025), []],
  ])('%j', (rev, candidates) => {
    expect(parseRev(rev)).toEqual(candidates);
  });
});

describe('page cursors', () => {
  const binding = cursorBinding('Repo.branches', 'Repo:1', { filter: { kind: 'SESSION', deleted: false }, orderBy: null });

  test('carry any key, and are safe in a URL', () => {
    fc.assert(
      fc.property(wellFormed, (key) => {
        const cursor = encodePageCursor(binding, key);
        expect(cursor).toMatch(/^[A-Za-z0-9_-]+$/u);
        expect(decodePageCursor(binding, cursor)).toBe(key);
      }),
    );
  });

  test('one changed character is noticed, wherever it is', () => {
    const cursor = encodePageCursor(binding, 'session/42');
    for (let at = 0; at < cursor.length; at++) {
      const other = cursor[at] === 'A' ? 'B' : 'A';
      expect(() => decodePageCursor(binding, cursor.slice(0, at) + other + cursor.slice(at + 1))).toThrow(CursorInvalid);
      expect(() => decodePageCursor(binding, cursor.slice(0, at))).toThrow(CursorInvalid);
    }
  });

  test.each(['', 'x', 'null', '{}', 'A'.repeat(10_000), '\ud800', 'branch:main'])('%j is refused as none of this server', (text) => {
    expect(() => decodePageCursor(binding, text)).toThrow(CursorInvalid);
  });

  test('belong to one field, parent, filter and order', () => {
    const cursor = encodePageCursor(binding, 'x');
    const others = [
      cursorBinding('Repo.proposals', 'Repo:1', { filter: { kind: 'SESSION', deleted: false }, orderBy: null }),
      cursorBinding('Repo.branches', 'Repo:2', { filter: { kind: 'SESSION', deleted: false }, orderBy: null }),
      cursorBinding('Repo.branches', 'Repo:1', { filter: { kind: 'OTHER', deleted: false }, orderBy: null }),
      cursorBinding('Repo.branches', 'Repo:1', { filter: { kind: 'SESSION', deleted: false }, orderBy: 'NAME' }),
    ];
    for (const other of others) expect(() => decodePageCursor(other, cursor)).toThrow(/another connection/u);
  });

  test('do not care in which order arguments were written', () => {
    expect(cursorBinding('f', null, { a: 1, b: { c: 2, d: 3 } })).toBe(cursorBinding('f', null, { b: { d: 3, c: 2 }, a: 1 }));
  });

  test('are not event cursors, nor the other way round', () => {
    expect(() => decodeEventCursor(encodePageCursor(binding, 'x'))).toThrow(CursorInvalid);
    expect(() => decodePageCursor(binding, encodeEventCursor({ position: 1, index: 0 }))).toThrow(CursorInvalid);
  });

  test('say by their code what the API says', () => {
    expect(new CursorInvalid('x').code).toBe('CURSOR_INVALID');
  });
});

describe('event cursors', () => {
  test('carry any position and index', () => {
    fc.assert(
      fc.property(count, count, (position, index) => {
        expect(decodeEventCursor(encodeEventCursor({ position, index }))).toEqual({ position, index });
      }),
    );
  });

  test('one changed character is noticed, wherever it is', () => {
    const cursor = encodeEventCursor({ position: 123_456, index: 2 });
    for (let at = 0; at < cursor.length; at++) {
      expect(() => decodeEventCursor(cursor.slice(0, at) + (cursor[at] === 'A' ? 'B' : 'A') + cursor.slice(at + 1))).toThrow(CursorInvalid);
    }
  });

  test.each([-1, 0.5, 2 ** 53])('a position of %d is refused even where the checksum is right', (position) => {
    expect(() => decodeEventCursor(encodeEventCursor({ position, index: 0 }))).toThrow(CursorInvalid);
  });
});
