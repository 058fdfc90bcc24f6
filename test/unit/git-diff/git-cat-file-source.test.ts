import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectMissing } from '../../../src/git/objects/errors.js';
import { GitCatFileSource } from '../../support/git-cat-file-source.js';

describe('the reader over git cat-file', () => {
  let dir = '';
  let source: GitCatFileSource;
  const big = Buffer.alloc(300_000, 'x\n');
  let oids: string[] = [];

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'weir-cat-file-'));
    execFileSync('git', ['init', '-q', '--bare', dir]);
    oids = [Buffer.from('one\n'), big, Buffer.alloc(0)].map((content) => {
      writeFileSync(join(dir, 'content'), content);
      return execFileSync('git', ['--git-dir', dir, 'hash-object', '-w', join(dir, 'content')], { encoding: 'utf8' }).trim();
    });
    source = new GitCatFileSource(dir);
  });

  afterAll(async () => {
    await source.close();
    rmSync(dir, { recursive: true, force: true });
  });

  it('answers pipelined requests in order, whatever their sizes', async () => {
    const [one = '', two = '', three = ''] = oids;
    const read = await Promise.all([source.read(two), source.header(one), source.read(one), source.read(three), source.header(two)]);
    expect(read[0]).toEqual({ type: 'blob', content: big });
    expect(read[1]).toEqual({ type: 'blob', size: 4 });
    expect(read[2]).toEqual({ type: 'blob', content: Buffer.from('one\n') });
    expect(read[3]).toEqual({ type: 'blob', content: Buffer.alloc(0) });
    expect(read[4]).toEqual({ type: 'blob', size: big.length });
  });

  it('says that an absent object is missing and goes on answering', async () => {
    const absent = '0'.repeat(39) + '1';
    await expect(source.read(absent)).rejects.toBeInstanceOf(ObjectMissing);
    expect(await source.has(absent)).toBe(false);
    expect(await source.has(oids[0] ?? '')).toBe(true);
  });

  it('finds objects by the start of their id', async () => {
    const oid = oids[0] ?? '';
    expect(await source.withPrefix(oid.slice(0, 8), 5)).toEqual([oid]);
  });
});
