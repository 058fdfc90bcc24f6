import { readCommit as readByIsomorphicGit } from 'isomorphic-git';
import * as fs from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { encodeCommit, parseCommit, readCommit, type Commit } from '../../../src/git/objects/commit.js';
import { ObjectCorrupt, ObjectMissing, ObjectUnwritable } from '../../../src/git/objects/errors.js';
import { hashObject } from '../../../src/git/objects/hash.js';
import { parseTag, peel } from '../../../src/git/objects/tag.js';
import { MemoryObjects } from '../../../src/git/memory/memory-objects.js';
import { fc } from '../../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';

const TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
const ADA = { name: 'Ada Lovelace', email: 'ada@example.org', seconds: 1_700_000_000, zone: '+0200' };
const PLAIN: Omit<Commit, 'oid'> = { tree: TREE, parents: [], author: ADA, committer: ADA, message: 'Subject\n' };

let repository = '';
beforeAll(() => {
  repository = makeRepository();
  git(repository, ['mktree'], '');
});
afterAll(() => removeRepository(repository));

const word = fc.string({ unit: 'binary', maxLength: 12 }).map((text) => text.trim());
const signature = fc.record({
  name: fc.oneof(word, fc.constantFrom('Ada', 'Zoë Ö', 'D. "Q" Bot', '.dot.')),
  email: fc.oneof(word, fc.constantFrom('a@b.c', '')),
  seconds: fc.integer({ min: 0, max: 2 ** 33 }),
  zone: fc.constantFrom('+0000', '-0330', '+1400'),
});
const commits = fc.record({
  tree: fc.constant(TREE),
  parents: fc.array(fc.constantFrom('0', '7', 'a', 'f').map((digit) => digit.repeat(40)), { maxLength: 3 }),
  author: signature,
  committer: signature,
  message: fc.oneof(fc.string({ unit: 'binary', maxLength: 60 }), fc.constantFrom('', '\n', 'x', 'a\r\nb\r\n', '\n\nlate', 'trailing \n\n\n')),
});

describe('commits', () => {
  it('that are accepted read back as they were given, and the others are refused with a typed error', () => {
    let accepted = 0;
    fc.assert(
      fc.property(commits, (commit) => {
        let content: Buffer;
        try {
          content = encodeCommit(commit);
        } catch (error) {
          if (error instanceof ObjectUnwritable) return;
          throw error;
        }
        accepted += 1;
        const { oid: _, ...parsed } = parseCommit('f'.repeat(40), content);
        expect(parsed).toEqual(commit);
      }),
      { numRuns: 1500 },
    );
    expect(accepted).toBeGreaterThan(100);
  });

  it('get the id that git commit-tree gives them and pass git fsck --strict', () => {
    const parent = git(repository, ['hash-object', '-t', 'commit', '-w', '--stdin'], encodeCommit(PLAIN));
    const message = 'Zoë: a subject\n\nBody with spaces  \n\nSigned-off-by: A <a@b>\n';
    const ours = encodeCommit({ ...PLAIN, parents: [parent], author: { ...ADA, name: 'Ada', seconds: 1_700_000_000, zone: '+0000' }, committer: { ...ADA, name: 'Ada', zone: '+0000' }, message });
    const theirs = git(repository, ['commit-tree', TREE, '-p', parent, '-F', '-'], Buffer.from(message, 'utf8'));
    expect(hashObject('commit', ours)).toBe(theirs);
    expect(git(repository, ['fsck', '--strict', '--full', '--no-dangling', '--no-progress'])).not.toMatch(/error|warning/u);
  });

  it('without a name keep the space that git fsck asks for', () => {
    const content = encodeCommit({ ...PLAIN, author: { ...ADA, name: '' } });
    git(repository, ['hash-object', '-t', 'commit', '-w', '--stdin'], content);
    expect(git(repository, ['fsck', '--strict', '--full', '--no-dangling'])).not.toMatch(/error/u);
  });

  it('are read by isomorphic-git as they are read here', async () => {
    const content = encodeCommit({ ...PLAIN, parents: [], author: { ...ADA, name: 'Zoë' }, message: 'One\n\nTwo\n' });
    const oid = git(repository, ['hash-object', '-t', 'commit', '-w', '--stdin'], content);
    const { commit } = await readByIsomorphicGit({ fs, dir: repository, gitdir: repository, oid });
    const ours = parseCommit(oid, content);
    expect({ tree: ours.tree, parent: ours.parents, message: ours.message }).toEqual({ tree: commit.tree, parent: commit.parent, message: commit.message });
    expect({ name: ours.author.name, email: ours.author.email, timestamp: ours.author.seconds }).toMatchObject({ name: commit.author.name, email: commit.author.email, timestamp: commit.author.timestamp });
  });

  it.each([
    ['a name that forges the committer', { author: { ...ADA, name: 'a> 1 +0000\ncommitter evil <e@e' } }],
    ['an email with a bracket', { committer: { ...ADA, email: 'a>b' } }],
    ['a NUL in the message', { message: 'a\0b' }],
    ['a lone surrogate in the message', { message: 'a\ud800' }],
    ['a lone surrogate in the name', { author: { ...ADA, name: '\udfff' } }],
    ['a zone without a sign', { author: { ...ADA, zone: '0200' } }],
    ['a time before the epoch', { author: { ...ADA, seconds: -1 } }],
    ['a time with a fraction', { author: { ...ADA, seconds: 1.5 } }],
    ['a tree that is no id', { tree: 'HEAD' }],
    ['a parent with a line break', { parents: [`${'a'.repeat(40)}\n`] }],
  ])('with %s are refused', (_, change) => {
    expect(() => encodeCommit({ ...PLAIN, ...change })).toThrow(ObjectUnwritable);
  });

  it('keep signatures, merge tags and encodings out of the message', () => {
    const head = `tree ${TREE}\nauthor J\xf6rg <j@x> 5 +0100\ncommitter J\xf6rg <j@x> 6 +0100\nencoding ISO-8859-1\n`;
    const signed = 'gpgsig -----BEGIN PGP SIGNATURE-----\n \n abc\n -----END PGP SIGNATURE-----\n';
    const commit = parseCommit('a'.repeat(40), Buffer.from(`${head}${signed}\nGr\xfc\xdfe\n`, 'latin1'));
    expect(commit).toMatchObject({ message: 'Grüße\n', author: { name: 'Jörg', seconds: 5, zone: '+0100' } });
  });

  it('with bytes that are no UTF-8 read as latin1 instead of losing them', () => {
    const content = Buffer.from(`tree ${TREE}\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nGr\xfc\xdfe`, 'latin1');
    expect(parseCommit('a'.repeat(40), content).message).toBe('Grüße');
  });

  it.each([
    ['no headers', ''],
    ['no committer', `tree ${TREE}\nauthor a <b> 1 +0000\n\nx`],
    ['a short tree', `tree 1234\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx`],
    ['a parent that is no id', `tree ${TREE}\nparent HEAD\nauthor a <b> 1 +0000\ncommitter a <b> 1 +0000\n\nx`],
    ['a header without a value', `tree ${TREE}\nauthor\n\nx`],
  ])('with %s are corrupt', (_, content) => {
    expect(() => parseCommit('a'.repeat(40), Buffer.from(content))).toThrow(ObjectCorrupt);
  });

  it.each([
    ['a <b> 12 +0100', { name: 'a', email: 'b', seconds: 12, zone: '+0100' }],
    ['a <b>', { name: 'a', email: 'b', seconds: 0, zone: '+0000' }],
    ['nobody', { name: 'nobody', email: '', seconds: 0, zone: '+0000' }],
    ['a <b <c>> 9 -0500', { name: 'a', email: 'b <c>', seconds: 9, zone: '-0500' }],
    ['a <b> tomorrow', { name: 'a', email: 'b', seconds: 0, zone: '+0000' }],
  ])('tolerate the signature %j', (text, expected) => {
    const content = Buffer.from(`tree ${TREE}\nauthor ${text}\ncommitter ${text}\n\nx`);
    expect(parseCommit('a'.repeat(40), content).author).toEqual(expected);
  });
});

describe('tags', () => {
  it('are parsed and peeled to what git peels them to', async () => {
    const objects = new MemoryObjects();
    const commit = objects.put('commit', encodeCommit(PLAIN));
    git(repository, ['hash-object', '-t', 'commit', '-w', '--stdin'], encodeCommit(PLAIN));
    git(repository, ['tag', '-a', 'v1', '-m', 'One', commit]);
    git(repository, ['tag', '-a', 'v2', '-m', 'Two', 'v1']);
    const raw = (name: string): Buffer => Buffer.from(`${git(repository, ['cat-file', 'tag', name])}\n`, 'latin1');
    const [one, two] = [objects.put('tag', raw('v1')), objects.put('tag', raw('v2'))];
    expect(two).toBe(git(repository, ['rev-parse', 'v2']));
    expect(parseTag(two, raw('v2'))).toMatchObject({ target: one, targetType: 'tag', name: 'v2', message: 'Two\n', tagger: { name: 'Ada' } });
    expect(await peel(objects, two)).toEqual({ oid: git(repository, ['rev-parse', 'v2^{}']), type: 'commit' });
  });

  it('that lie about their target are corrupt, and a missing target is missing', async () => {
    const objects = new MemoryObjects();
    const blob = objects.put('blob', Buffer.from('x'));
    const lie = objects.put('tag', Buffer.from(`object ${blob}\ntype commit\ntag v1\n\n`));
    const dangling = objects.put('tag', Buffer.from(`object ${'a'.repeat(40)}\ntype commit\ntag v1\n\n`));
    await expect(peel(objects, lie)).rejects.toThrow(ObjectCorrupt);
    await expect(peel(objects, dangling)).rejects.toThrow(ObjectMissing);
    await expect(readCommit(objects, blob)).rejects.toThrow(ObjectCorrupt);
  });

  it('of tags are followed 64 deep and no deeper', async () => {
    const objects = new MemoryObjects();
    let oid = objects.put('commit', encodeCommit(PLAIN));
    let type = 'commit';
    for (let depth = 0; depth < 64; depth++) {
      oid = objects.put('tag', Buffer.from(`object ${oid}\ntype ${type}\ntag v${depth}\n\n`));
      type = 'tag';
    }
    await expect(peel(objects, oid)).resolves.toMatchObject({ type: 'commit' });
    const deeper = objects.put('tag', Buffer.from(`object ${oid}\ntype tag\ntag deeper\n\n`));
    await expect(peel(objects, deeper)).rejects.toThrow(/more than 64 tags/u);
  });
});
