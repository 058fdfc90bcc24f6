import { entryOf, idOf, NO_OBJECT, packOf, pktLine, pushBody } from '../raw-push.js';
import { honest, making, type HostilePush } from './hostile-push.js';

/** Names that no branch and no tag has here, or that belong to somebody else. */
const REFS = ['refs/heads/', 'refs/heads/.', 'refs/heads/..', 'refs/heads/../../etc', 'refs/heads/-rf', 'refs/heads/a.lock', 'refs/heads/a..b', 'refs/heads/a~1', 'refs/heads/a^', 'refs/heads/a:b', 'refs/heads/a?b', 'refs/heads/a*', 'refs/heads/a[b', 'refs/heads/a\\b', 'refs/heads/a@{1}', 'refs/heads/@', 'refs/heads/HEAD', 'refs/heads/.a', 'refs/heads/a/.b', 'refs/heads/a/', 'refs/heads//a', 'refs/heads/a//b', 'refs/heads/a.', 'refs/heads/refs/heads/a', 'refs/heads/Main', 'refs/heads/main/x', `refs/heads/${'a'.repeat(300)}`, `refs/heads/${'ab'.repeat(20)}`, 'refs/heads/\u202ea', 'refs/heads/a\tb', 'refs/heads/a\u007f', 'refs/tags/', 'refs/tags/-v', 'refs/tags/a..b', 'refs/../heads/a', 'refs/proposals/1/head', 'refs/notes/a', 'refs/replace/a', 'refs/stash', 'refs/x', 'refs/'];
const BARE_REFS = ['HEAD', 'main', 'config', '../config', 'objects/info/alternates', '', 'heads/main', '/refs/heads/a'];

function request(name: string, body: (branch: string, command: string, pack: Buffer) => Buffer): HostilePush {
  return {
    name: `request: ${name}`,
    harmless: false,
    body(branch) {
      const { commit, tree, blob } = honest(branch);
      return body(branch, making(branch, idOf(commit)), packOf([commit, tree, blob].map(entryOf)));
    },
  };
}

/** Requests that are malformed around an honest pack, name what there is not, or ask for what nobody may. */
export function* requests(): Generator<HostilePush> {
  for (const ref of [...REFS, ...BARE_REFS]) yield request(`names ${JSON.stringify(ref)}`, (_, command, pack) => pushBody([command.replace(/refs\/.*$/u, () => ref)], pack));
  const olds: readonly (readonly [string, string])[] = [['an object that is nowhere', 'ab'.repeat(20)], ['a number', `${'0'.repeat(39)}1`], ['capitals', 'AB'.repeat(20)], ['39 digits', 'a'.repeat(39)], ['64 digits', 'a'.repeat(64)], ['no digits', 'g'.repeat(40)], ['a name', 'HEAD']];
  for (const [what, old] of olds) yield request(`says the branch is at ${what}`, (_, command, pack) => pushBody([command.replace(NO_OBJECT, old)], pack));
  for (const [what, old] of olds.slice(0, 1)) yield request(`moves main from ${what}`, (branch, command, pack) => pushBody([command.replace(NO_OBJECT, old).replace(branch, 'main')], pack));
  yield request('moves main from nowhere', (branch, command, pack) => pushBody([command.replace(branch, 'main')], pack));
  yield request('deletes a branch that there is not', (branch) => pushBody([`${'ab'.repeat(20)} ${NO_OBJECT} refs/heads/${branch}`], Buffer.alloc(0)));
  yield request('makes nothing of nothing', (branch, _, pack) => pushBody([`${NO_OBJECT} ${NO_OBJECT} refs/heads/${branch}`], pack));
  yield request('makes a branch twice, all or none', (_, command, pack) => pushBody([command, command], pack, 'report-status atomic'));
  yield request('makes more branches than may be', (branch, command, pack) => pushBody(Array.from({ length: 10_001 }, (_, at) => command.replace(branch, `${branch}-${at}`)), pack));
  for (const length of ['0001', '0002', '0003', 'ffff', 'fff0', 'zzzz', '-001', '0x10', '    ', '000']) yield request(`has a packet of the length ${JSON.stringify(length)}`, (_, command, pack) => Buffer.concat([Buffer.from(`${length}${command}\0report-status0000`), pack]));
  yield request('has a packet that ends before its line', (_, command, pack) => Buffer.concat([Buffer.from(pktLine(`${command}\0report-status`).replace(/^..../u, '0020')), Buffer.from('0000'), pack]));
  yield { ...request('has the line of a shallow clone', (_, command, pack) => Buffer.concat([Buffer.from(`${pktLine(`shallow ${'ab'.repeat(20)}`)}${pktLine(`${command}\0report-status`)}0000`), pack])), harmless: true };
  for (const line of ['shallow HEAD', 'shallow ', 'push-cert\0x', 'hello', '--upload-pack=touch', `${NO_OBJECT} ${NO_OBJECT}`, `${NO_OBJECT} refs/heads/a`, '\0report-status']) yield request(`has the line ${JSON.stringify(line)}`, (_, command, pack) => Buffer.concat([Buffer.from(`${pktLine(line)}${pktLine(`${command}\0report-status`)}0000`), pack]));
  yield request('has no flush', (_, command) => Buffer.from(pktLine(`${command}\0report-status`)));
  yield request('has a flush alone and a pack', (_, __, pack) => Buffer.concat([Buffer.from('0000'), pack]));
  yield request('is a pack alone', (_, __, pack) => pack);
  yield request('is nothing', () => Buffer.alloc(0));
}
