/** The first commit's time; each next is a day later. */
export const FIRST_DAY = Date.UTC(2024, 0, 1) / 1000;
const DAY = 86_400;
const MAIN_COMMITS = 6;

/**
 * A history for `git fast-import`: `main` of six commits, a day apart, with a small, a large and a nested file; `side` and `topic/a`
 * that branch off it; an annotated tag, a light one, and one of a tag.
 */
export function fixtureStream(): string {
  const lines: string[] = [];
  for (let number = 1; number <= MAIN_COMMITS; number++) lines.push(commit('refs/heads/main', number, number === 1 ? null : `:${number - 1}`, [['file.txt', `${number}\n`], ['big.txt', 'x'.repeat(4000 + number)], ['deep/er/n.txt', `deep ${number}\n`]]));
  lines.push(commit('refs/heads/side', 7, ':4', [['side.txt', 'side\n']]));
  lines.push(commit('refs/heads/topic/a', 8, ':6', [['topic.txt', 'topic\n']]));
  lines.push(tag('v1', 20, ':2'), tag('of-tag', 21, ':20'), 'reset refs/tags/light\nfrom :5\n');
  return lines.join('');
}

function commit(ref: string, mark: number, from: string | null, files: readonly (readonly [path: string, text: string])[]): string {
  const changes = files.map(([path, text]) => `M 100644 inline ${path}\n${data(text)}`).join('');
  return `commit ${ref}\nmark :${mark}\ncommitter Ada <ada@example.org> ${FIRST_DAY + (mark - 1) * DAY} +0000\n${data(`Commit ${mark}\n`)}${from === null ? '' : `from ${from}\n`}${changes}`;
}

function tag(name: string, mark: number, of: string): string {
  return `tag ${name}\nmark :${mark}\nfrom ${of}\ntagger Ada <ada@example.org> ${FIRST_DAY} +0000\n${data(`Tag ${name}\n`)}`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}
