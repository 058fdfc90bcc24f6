import { mkdtempSync, rmSync, truncateSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileHandles, systemCode } from '../../../src/storage/packs/file-handles.js';

let directory = '';
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'weir-handles-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function file(name: string, content: string): string {
  writeFileSync(join(directory, name), content);
  return join(directory, name);
}

describe('file handles', () => {
  it('stay within their limit and open again what was closed', () => {
    const handles = new FileHandles(2);
    const files = Array.from({ length: 6 }, (_, at) => handles.access(file(`f${at}`, `content ${at}`)));
    expect(handles.size).toBe(2);
    for (let round = 0; round < 2; round++) {
      for (const [at, access] of files.entries()) expect(access.read(8, 1).toString()).toBe(String(at));
    }
    expect(handles.size).toBe(2);
    handles.closeAll();
    expect(handles.size).toBe(0);
    expect(files[0]?.read(0, 7).toString()).toBe('content');
    handles.closeAll();
  });

  it('keep a descriptor for reads that are under way when its file is closed', async () => {
    const handles = new FileHandles(1);
    const one = handles.access(file('one', 'x'.repeat(1 << 20)));
    const two = handles.access(file('two', 'y'));
    const reads = Array.from({ length: 20 }, async () => one.readAsync(0, 1 << 20));
    two.read(0, 1);
    one.close();
    two.close();
    for (const bytes of await Promise.all(reads)) expect(bytes.equals(Buffer.alloc(1 << 20, 'x'))).toBe(true);
    handles.closeAll();
    expect(handles.size).toBe(0);
  });

  it('refuse ranges outside the file, and a file that became shorter', async () => {
    const handles = new FileHandles(4);
    const path = file('short', '0123456789');
    const access = handles.access(path);
    for (const [position, length] of [[-1, 2], [0, 11], [10, 1], [5, -1], [Number.NaN, 1]] as const) expect(() => access.read(position, length)).toThrow(/were needed/u);
    truncateSync(path, 5);
    expect(() => access.read(0, 10)).toThrow(/became shorter/u);
    await expect(access.readAsync(0, 10)).rejects.toThrow(/became shorter/u);
    handles.closeAll();
  });

  it('say ENOENT for a file that was unlinked while it was closed', () => {
    const handles = new FileHandles(4);
    const path = file('gone', 'x');
    const access = handles.access(path);
    unlinkSync(path);
    expect(access.read(0, 1).toString()).toBe('x');
    access.close();
    let code: string | undefined;
    try {
      access.read(0, 1);
    } catch (fault) {
      code = systemCode(fault);
    }
    expect(code).toBe('ENOENT');
    expect([systemCode(null), systemCode({ code: 'X' }), systemCode({ code: 5, syscall: 'read' })]).toEqual([undefined, undefined, undefined]);
  });
});
