import { describe, expect, it } from 'vitest';
import { readCommit } from '../../src/git/objects/commit.js';
import { ObjectCorrupt } from '../../src/git/objects/errors.js';
import { hashObject } from '../../src/git/objects/hash.js';
import type { Oid } from '../../src/git/objects/object-source.js';
import { StagedObjects } from '../../src/git/objects/staged-objects.js';
import { readTree } from '../../src/git/objects/tree.js';
import { blobsAtPath, blobsBrought, pathsOfBlobs } from '../../src/git/rewrite/blobs-of.js';
import { HistoryRewriter } from '../../src/git/rewrite/history-rewriter.js';
import { EMPTY_BLOB, TOMBSTONE, TOMBSTONE_OID } from '../../src/git/rewrite/tombstone.js';
import { fc } from '../support/fast-check.js';
import { MemoryObjects } from '../support/memory-objects.js';

const SECRET = 'the secret\n';
const SECRET_OID = hashObject('blob', Buffer.from(SECRET));
const WHO = 'Ada <ada@example.org> 1700000000 +0100';

function commit(objects: MemoryObjects, tree: Oid, parents: readonly Oid[], more = '', message = 'Work\n'): Oid {
  const text = [`tree ${tree}`, ...parents.map((parent) => `parent ${parent}`), `author ${WHO}`, `committer ${WHO}`].join('\n');
  return objects.put('commit', Buffer.from(`${text}\n${more}\n${message}`));
}

function rewriterOf(objects: MemoryObjects, more: { readonly blobs?: readonly Oid[]; readonly silenced?: readonly Oid[] } = {}): { rewriter: HistoryRewriter; staged: StagedObjects } {
  const staged = new StagedObjects(objects);
  return { staged, rewriter: new HistoryRewriter({ source: objects, blobs: new Set(more.blobs ?? [SECRET_OID]), silenced: new Set(more.silenced ?? []), stage: () => staged }) };
}

/** A tree entry's own bytes, from mode and name as written. */
function entry(head: string, oid: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`${head}\0`, 'latin1'), oid]);
}

function ids(...texts: readonly string[]): Set<Oid> {
  return new Set(texts.map((text) => hashObject('blob', Buffer.from(text))));
}

async function textOf(staged: StagedObjects, oid: Oid): Promise<string> {
  return (await staged.read(oid)).content.toString('latin1');
}

describe('a history made anew without a content', () => {
  it('puts the tombstone in its place, whatever the mode, and leaves every other entry byte for byte', async () => {
    const objects = new MemoryObjects();
    const gitlink = '1234567890123456789012345678901234567890';
    const secret = Buffer.from(SECRET_OID, 'hex');
    objects.blob(SECRET);
    const kept = Buffer.from(objects.blob('kept'), 'hex');
    // Out of order, with a padded mode and a name that is no UTF-8, as old and broken writers left them.
    const tree = objects.put('tree', Buffer.concat([entry('100644 z', kept), entry('100755 run.sh', secret), entry('120000 link', secret), entry('100664 old\xff', secret), entry('160000 sub', Buffer.from(gitlink, 'hex'))]));
    const { rewriter, staged } = rewriterOf(objects);
    const after = await rewriter.follow(commit(objects, tree, []));
    const entries = await readTree(staged, (await readCommit(staged, after)).tree);
    expect(entries.map(({ name, oid, raw }) => [raw.toString('latin1', 0, raw.indexOf(0)).split(' ')[0], name, oid])).toEqual([
      ['100644', 'z', kept.toString('hex')],
      ['100755', 'run.sh', TOMBSTONE_OID],
      ['120000', 'link', TOMBSTONE_OID],
      ['100664', 'old\xff', TOMBSTONE_OID],
      ['160000', 'sub', gitlink],
    ]);
    expect(await textOf(staged, TOMBSTONE_OID)).toBe(TOMBSTONE.toString());
  });

  it('keeps headers it does not know and the message, and drops signatures, which are over what is gone', async () => {
    const objects = new MemoryObjects();
    const more = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n iQE=\n -----END PGP SIGNATURE-----\nencoding latin1\nmergetag object 1\n type commit\nx-unknown some\n folded\n';
    const before = commit(objects, objects.tree({ 'a.txt': SECRET }), [], more, 'Gr\u00fc\u00dfe\n\nno newline');
    const { rewriter, staged } = rewriterOf(objects);
    const after = await rewriter.follow(before);
    const tree = (await readCommit(staged, after)).tree;
    expect((await staged.read(after)).content.toString('utf8')).toBe(`tree ${tree}\nauthor ${WHO}\ncommitter ${WHO}\nencoding latin1\nx-unknown some\n folded\n\nGr\u00fc\u00dfe\n\nno newline`);
  });

  it('gives new ids to what holds it and what comes after, in both parents of a merge, and to nothing else', async () => {
    const objects = new MemoryObjects();
    const root = commit(objects, objects.tree({ 'a.txt': 'one' }), []);
    const clean = commit(objects, objects.tree({ 'a.txt': 'two' }), [root]);
    const leak = commit(objects, objects.tree({ 'a.txt': 'one', 'd/e.txt': SECRET }), [root]);
    const dropped = commit(objects, objects.tree({ 'a.txt': 'three' }), [leak]);
    const merge = commit(objects, objects.tree({ 'a.txt': 'four' }), [clean, dropped]);
    const { rewriter, staged } = rewriterOf(objects);
    const after = await rewriter.follow(merge);
    expect([rewriter.newId(root), rewriter.newId(clean)]).toEqual([root, clean]);
    expect(rewriter.commits.map(({ before, touched }) => [before, touched])).toEqual([[leak, true], [dropped, false], [merge, false]]);
    expect((await readCommit(staged, after)).parents).toEqual([clean, rewriter.newId(dropped)]);
    expect((await readCommit(staged, after)).tree).toBe((await readCommit(objects, merge)).tree);
    // A root that leads to nothing new costs nothing more.
    const reads = objects.reads.length;
    expect(await rewriter.follow(dropped)).toBe(rewriter.newId(dropped));
    expect(objects.reads).toHaveLength(reads);
  });

  it('points annotated tags, of tags too, at the new commit and drops their signatures', async () => {
    const objects = new MemoryObjects();
    const head = commit(objects, objects.tree({ 'a.txt': SECRET }), []);
    const inner = objects.put('tag', Buffer.from(`object ${head}\ntype commit\ntag v1\ntagger ${WHO}\n\nFirst\n-----BEGIN PGP SIGNATURE-----\n\niQE=\n-----END PGP SIGNATURE-----\n`));
    const outer = objects.put('tag', Buffer.from(`object ${inner}\ntype tag\ntag outer\ntagger ${WHO}\n\nOuter\n`));
    const ofBlob = objects.put('tag', Buffer.from(`object ${SECRET_OID}\ntype blob\ntag b\ntagger ${WHO}\n\nBlob\n`));
    const { rewriter, staged } = rewriterOf(objects);
    const after = await rewriter.follow(outer);
    expect(await textOf(staged, after)).toBe(`object ${rewriter.newId(inner)}\ntype tag\ntag outer\ntagger ${WHO}\n\nOuter\n`);
    expect(await textOf(staged, rewriter.newId(inner))).toBe(`object ${rewriter.newId(head)}\ntype commit\ntag v1\ntagger ${WHO}\n\nFirst\n`);
    expect(await textOf(staged, await rewriter.follow(ofBlob))).toContain(`object ${TOMBSTONE_OID}\n`);
    expect(new Map(rewriter.renamed()).get(outer)).toBe(after);
  });

  it('takes the words of a commit and keeps its trailers with authority', async () => {
    const objects = new MemoryObjects();
    const head = commit(objects, objects.tree({ 'a.txt': 'one' }), [], '', 'Secret words\n\nmore of them\n\nCo-authored-by: Eve <eve@example.org>\nWeir-Run: r1\nWeir-Actor: agent\n');
    const { rewriter, staged } = rewriterOf(objects, { silenced: [head] });
    const after = await rewriter.follow(head);
    expect((await readCommit(staged, after)).message).toBe('Message removed for good (weir purge)\n\nWeir-Run: r1\nWeir-Actor: agent\n');
    expect(rewriter.commits).toMatchObject([{ before: head, touched: true }]);
  });

  it('names what is missing or no commit, instead of leaving something behind', async () => {
    const objects = new MemoryObjects();
    const tree = objects.tree({ 'a.txt': 'one' });
    await expect(rewriterOf(objects).rewriter.follow(commit(objects, '2'.repeat(40), []))).rejects.toMatchObject({ code: 'OBJECT_MISSING', oid: '2'.repeat(40) });
    await expect(rewriterOf(objects).rewriter.follow(commit(objects, tree, [tree]))).rejects.toThrow(ObjectCorrupt);
  });

  it('survives a history deeper than any call stack', async () => {
    const objects = new MemoryObjects();
    let head = commit(objects, objects.tree({ 'a.txt': SECRET }), []);
    const clean = objects.tree({ 'a.txt': 'one' });
    for (let at = 0; at < 20_000; at++) head = commit(objects, clean, [head], '', `${at}\n`);
    const { rewriter } = rewriterOf(objects);
    await rewriter.follow(head);
    expect(rewriter.commits).toHaveLength(20_001);
  });
});

describe('generated histories', () => {
  const file = fc.constantFrom('one', 'two', 'three', SECRET);
  const tree = fc.dictionary(fc.constantFrom('a', 'b', 'd/e', 'd/f', 'd/g/h'), file, { maxKeys: 5 });
  const step = fc.record({ tree, parents: fc.array(fc.nat(8), { maxLength: 2 }) });

  it('differ from what they were in nothing but the removed content and the ids behind it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 9 }), async (steps) => {
        const objects = new MemoryObjects();
        const made: { readonly oid: Oid; readonly files: Readonly<Record<string, string>>; readonly parents: readonly number[] }[] = [];
        for (const { tree: files, parents } of steps) {
          const known = [...new Set(parents.filter((at) => at < made.length))];
          made.push({ files, parents: known, oid: commit(objects, objects.tree(files), known.flatMap((at) => made[at]?.oid ?? []), '', `${made.length}\n`) });
        }
        const { rewriter, staged } = rewriterOf(objects);
        for (const { oid } of made) await rewriter.follow(oid);
        const leaks = (at: number): boolean => made[at] !== undefined && (Object.values(made[at].files).includes(SECRET) || made[at].parents.some(leaks));
        for (const [at, { oid, files, parents }] of made.entries()) {
          const after = rewriter.newId(oid);
          expect(after === oid).toBe(!leaks(at));
          const wanted = new MemoryObjects();
          const clean = Object.fromEntries(Object.entries(files).map(([path, text]) => [path, text === SECRET ? TOMBSTONE.toString() : text]));
          expect(after).toBe(commit(wanted, wanted.tree(clean), parents.map((parent) => rewriter.newId(made[parent]?.oid ?? '')), '', `${at}\n`));
          await expect(staged.has(after)).resolves.toBe(true);
        }
        expect(await pathsOfBlobs(staged, made.map(({ oid }) => rewriter.newId(oid)), new Set([SECRET_OID]), 10)).toEqual([]);
      }),
      { numRuns: 150 },
    );
  });
});

describe('what there is to remove', () => {
  it('is everything that ever stood at a path, or below a directory, but for the empty file', async () => {
    const objects = new MemoryObjects();
    const first = commit(objects, objects.tree({ 'keys/a': 'one', 'keys/b': '', 'other': 'kept' }), []);
    const second = commit(objects, objects.tree({ 'keys': 'a file now', 'other': 'kept' }), [first]);
    expect(await blobsAtPath(objects, [first, second], 'keys')).toEqual(ids('one', 'a file now'));
    expect(await blobsAtPath(objects, [first, second], 'keys/a')).toEqual(ids('one'));
    expect(await blobsAtPath(objects, [first, second], 'keys/b')).toEqual(new Set());
    expect(await blobsAtPath(objects, [first, second], 'nowhere/at/all')).toEqual(new Set());
  });

  it('is what some commits brought: not what their parents had, nor what stands elsewhere', async () => {
    const objects = new MemoryObjects();
    const root = commit(objects, objects.tree({ 'a': 'one', 'moved': 'moved' }), []);
    const elsewhere = commit(objects, objects.tree({ 'a': 'one', 'shared': 'shared' }), [root]);
    const run = commit(objects, objects.tree({ 'a': 'new', 'd/moved': 'moved', 'shared': 'shared', 'e': '' }), [root]);
    expect(await blobsBrought(objects, [run], [root, elsewhere])).toEqual(new Set([hashObject('blob', Buffer.from('new'))]));
    expect(await blobsBrought(objects, [run], [root])).toEqual(new Set(['new', 'shared'].map((text) => hashObject('blob', Buffer.from(text)))));
    expect((await blobsBrought(objects, [run], [])).has(EMPTY_BLOB)).toBe(false);
  });
});
