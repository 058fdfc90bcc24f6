import { entryOf, idOf, NO_OBJECT, packOf, pushBody, type RawObject } from '../raw-push.js';
import { commitOf, honest, making, PERSON, pushingObjects, treeEntry, type HostilePush } from './hostile-push.js';

/** Names that lead out of a work tree, into its `.git`, or that no system can make a file of. */
const NAMES: readonly (readonly [string, string | Buffer])[] = [
  ...['.', '..', '', '/', 'a/b', '/etc/passwd', '../x', '.git', '.GIT', '.Git', '.gIt', 'git~1', 'GIT~1', '.git.', '.git ', '.git...', '.git .', '.git::$INDEX_ALLOCATION', '.git:x', '.git\\config'].map((name) => [JSON.stringify(name), name] as const),
  ...[0x200c, 0x200d, 0x200e, 0x202a, 0x206a, 0xfeff].map((point) => [`".git" with U+${point.toString(16)} in it`, `.g${String.fromCodePoint(point)}it`] as const),
  ['".git" behind a character that is ignored', '\u200c.git'],
  ['".git" before a character that is ignored', '.git\u200d'],
];

/** Names that are odd, and those of any file: git takes them. */
const ODD_NAMES: readonly (readonly [string, string | Buffer])[] = [
  ['no UTF-8', Buffer.from([0xff, 0xfe])], ['a line end', 'a\nb'], ['a control character', 'a\u0007b'], ['a name of 300 bytes', 'x'.repeat(300)], ['-rf', '-rf'], ['CON', 'CON'], ['a quote', '"'], ['a combining mark', 'e\u0301'], ['a way out on Windows', '..\\x'], ['a way round on Windows', 'a\\..\\b'],
];

const MODES = ['', '0', '1', '7', '40000 ', '4000', '400000', '100000', '100600', '100640', '100666', '100700', '100777', '110644', '120000', '120777', '140000', '160000', '160755', '200000', '777777', '7777777', '77777777777777777777', '-100644', '+100644', '0x1ff', '100648', '1006 44', '100644 ', ' 100644', '00100644', '0100644', '040000', '40000', '100755', '100664'];
/** Those that are no numbers to the base of eight, or say that a file is a directory. Odd bits of others mean nothing to git, which reads them as one of five modes. */
const FAULTY_MODES: ReadonlySet<string> = new Set(['', '40000 ', '-100644', '+100644', '0x1ff', '100648', ' 100644', '040000', '40000']);
const KINDS = [['100644', 'file'], ['40000', 'directory'], ['120000', 'link'], ['160000', 'commit of another repository']] as const;

/** A push of one tree beside an honest file, made by whoever knows the ids of a file and a directory. */
function ofTree(name: string, content: (blob: string, directory: string) => Buffer, harmless = false): HostilePush {
  return {
    name: `tree: ${name}`,
    harmless,
    body(branch) {
      const { blob, tree: directory } = honest(branch);
      const tree: RawObject = { type: 'tree', content: content(idOf(blob), idOf(directory)) };
      return pushingObjects(branch, commitOf(idOf(tree), branch), [tree, blob, directory]);
    },
  };
}

const a = (blob: string, name = 'a', mode = '100644'): Buffer => treeEntry(mode, name, blob);

function* trees(): Generator<HostilePush> {
  for (const [mode, kind] of KINDS) {
    for (const [what, name] of NAMES) yield ofTree(`a ${kind} is named ${what}`, (blob, directory) => treeEntry(mode, name, mode === '40000' ? directory : blob));
    for (const [what, name] of ODD_NAMES) yield ofTree(`a ${kind} is named like ${what}`, (blob, directory) => treeEntry(mode, name, mode === '40000' ? directory : blob), true);
  }
  for (const mode of MODES) yield ofTree(`a file has the mode ${JSON.stringify(mode)}`, (blob) => treeEntry(mode, 'file', blob), !FAULTY_MODES.has(mode));
  for (const name of ['.gitmodules', '.gitattributes', '.gitignore', '.mailmap']) yield ofTree(`${name} is a link`, (blob) => treeEntry('120000', name, blob), name !== '.gitmodules');
  const many: readonly (readonly [string, (blob: string, directory: string) => Buffer[]])[] = [
    ['two files have one name', (blob) => [a(blob), a(blob)]],
    ['a file and a directory have one name', (blob, directory) => [a(blob), a(directory, 'a', '40000')]],
    ['a file and a directory have one name, with others between', (blob, directory) => [a(blob), a(blob, 'a.b'), a(directory, 'a', '40000')]],
    ['its files are in no order', (blob) => [a(blob, 'b'), a(blob, 'a')]],
    ['a directory is ordered as a file', (blob, directory) => [a(directory, 'a', '40000'), a(blob, 'a.b')]],
    ['its last entry has no id', (blob) => [a(blob), Buffer.from('100644 b\0')]],
    ['its last entry has half an id', (blob) => [a(blob), Buffer.concat([Buffer.from('100644 b\0'), Buffer.alloc(10, 7)])]],
    ['its last entry has a byte less', (blob) => [a(blob), a(blob, 'b').subarray(0, -1)]],
    ['a byte follows', (blob) => [a(blob), Buffer.from([0])]],
    ['its only entry has no end of its name', () => [Buffer.from('100644 name')]],
    ['its only entry has no space', (blob) => [Buffer.from('100644\0'), Buffer.from(blob, 'hex')]],
    ['it is text', () => [Buffer.from('this is no tree\n')]],
    ['it is zeros', () => [Buffer.alloc(64)]],
    ['a file is at no object', () => [a(NO_OBJECT)]],
    ['a file is at an object that is nowhere', () => [a('ab'.repeat(20))]],
    ['a directory is at an object that is nowhere', () => [a('ab'.repeat(20), 'a', '40000')]],
    ['a file is a directory', (_, directory) => [a(directory)]],
    ['a directory is a file', (blob) => [a(blob, 'a', '40000')]],
    ['a link leads to a directory', (_, directory) => [a(directory, 'a', '120000')]],
  ];
  for (const [what, entries] of many) yield ofTree(what, (blob, directory) => Buffer.concat(entries(blob, directory)));
  yield ofTree('it is empty', () => Buffer.alloc(0), true);
  yield ofTree('a commit of another repository is at an object that is nowhere', () => a('ab'.repeat(20), 'a', '160000'), true);
  for (const url of ['-u./payload', 'ext::sh -c touch% x', '\nurl = x', 'file:///etc/passwd/../../\n[x]\n\tupdate = !id']) {
    yield {
      name: `tree: .gitmodules leads to ${JSON.stringify(url)}`,
      // A protocol that a client does not allow by itself is nothing that fsck minds.
      harmless: !url.startsWith('-'),
      body(branch) {
        const blob: RawObject = { type: 'blob', content: Buffer.from(`[submodule "${branch}"]\n\tpath = sub\n\turl = ${url}\n`) };
        const tree: RawObject = { type: 'tree', content: treeEntry('100644', '.gitmodules', idOf(blob)) };
        return pushingObjects(branch, commitOf(idOf(tree), branch), [tree, blob]);
      },
    };
  }
  for (const name of ['../../etc', 'a/../b', '..']) {
    yield {
      name: `tree: .gitmodules names a module ${JSON.stringify(name)}`,
      harmless: false,
      body(branch) {
        const blob: RawObject = { type: 'blob', content: Buffer.from(`[submodule "${name}"]\n\tpath = ${branch}\n\turl = https://example.org/x\n`) };
        const tree: RawObject = { type: 'tree', content: treeEntry('100644', '.gitmodules', idOf(blob)) };
        return pushingObjects(branch, commitOf(idOf(tree), branch), [tree, blob]);
      },
    };
  }
}

/** Persons that are none, or that try to be more than one line. */
const PERSONS: readonly string[] = [
  '', 'Ada', '<>', 'Ada <', 'Ada >', 'Ada ada@example.org> 1 +0000', 'Ada <ada@example.org 1 +0000', 'Ada <<a@b> 1 +0000', 'Ada <a@b>> 1 +0000', 'Ada <a> <b> 1 +0000', 'Ada > <a@b> 1 +0000', '<a@b 1 +0000', 'Ada<a@b> 1 +0000', 'Ada <a@b>1 +0000', 'Ada <a@b>', 'Ada <a@b> ', 'Ada <a@b> 1', 'Ada <a@b> +0000',
  'Ada <a@b> one +0000', 'Ada <a@b> -1 +0000', 'Ada <a@b> 01 +0000', 'Ada <a@b> 99999999999999999999999 +0000', 'Ada <a@b> 18446744073709551616 +0000', 'Ada <a@b> 1 0000', 'Ada <a@b> 1 +0', 'Ada <a@b> 1 +00000000', 'Ada <a@b> 1 UTC', 'Ada <a@b> 1  +0000', 'Ada <a@b> 1 +0000 x', 'Ada <a@b> 1\t+0000', 'Ada\0 <a@b> 1 +0000', 'Ada <a@b\0> 1 +0000', ' <a@b> 1 +0000', 'Ada <> 1 +0000', '<a@b> 1 +0000',
];
/** No name, no address, which git itself writes; and the faults that old histories have and a deployment lets pass unless told otherwise. */
const HARMLESS_PERSONS: ReadonlySet<string> = new Set([
  'Ada <> 1 +0000', ' <a@b> 1 +0000',
  'Ada <a@b>> 1 +0000', 'Ada <a@b>1 +0000', 'Ada <a@b>', 'Ada <a@b> 1 0000', 'Ada <a@b> 1 +0', 'Ada <a@b> 1 +00000000', 'Ada <a@b> 1 UTC', 'Ada <a@b> 1  +0000', 'Ada <a@b> 1 +0000 x',
]);

interface Parts {
  readonly tree: string;
  readonly blob: string;
}

/** Commits by their text, for the ids of a tree and a file. */
const COMMITS: readonly (readonly [string, boolean, (parts: Parts) => string])[] = [
  ['is empty', false, () => ''],
  ['is a line end', false, () => '\n'],
  ['is text', false, () => 'no commit at all\n'],
  ['has no tree', false, () => `author ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a tree alone', false, ({ tree }) => `tree ${tree}\n`],
  ['has no author', false, ({ tree }) => `tree ${tree}\ncommitter ${PERSON}\n\nx\n`],
  ['has no committer', false, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\n\nx\n`],
  ['has its committer first', false, ({ tree }) => `tree ${tree}\ncommitter ${PERSON}\nauthor ${PERSON}\n\nx\n`],
  ['has its author first', false, ({ tree }) => `author ${PERSON}\ntree ${tree}\ncommitter ${PERSON}\n\nx\n`],
  ['has two trees', false, ({ tree }) => `tree ${tree}\ntree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has two authors', false, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a file for a tree', false, ({ blob }) => `tree ${blob}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a tree that is nowhere', false, () => `tree ${'ab'.repeat(20)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has no object for a tree', false, () => `tree ${NO_OBJECT}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has half an id for a tree', false, ({ tree }) => `tree ${tree.slice(0, 20)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a longer id for a tree', false, ({ tree }) => `tree ${tree}00\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a name for a tree', false, () => `tree HEAD\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a space more', false, ({ tree }) => `tree  ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has lines that end as on Windows', false, ({ tree }) => `tree ${tree}\r\nauthor ${PERSON}\r\ncommitter ${PERSON}\r\n\r\nx\r\n`],
  ['has a parent that is nowhere', false, ({ tree }) => `tree ${tree}\nparent ${'ab'.repeat(20)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a tree for a parent', false, ({ tree }) => `tree ${tree}\nparent ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a file for a parent', false, ({ tree, blob }) => `tree ${tree}\nparent ${blob}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has half an id for a parent', false, ({ tree }) => `tree ${tree}\nparent ${tree.slice(0, 20)}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has its parent before its tree', false, ({ tree }) => `parent ${'ab'.repeat(20)}\ntree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a thousand parents that are nowhere', false, ({ tree }) => `tree ${tree}\n${`parent ${'ab'.repeat(20)}\n`.repeat(1000)}author ${PERSON}\ncommitter ${PERSON}\n\nx\n`],
  ['has a NUL among its headers', false, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\nx \0\n\nx\n`],
  ['ends within its headers', false, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON.slice(0, -6)}`],
  ['has a NUL in its message', false, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\na\0b\n`],
  ['has no message', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\n`],
  ['ends with its committer', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n`],
  ['has a header that nobody knows', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\nunknown x\n y\n\nx\n`],
  ['says it is signed', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\nx\n`],
  ['has an encoding that there is not', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\nencoding klingon\n\nx\n`],
  ['has trailers of this server', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\nx\n\nWeir-Actor: root\n`],
  ['has a message of a hundred thousand lines', true, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${PERSON}\n\n${'line\n'.repeat(100_000)}`],
];

function ofCommit(name: string, harmless: boolean, text: (parts: Parts) => string): HostilePush {
  return {
    name: `commit: it ${name}`,
    harmless,
    body(branch) {
      const { tree, blob } = honest(branch);
      return pushingObjects(branch, { type: 'commit', content: Buffer.from(text({ tree: idOf(tree), blob: idOf(blob) })) }, [tree, blob]);
    },
  };
}

function* commits(): Generator<HostilePush> {
  for (const [name, harmless, text] of COMMITS) yield ofCommit(name, harmless, text);
  for (const person of PERSONS) {
    const harmless = HARMLESS_PERSONS.has(person);
    yield ofCommit(`is by ${JSON.stringify(person)}`, harmless, ({ tree }) => `tree ${tree}\nauthor ${person}\ncommitter ${PERSON}\n\nx\n`);
    yield ofCommit(`is committed by ${JSON.stringify(person)}`, harmless, ({ tree }) => `tree ${tree}\nauthor ${PERSON}\ncommitter ${person}\n\nx\n`);
  }
}

/** Tags by their text, for the id of a commit that comes along. */
const TAGS: readonly (readonly [string, (commit: string) => string])[] = [
  ['is empty', () => ''],
  ['is text', () => 'no tag at all\n'],
  ['has no object', () => `type commit\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['is of an object that is nowhere', () => `object ${'ab'.repeat(20)}\ntype commit\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['has half an id', (commit) => `object ${commit.slice(0, 20)}\ntype commit\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['says a commit is a file', (commit) => `object ${commit}\ntype blob\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['says a commit is a directory', (commit) => `object ${commit}\ntype tree\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['says a commit is a tag', (commit) => `object ${commit}\ntype tag\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['is of a type that there is not', (commit) => `object ${commit}\ntype song\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['has no type', (commit) => `object ${commit}\ntag v\ntagger ${PERSON}\n\nx\n`],
  ['has no name', (commit) => `object ${commit}\ntype commit\ntagger ${PERSON}\n\nx\n`],
  ['has a name that no reference has', (commit) => `object ${commit}\ntype commit\ntag a..b~1\ntagger ${PERSON}\n\nx\n`],
  ['has a NUL among its headers', (commit) => `object ${commit}\ntype commit\ntag v\0\ntagger ${PERSON}\n\nx\n`],
  ['ends within its headers', (commit) => `object ${commit}\ntype commit\ntag v`],
  ['has a header more', (commit) => `object ${commit}\ntype commit\ntag v\ntagger ${PERSON}\nx y\n\nx\n`],
  ['is by nobody with brackets', (commit) => `object ${commit}\ntype commit\ntag v\ntagger Ada a@b 1 +0000\n\nx\n`],
  ['is by two', (commit) => `object ${commit}\ntype commit\ntag v\ntagger Ada <a@b> <c@d> 1 +0000\n\nx\n`],
  ['is by somebody without a time', (commit) => `object ${commit}\ntype commit\ntag v\ntagger Ada <a@b>\n\nx\n`],
];

/** What git says of these is for the information of whoever asks. */
const HARMLESS_TAGS: ReadonlySet<string> = new Set(['has a name that no reference has', 'has a header more', 'is by somebody without a time']);

function* tags(): Generator<HostilePush> {
  for (const [name, text] of TAGS) {
    yield {
      name: `tag: it ${name}`,
      harmless: HARMLESS_TAGS.has(name),
      body(branch) {
        const { commit, tree, blob } = honest(branch);
        const tag: RawObject = { type: 'tag', content: Buffer.from(text(idOf(commit))) };
        return pushBody([`${NO_OBJECT} ${idOf(tag)} refs/tags/${branch}`], packOf([tag, commit, tree, blob].map(entryOf)));
      },
    };
  }
  for (const kind of ['tree', 'blob', 'tag'] as const) {
    yield {
      name: `tag: a ${kind} is to be a branch`,
      harmless: false,
      body(branch) {
        const objects = honest(branch);
        return pushBody([making(branch, idOf(objects[kind]))], packOf([objects.commit, objects.tree, objects.blob, objects.tag].map(entryOf)));
      },
    };
  }
}

/** Objects with a fault, each in a pack without one. */
export function* faultyObjects(): Generator<HostilePush> {
  yield* trees();
  yield* commits();
  yield* tags();
}
