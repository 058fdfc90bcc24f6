import { basename } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { nodeDurableFiles, type DurableFile, type DurableFiles } from '../../../src/storage/packs/durable-files.js';
import { makeStore, namesIn, textOf, type StoreFixture } from './pack-directory-fixture.js';

let fixture: StoreFixture;
beforeEach(() => {
  fixture = makeStore();
});
afterEach(() => fixture.remove());

/** What a recorded call says of a path: the kind of file, not its chance name. */
function kind(path: string): string {
  return basename(path).replace(/^tmp_(pack|idx)_.*/u, 'temporary $1').replace(/^pack-[0-9a-f]{40}\./u, 'final ');
}

/** The real file system, recording each call before it happens; `fail` may throw instead. */
function recording(calls: string[], fail: (call: string) => void = () => undefined): DurableFiles {
  const note = (call: string): void => {
    fail(call);
    calls.push(call);
  };
  const wrap = (path: string, file: DurableFile): DurableFile => ({
    write: async (chunks) => {
      note(`write ${kind(path)}`);
      await file.write(chunks);
    },
    sync: async () => {
      note(`sync ${kind(path)}`);
      await file.sync();
    },
    close: async () => file.close(),
  });
  return {
    ...nodeDurableFiles,
    create: async (path) => {
      note(`create ${kind(path)}`);
      return wrap(path, await nodeDurableFiles.create(path));
    },
    rename: async (from, to) => {
      note(`rename ${kind(from)} to ${kind(to)}`);
      await nodeDurableFiles.rename(from, to);
    },
    makeDirectory: async (path) => {
      note(`make ${basename(path)}`);
      return nodeDurableFiles.makeDirectory(path);
    },
    syncDirectory: async (path) => {
      note(`sync directory ${basename(path).replace(/^weir-packs-.*/u, 'root')}`);
      await nodeDurableFiles.syncDirectory(path);
    },
  };
}

class DiskFault extends Error {
  readonly syscall = 'write';
  constructor(readonly code: string) {
    super(code);
  }
}

describe('a pack is made durable', () => {
  it('in the order: contents synced, pack renamed, index renamed, directory synced, then the answer', async () => {
    const calls: string[] = [];
    const points: string[] = [];
    const store = fixture.open({ files: recording(calls), faults: { at: (point) => points.push(`${point} after ${calls.length} calls`) } });
    await fixture.write(store, 'x');
    expect(calls.slice(0, 3)).toEqual(['make 7', 'sync directory repos', 'sync directory root']);
    const rest = calls.slice(3);
    expect(rest.slice(-3)).toEqual(['rename temporary pack to final pack', 'rename temporary idx to final idx', 'sync directory 7']);
    for (const name of ['pack', 'idx']) {
      const steps = rest.filter((call) => call.endsWith(` temporary ${name}`));
      expect(steps).toEqual([`create temporary ${name}`, `write temporary ${name}`, `sync temporary ${name}`]);
      expect(rest.indexOf(`sync temporary ${name}`)).toBeLessThan(rest.indexOf('rename temporary pack to final pack'));
    }
    expect(points).toEqual([`pack.written after ${calls.length - 3} calls`, `pack.renamed after ${calls.length - 2} calls`, `idx.renamed after ${calls.length - 1} calls`, `dir.synced after ${calls.length} calls`]);
    await fixture.write(store, 'y');
    expect(calls.filter((call) => call.startsWith('sync directory'))).toEqual(['sync directory repos', 'sync directory root', 'sync directory 7', 'sync directory 7']);
  });

  it.each(['ENOSPC', 'EIO', 'EROFS', 'EMFILE'])('or not at all: %s at any single call is told, leaves no temporary file, and the retry succeeds', async (code) => {
    const calls: string[] = [];
    await fixture.write(fixture.open(), 'makes the directory');
    await fixture.write(fixture.open({ files: recording(calls) }), 'what calls there are');
    expect(calls.length).toBeGreaterThan(9);
    for (const failing of calls.keys()) {
      let at = 0;
      let armed = true;
      const store = fixture.open({
        files: recording([], () => {
          if (armed && at++ === failing) throw new DiskFault(code);
        }),
      });
      const text = `${code} at ${failing}`;
      const staged = store.stage();
      const oid = staged.put('blob', Buffer.from(text));
      await expect(store.persist(staged)).rejects.toThrow(code);
      armed = false;
      expect(namesIn(fixture.directory).filter((name) => name.startsWith('tmp'))).toEqual([]);
      expect(await fixture.open().has(oid)).toBe(false);
      await fixture.write(store, text);
      expect(textOf(await fixture.open().read(oid))).toBe(text);
    }
  });

  it('under directories whose sync failed at first and is made up for by the retry', async () => {
    const calls: string[] = [];
    let failures = 1;
    const store = fixture.open({
      files: recording(calls, (call) => {
        if (call === 'sync directory root' && failures-- > 0) throw new DiskFault('EIO');
      }),
    });
    await expect(fixture.write(store, 'x')).rejects.toThrow('EIO');
    expect(calls).toEqual(['make 7', 'sync directory repos']);
    await fixture.write(store, 'x');
    expect(calls.slice(2, 5)).toEqual(['make 7', 'sync directory repos', 'sync directory root']);
    expect(calls.at(-1)).toBe('sync directory 7');
  });

  it('in a directory that an earlier process made, whose name is synced once more before the first write', async () => {
    await fixture.write(fixture.open(), 'x');
    const calls: string[] = [];
    await fixture.write(fixture.open({ files: recording(calls) }), 'y');
    expect(calls.slice(0, 3)).toEqual(['make 7', 'sync directory repos', 'create temporary pack']);
  });

  it('under directories that are made once, however many writers come first at the same time', async () => {
    await fixture.write(fixture.open(), 'x');
    const calls: string[] = [];
    const store = fixture.open({ files: recording(calls) });
    await Promise.all(Array.from({ length: 8 }, (_, n) => fixture.write(store, `writer ${n}`)));
    expect(calls.filter((call) => call.startsWith('make '))).toEqual(['make 7']);
    expect(calls.indexOf('sync directory repos')).toBeLessThan(calls.indexOf('create temporary pack'));
  });

  it('and a process that stops at a named point leaves nothing that a reader or the next writer stumbles over', async () => {
    for (const stop of ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced']) {
      const stopping = fixture.open({
        files: { ...nodeDurableFiles, remove: async () => undefined },
        faults: {
          at: (point) => {
            if (point === stop) throw new DiskFault('stopped');
          },
        },
      });
      const staged = stopping.stage();
      const oid = staged.put('blob', Buffer.from(stop));
      await expect(stopping.persist(staged)).rejects.toThrow('stopped');
      const after = fixture.open();
      expect(await after.has(oid)).toBe(false);
      await fixture.write(after, stop);
      expect(textOf(await fixture.open().read(oid))).toBe(stop);
    }
  });
});
