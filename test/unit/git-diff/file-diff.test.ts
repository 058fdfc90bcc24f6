import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { FileChange } from '../../../src/git/diff/file-change.js';
import { diffFile, fileStats, keptFileDiff, keptFileStats, regroup, type Compared, type DiffCache } from '../../../src/git/diff/file-diff.js';
import { filePatch } from '../../../src/git/diff/patch.js';
import { MemoryObjects } from '../../../src/git/memory/memory-objects.js';
import { ObjectMissing } from '../../../src/git/objects/errors.js';
import { MODE_FILE, MODE_SUBMODULE, MODE_SYMLINK } from '../../../src/git/objects/tree.js';
import { Dice } from '../../support/file-pairs.js';

const objects = new MemoryObjects();

function modified(before: string | Buffer, after: string | Buffer): FileChange {
  const [oldOid, newOid] = [before, after].map((content) => objects.put('blob', Buffer.from(content)));
  return change({ oldOid: oldOid ?? null, newOid: newOid ?? null });
}

function change(of: Partial<FileChange>): FileChange {
  return { status: 'MODIFIED', path: 'f', oldPath: null, similarity: null, oldMode: MODE_FILE, newMode: MODE_FILE, oldOid: null, newOid: null, ...of };
}

function lines(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
}

class CountingCache implements DiffCache {
  readonly kept = new Map<string, Compared>();
  bytes = 0;
  get(key: string): Compared | undefined {
    return this.kept.get(key);
  }
  set(key: string, value: Compared, bytes: number): void {
    this.kept.set(key, value);
    this.bytes += bytes;
  }
}

describe('the diff of one file', () => {
  it('has counts and hunks', async () => {
    const diff = await diffFile(objects, modified(lines(20, (i) => `l${i}`), lines(20, (i) => (i === 10 ? 'new' : `l${i}`))));
    expect(diff).toMatchObject({ isBinary: false, additions: 1, deletions: 1, omitted: null });
    expect(diff.hunks).toMatchObject([{ oldStart: 8, oldLines: 7, newStart: 8, newLines: 7, section: 'l6' }]);
    expect(regroup(diff, 0)).toMatchObject([{ oldStart: 11, oldLines: 1, newStart: 11, newLines: 1 }]);
  });

  it('is omitted for binary content on either side, and for a binary file that only moved', async () => {
    const text = objects.put('blob', Buffer.from('text\n'));
    const binary = objects.put('blob', Buffer.from('bin\0ary\n'));
    const cases = [
      change({ oldOid: text, newOid: binary }),
      change({ oldOid: binary, newOid: text }),
      change({ status: 'ADDED', oldMode: null, newOid: binary }),
      change({ status: 'RENAMED', oldPath: 'g', similarity: 100, oldOid: binary, newOid: binary }),
    ];
    for (const one of cases) {
      const diff = await diffFile(objects, one);
      expect(diff).toMatchObject({ isBinary: true, additions: null, deletions: null, omitted: 'BINARY', hunks: [], text: null });
      expect(await fileStats(objects, one)).toEqual({ isBinary: true, additions: null, deletions: null, omitted: 'BINARY' });
    }
  });

  it('takes a NUL after the first 8000 bytes for text, as git does', async () => {
    const late = modified(`${'x'.repeat(8000)}\0\n`, `${'x'.repeat(8000)}\0\ny\n`);
    expect(await diffFile(objects, late)).toMatchObject({ isBinary: false, additions: 1, deletions: 0 });
    const early = modified(`${'x'.repeat(7999)}\0\n`, `${'x'.repeat(7999)}\0\ny\n`);
    expect(await diffFile(objects, early)).toMatchObject({ isBinary: true });
  });

  it('never reads what a submodule points at', async () => {
    const module = change({ oldMode: MODE_SUBMODULE, newMode: MODE_SUBMODULE, oldOid: '1'.repeat(40), newOid: '2'.repeat(40) });
    expect(await diffFile(objects, module)).toMatchObject({ omitted: 'SUBMODULE', additions: 1, deletions: 1, hunks: [], isBinary: false });
    expect((await filePatch(objects, module)).toString()).toContain(`-Subproject commit ${'1'.repeat(40)}\n+Subproject commit ${'2'.repeat(40)}\n`);
  });

  it('shows a change of type as all deleted and all added', async () => {
    const same = objects.put('blob', Buffer.from('target'));
    const diff = await diffFile(objects, change({ status: 'TYPE_CHANGED', oldMode: MODE_FILE, newMode: MODE_SYMLINK, oldOid: same, newOid: same }));
    expect(diff).toMatchObject({ additions: 1, deletions: 1, hunks: [{ oldStart: 1, oldLines: 1, newStart: 1, newLines: 1 }] });
  });

  it('rejects when an object is missing', async () => {
    await expect(diffFile(objects, change({ oldOid: '3'.repeat(40), newOid: '4'.repeat(40) }))).rejects.toBeInstanceOf(ObjectMissing);
  });
});

describe('a file that costs too much', () => {
  const TOO_LARGE = { isBinary: false, omitted: 'TOO_LARGE', hunks: [], text: null };

  it('is too large by bytes, by lines or by time, and says so instead of failing', async () => {
    const dice = new Dice(3);
    const file = modified(lines(20_000, () => `l${dice.below(300)}`), lines(20_000, () => `l${dice.below(300)}`));
    expect(await diffFile(objects, file, { budget: { maxBytes: 50_000 } })).toMatchObject(TOO_LARGE);
    expect(await diffFile(objects, file, { budget: { maxLines: 19_999 } })).toMatchObject(TOO_LARGE);
    expect(await diffFile(objects, file, { budget: { maxMillis: 1, sliceMillis: 1 } })).toMatchObject({ ...TOO_LARGE, additions: null });
    expect(await diffFile(objects, file, { budget: { maxLines: 20_000 } })).toMatchObject({ omitted: null });
  });

  it('is still counted when it was added or deleted, and still told from binary', async () => {
    const text = objects.put('blob', Buffer.from(lines(1000, (i) => `l${i}`)));
    const binary = objects.put('blob', Buffer.concat([Buffer.from([0]), randomBytes(5000)]));
    const added = change({ status: 'ADDED', oldMode: null, newOid: text });
    expect(await diffFile(objects, added, { budget: { maxBytes: 100 } })).toMatchObject({ ...TOO_LARGE, additions: 1000, deletions: 0 });
    expect(await fileStats(objects, change({ status: 'DELETED', newMode: null, oldOid: text }), { budget: { maxLines: 10 } })).toMatchObject({ additions: 0, deletions: 1000 });
    expect(await diffFile(objects, change({ oldOid: text, newOid: binary }), { budget: { maxBytes: 100 } })).toMatchObject({ omitted: 'BINARY' });
    expect(await diffFile(objects, added, { budget: { maxReadBytes: 100 } })).toMatchObject({ ...TOO_LARGE, additions: null });
  });

  it('is in a patch all the same, as whole contents that git can apply', async () => {
    const file = modified(lines(100, (i) => `l${i}`), lines(100, (i) => `m${i}`));
    const patch = (await filePatch(objects, file, { budget: { maxBytes: 10 } })).toString('latin1');
    expect(patch).toContain('GIT binary patch\nliteral 390\n');
  });

  it('does not hold up the event loop while it is compared', async () => {
    const dice = new Dice(4);
    const long = (): string => lines(60_000, () => `line ${dice.below(3000)} ${dice.below(2)}`);
    const file = modified(long(), long());
    const turns = { worst: 0, count: 0, over: false };
    // Processor time between two turns, which a busy machine does not distort as it does the time on the wall.
    const watch = async (): Promise<void> => {
      while (!turns.over) {
        const began = process.cpuUsage();
        await new Promise((resolve) => {
          setImmediate(resolve);
        });
        turns.worst = Math.max(turns.worst, process.cpuUsage(began).user / 1000);
        turns.count++;
      }
    };
    const watching = watch();
    const diff = await diffFile(objects, file, { budget: { maxMillis: 2000 } });
    turns.over = true;
    await watching;
    expect(diff.isBinary).toBe(false);
    expect(turns.count).toBeGreaterThan(10);
    expect(turns.worst).toBeLessThan(100);
  });
});

describe('the cache of diffs', () => {
  it('answers without reading the objects again, for every context and path', async () => {
    const cache = new CountingCache();
    const file = modified(lines(50, (i) => `a${i}`), lines(50, (i) => (i === 25 ? 'b' : `a${i}`)));
    const first = await diffFile(objects, file, { cache });
    const empty = new MemoryObjects();
    const second = await diffFile(empty, { ...file, path: 'elsewhere' }, { cache, context: 0 });
    expect(second.text).toBe(first.text);
    expect(second.hunks).toMatchObject([{ oldStart: 26, oldLines: 1 }]);
    expect(await fileStats(empty, file, { cache })).toMatchObject({ additions: 1, deletions: 1 });
    expect(cache.kept.size).toBe(1);
    expect(cache.bytes).toBeGreaterThan(first.text?.old.bytes.length ?? 0);
  });

  it('tells without waiting what it has, and that it has nothing', async () => {
    const cache = new CountingCache();
    const file = modified(lines(50, (i) => `a${i}`), lines(50, (i) => (i === 25 ? 'b' : `a${i}`)));
    expect(keptFileDiff(file, { cache })).toBeNull();
    expect(keptFileStats(file, { cache })).toBeNull();
    expect(keptFileStats(file, {})).toBeNull();
    const compared = await diffFile(objects, file, { cache });
    expect(keptFileDiff(file, { cache })).toEqual(compared);
    expect(keptFileDiff(file, { cache, context: 0 })?.hunks).toEqual(regroup(compared, 0));
    expect(keptFileStats(file, { cache })).toEqual(await fileStats(objects, file, { cache }));
    expect(keptFileDiff(file, { cache, whitespace: 'IGNORE_ALL' })).toBeNull();
    const binary = modified('a\0b', 'a\0c');
    const omitted = await diffFile(objects, binary, { cache });
    expect([keptFileDiff(binary, { cache }), keptFileStats(binary, { cache })]).toEqual([omitted, { isBinary: true, additions: null, deletions: null, omitted: 'BINARY' }]);
    const submodule = change({ oldOid: 'a'.repeat(40), newOid: 'b'.repeat(40), oldMode: MODE_SUBMODULE, newMode: MODE_SUBMODULE });
    const moved = await diffFile(objects, submodule, { cache });
    expect(keptFileDiff(submodule, { cache })).toEqual(moved);
    expect(moved).toMatchObject({ additions: 1, deletions: 1, omitted: 'SUBMODULE', hunks: [] });
  });

  it('keeps white space options and changes of type apart', async () => {
    const cache = new CountingCache();
    const file = modified('a b\n', 'a  b\n');
    expect(await diffFile(objects, file, { cache })).toMatchObject({ additions: 1 });
    expect(await diffFile(objects, file, { cache, whitespace: 'IGNORE_CHANGE' })).toMatchObject({ additions: 0 });
    expect(await diffFile(objects, { ...file, status: 'TYPE_CHANGED', newMode: MODE_SYMLINK }, { cache, whitespace: 'IGNORE_CHANGE' })).toMatchObject({ additions: 1 });
    const submodule = { ...file, oldMode: MODE_SUBMODULE, newMode: MODE_SUBMODULE };
    expect(await diffFile(objects, submodule, { cache })).toMatchObject({ omitted: 'SUBMODULE' });
    expect(cache.kept.size).toBe(4);
  });

  it('does not keep that a file was too large, which depends on the budget', async () => {
    const cache = new CountingCache();
    const file = modified('a\nb\n', 'a\nc\n');
    expect(await diffFile(objects, file, { cache, budget: { maxBytes: 1 } })).toMatchObject({ omitted: 'TOO_LARGE' });
    expect(await diffFile(objects, file, { cache })).toMatchObject({ omitted: null, additions: 1 });
  });
});
