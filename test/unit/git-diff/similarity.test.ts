import { describe, expect, it } from 'vitest';
import { ContentComparer } from '../../../src/git/diff/content-comparer.js';
import { Pace } from '../../../src/git/objects/pace.js';
import { SimilarityIndex } from '../../../src/git/diff/similarity-index.js';
import { FULL_SCORE, scoreOf, SpanTable } from '../../../src/git/diff/similarity.js';
import { fc } from '../../support/fast-check.js';
import { MemoryObjects } from '../../support/memory-objects.js';

/** Percent of one content in the other, by bytes of shared spans, as a fraction of the larger. */
async function percent(one: string, other: string, countsUnfinished = false): Promise<number> {
  const table = new SpanTable(countsUnfinished);
  const pace = new Pace();
  const [left, right] = [await table.fingerprint(Buffer.from(one, 'latin1'), pace), await table.fingerprint(Buffer.from(other, 'latin1'), pace)];
  return (table.score(left, right) * 100) / FULL_SCORE;
}

const TAIL = `${'abcdefghij'.repeat(6)}\n`;

describe('the measure of similarity', () => {
  it('counts a line as often as it is on both sides', async () => {
    expect(await percent('same\n'.repeat(5) + 'left\n'.repeat(5), 'same\n'.repeat(3) + 'rest\n'.repeat(7))).toBeCloseTo(30, 1);
  });

  it('does not care for the order of lines', async () => {
    expect(await percent('one\ntwo\nthree\n', 'three\none\ntwo\n')).toBe(100);
  });

  it('cuts long lines after 64 bytes, so that a change leaves the other pieces shared', async () => {
    const long = Array.from({ length: 640 }, (_, i) => String.fromCharCode(97 + ((i * i) % 23))).join('');
    expect(await percent(`${long}\n`, `#${long.slice(1)}\n`)).toBeCloseTo((577 / 641) * 100, 1);
    expect(await percent(`${'x'.repeat(63)}\n${TAIL}`, `${'x'.repeat(63)}y\n${TAIL}`)).toBeCloseTo((61 / 126) * 100, 1);
    expect(await percent(`${'x'.repeat(64)}\n${TAIL}`, `${'x'.repeat(64)}y\n${TAIL}`)).toBeCloseTo((125 / 127) * 100, 1);
  });

  it('takes CRLF for LF in text, though the bytes of the file count', async () => {
    expect(await percent('12345678\n'.repeat(9), '12345678\r\n'.repeat(9))).toBeCloseTo(90, 1);
    expect(await percent('\0\n12345678\n', '\0\n12345678\r\n')).toBeCloseTo((2 / 12) * 100, 1);
    expect(await percent('a\n', 'a\r\r\n')).toBe(0);
  });

  it('looks for a NUL in the first 8000 bytes only', async () => {
    const text = '123456789\r\n'.repeat(800);
    const plain = text.replaceAll('\r', '');
    expect(await percent(`${text.slice(0, 7999)}\0${text.slice(8000)}`, plain)).toBeLessThan(1);
    expect(await percent(`${text.slice(0, 8000)}\0${text.slice(8001)}`, plain)).toBeGreaterThan(90);
  });

  it('counts an unfinished last line only when asked to, but whole spans of it always', async () => {
    expect(await percent('head\ntail', 'heat\ntail')).toBe(0);
    expect(await percent('head\ntail', 'heat\ntail', true)).toBeCloseTo((4 / 9) * 100, 1);
    expect(await percent(`a\n${'x'.repeat(65)}`, `b\n${'x'.repeat(65)}`)).toBeCloseTo((64 / 67) * 100, 1);
  });

  it('does not tell spans apart by the NUL bytes they start with', async () => {
    expect(await percent(`${'\0'.repeat(32)}\n${TAIL}`, `${'\0'.repeat(16)}\n${TAIL}`)).toBeCloseTo(((17 + 61) / 94) * 100, 1);
    expect(await percent(`a\0\n${TAIL}`, `a\n${TAIL}`)).toBeCloseTo((61 / 64) * 100, 1);
  });

  it('is 0 between empty files and never above 60,000 parts', () => {
    expect(scoreOf(0, 0, 0)).toBe(0);
    expect(scoreOf(7, 7, 7)).toBe(60_000);
    expect(scoreOf(2 ** 26, 2 ** 26, 2 ** 26 + 1)).toBe(59_999);
  });

  it('answers the same for one against many as for each pair', async () => {
    const body = fc.array(fc.constantFrom('a\n', 'bb\n', 'ccc\n', 'd', '\r\n', '\0', 'e'.repeat(70)), { maxLength: 20 }).map((parts) => Buffer.from(parts.join(''), 'latin1'));
    await fc.assert(
      fc.asyncProperty(fc.array(body, { maxLength: 6 }), body, async (many, one) => {
        const table = new SpanTable(false);
        const pace = new Pace();
        const indexed = [];
        for (const content of many) indexed.push(await table.fingerprint(content, pace));
        const index = await SimilarityIndex.of(indexed, table, pace);
        // Spans that the index has not seen may follow it.
        const asked = await table.fingerprint(one, pace);
        expect([...index.scores(asked)]).toEqual(indexed.map((file) => table.score(asked, file)));
      }),
    );
  });

  it('is symmetric, and whole for content of finished lines against itself', async () => {
    const text = fc.array(fc.stringMatching(/^[a-c]{0,3}$/u), { minLength: 1, maxLength: 12 }).map((list) => list.map((line) => `${line}\n`).join(''));
    await fc.assert(
      fc.asyncProperty(text, text, async (one, other) => {
        expect(await percent(one, other)).toBe(await percent(other, one));
        expect(await percent(one, one)).toBe(100);
      }),
    );
  });
});

describe('comparing blobs', () => {
  it('reads each blob once, and none whose size leaves no chance against any other', async () => {
    const objects = new MemoryObjects();
    const [small, middle, large] = [objects.blob('x\n'), objects.blob('x\n'.repeat(10)), objects.blob('x\n'.repeat(12))];
    const comparer = new ContentComparer(objects, false);
    const rows: string[] = [];
    const compare = (): Promise<boolean> => comparer.compareAll([small, middle, null], [large, small], 50_000, (row, scores) => rows.push(`${row}: ${[...scores].join(' ')}`));
    expect(await compare()).toBe(true);
    expect(await compare()).toBe(true);
    expect(rows.slice(0, 2)).toEqual(['0: 0 50000 0', '1: 60000 0 0']);
    expect(objects.reads.toSorted()).toEqual([small, middle, large].toSorted());
    expect(await comparer.score(small, large, 50_000)).toBe(0);
    expect(await comparer.score(middle, large, 50_000)).toBe(50_000);
  });

  it('gives up on content of nothing but distinct short lines instead of filling the memory', async () => {
    const objects = new MemoryObjects();
    // Five-byte lines that count up in four digits of base 64.
    const content = Buffer.alloc(5 * 4_500_000, '\n');
    for (let i = 0; i < 4_500_000; i++) for (let digit = 0; digit < 4; digit++) content[5 * i + digit] = 0x30 + ((i >> (6 * digit)) & 63);
    const [one, other] = [objects.blob(content), objects.blob(content.subarray(4))];
    const comparer = new ContentComparer(objects, false);
    expect(await comparer.score(one, other, 30_000)).toBe(0);
    expect(await comparer.compareAll([one], [other], 30_000, () => undefined)).toBe(false);
  });

  it('never takes 100 ms of processor time on tens of megabytes without letting the event loop run', async () => {
    const text = Buffer.from(Array.from({ length: 300_000 }, (_, i) => `line number ${i} of a long file that was moved\n`).join(''));
    const pace = new MeasuredPace();
    const table = new SpanTable(false);
    const one = await table.fingerprint(text, pace);
    const other = await table.fingerprint(text.subarray(1000), pace);
    const index = await SimilarityIndex.of([one], table, pace);
    await pace.breathe();
    expect(index.scores(other)[0]).toBeGreaterThan(59_000);
    await pace.breathe();
    expect(table.score(one, other)).toBeGreaterThan(59_000);
    await pace.breathe();
    expect(pace.breaths).toBeGreaterThan(50);
    expect(pace.longest).toBeLessThan(100);
  });
});

/** Notes how much processor time passes between two breaths, whatever else the machine does meanwhile. */
class MeasuredPace extends Pace {
  breaths = 0;
  longest = 0;
  #since = process.cpuUsage();

  override async breathe(): Promise<void> {
    const { user, system } = process.cpuUsage(this.#since);
    this.longest = Math.max(this.longest, (user + system) / 1000);
    this.breaths++;
    await super.breathe();
    this.#since = process.cpuUsage();
  }
}
