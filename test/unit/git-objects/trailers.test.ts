import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ObjectUnwritable } from '../../../src/git/objects/errors.js';
import { appendTrailers, parseTrailers } from '../../../src/git/objects/trailers.js';
import { fc } from '../../support/fast-check.js';
import { git, makeRepository, removeRepository } from '../../support/git-binary.js';

let repository = '';
beforeAll(() => {
  repository = makeRepository();
});
afterAll(() => removeRepository(repository));

function parsedByGit(message: string): string[] {
  const printed = git(repository, ['interpret-trailers', '--parse', '--no-divider'], Buffer.from(message, 'utf8'));
  return Buffer.from(printed, 'latin1').toString('utf8').split('\n').filter((line) => line !== '');
}

function appendedByGit(message: string, key: string, value: string): string {
  // The final line break is part of what is compared, and the helper cuts one off.
  const printed = git(repository, ['interpret-trailers', '--no-divider', '--if-exists', 'add', '--trailer', `${key}: ${value}`], Buffer.from(message, 'utf8'));
  return `${Buffer.from(printed, 'latin1').toString('utf8')}\n`;
}

function printed(message: string): string[] {
  return parseTrailers(message).map(({ key, value }) => `${key}: ${value}`);
}

const lines = fc.constantFrom(
  '', '', ' ', '\t', 'Subject', 'some prose here', 'Signed-off-by: A <a@b>', '(cherry picked from commit abc)', 'Key: value', 'Other-Key : spaced',
  'Weir-Run: 7', ' folded part', '\tfolded by a tab', '# a comment', '---', 'no colon', 'two words: not a key', ': no key', 'Empty:', 'https://example.org/a:b', 'é: accent', 'Ends-With-Space: x  ',
);
/** Lines that git leaves as they are when it prints a message again; it trims and unfolds the others. */
const plain = fc.constantFrom('', '', 'Subject', 'some prose here', 'Signed-off-by: A <a@b>', '(cherry picked from commit abc)', 'Key: value', 'no colon', '---');
const plainMessages = fc.array(plain, { minLength: 1, maxLength: 14 }).map((parts) => `Title\n${parts.join('\n')}\n`);
const messages = fc.array(lines, { minLength: 1, maxLength: 14 }).map((parts) => `${parts.join('\n')}\n`);

describe('trailers', () => {
  it('are read as git interpret-trailers reads them', () => {
    fc.assert(
      fc.property(messages, (message) => {
        expect(printed(message)).toEqual(parsedByGit(message));
      }),
      { numRuns: 400 },
    );
  });

  it('are appended as git interpret-trailers appends them', () => {
    fc.assert(
      fc.property(plainMessages, fc.constantFrom('Weir-Run', 'Key'), fc.constantFrom('1', 'a b'), (message, key, value) => {
        expect(appendTrailers(message, [{ key, value }])).toBe(appendedByGit(message, key, value));
      }),
      { numRuns: 400 },
    );
  });

  it('read back what was appended, after any message that ends in prose', () => {
    const text = appendTrailers('Subject\n\nBody: is not only trailers\nprose', [{ key: 'Weir-Actor', value: 'ada' }, { key: 'Weir-Run', value: '7' }]);
    expect(parseTrailers(text)).toEqual([{ key: 'Weir-Actor', value: 'ada' }, { key: 'Weir-Run', value: '7' }]);
  });

  it.each([
    [{ key: 'Weir Run', value: 'x' }],
    [{ key: '', value: 'x' }],
    [{ key: 'Weir-Run', value: 'x\nSigned-off-by: someone else' }],
    [{ key: 'Weir-Run', value: 'x\0' }],
  ])('refuse %j, which would not read back', (trailer) => {
    expect(() => appendTrailers('Subject\n', [trailer])).toThrow(ObjectUnwritable);
  });
});
