import { describe, expect, test } from 'vitest';
import { actorViolation, emailViolation, labelsViolation, messageViolation, personNameViolation, runIdViolation } from '../../src/domain/commit-data.js';
import { BODY, byteLength, globViolation, idempotencyKeyViolation, isWellFormedText, textViolation, TITLE } from '../../src/domain/text.js';
import { fc } from '../support/fast-check.js';

describe('texts', () => {
  test('survive UTF-8 whenever they are well-formed', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat({ max: 0xff_ff }), fc.integer({ min: 0xd8_00, max: 0xdf_ff })), { maxLength: 4 }), (units) => {
        const whole = String.fromCharCode(...units);
        const survives = Buffer.from(whole, 'utf8').toString('utf8') === whole && !whole.includes('\0');
        expect(isWellFormedText(whole)).toBe(survives);
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ['Fix the login', null],
    ['', 'title/empty'],
    ['  \t', 'title/empty'],
    ['a\nb', 'title/control-character'],
    ['a\u0085b', 'title/control-character'],
    [' a', 'title/white-space'],
    ['a\ud800', 'title/malformed'],
    ['a\0', 'title/malformed'],
    ['é'.repeat(256), null],
    ['é'.repeat(257), 'title/too-long'],
  ])('the title %j: %s', (title, rule) => {
    expect(textViolation(TITLE, title)?.rule ?? null).toBe(rule);
  });

  test('bodies may be empty and have many lines', () => {
    expect(textViolation(BODY, '')).toBeNull();
    expect(textViolation(BODY, '# a\r\n\n\tb')).toBeNull();
    expect(textViolation(BODY, 'a'.repeat(256 * 1024 + 1))?.rule).toBe('body/too-long');
  });

  test('sizes count bytes, not characters', () => {
    expect(byteLength('aé😀')).toBe(7);
  });

  test('idempotency keys and globs are one line that is not empty', () => {
    expect(idempotencyKeyViolation('3f2c')).toBeNull();
    expect(idempotencyKeyViolation('')?.rule).toBe('idempotency-key/empty');
    expect(idempotencyKeyViolation('x'.repeat(256))?.rule).toBe('idempotency-key/too-long');
    expect(globViolation('session/**')).toBeNull();
    expect(globViolation('')?.rule).toBe('glob/empty');
    expect(globViolation('a\nb')?.rule).toBe('glob/control-character');
  });
});

describe('names and addresses in commits', () => {
  test.each([
    ['Ada Lovelace', null],
    ['Zoë 李', null],
    ['a> 1 +0000\ncommitter evil <e@e', 'person-name/control-character'],
    ['a> 1 +0000', 'person-name/angle-bracket'],
    ['<a', 'person-name/angle-bracket'],
    ['a\0', 'person-name/malformed'],
    ['', 'person-name/empty'],
    ['a\u007f', 'person-name/control-character'],
    ['a\r', 'person-name/control-character'],
  ])('the name %j: %s', (name, rule) => {
    expect(personNameViolation(name)?.rule ?? null).toBe(rule);
  });

  test.each([
    ['ada@example.org', null],
    ['ada', null],
    ['a b@c', 'email/white-space'],
    ['a@b>', 'email/angle-bracket'],
    ['', 'email/empty'],
    ['a@b\n', 'email/control-character'],
  ])('the address %j: %s', (email, rule) => {
    expect(emailViolation(email)?.rule ?? null).toBe(rule);
  });

  test('actors and run ids cannot break out of the lines they are written to', () => {
    expect(actorViolation('agent-7')).toBeNull();
    expect(actorViolation('a <b@c>')?.rule).toBe('actor/angle-bracket');
    expect(runIdViolation('run 42')).toBeNull();
    expect(runIdViolation('a\nWeir-Actor: root')?.rule).toBe('run-id/control-character');
  });
});

describe('commit messages', () => {
  test.each([
    ['Fix', null],
    ['Fix\n\nBecause.\n\nReviewed-by: Ada', null],
    ['Fix\n\nAbout Weir-Run: it is in the middle of a line', null],
    ['', 'message/empty'],
    [' \n', 'message/empty'],
    ['a\0b', 'message/malformed'],
    ['Fix\n\nWeir-Run: 1', 'message/reserved-trailer'],
    ['Fix\n\nweir-actor : root', 'message/reserved-trailer'],
    ['Fix\n\n  WEIR-X: 1\nb', 'message/reserved-trailer'],
    ['Weir-Checkpoint: 3', 'message/reserved-trailer'],
    ['Fix\r\n\r\nWeir-Run: 1', 'message/reserved-trailer'],
    ['a'.repeat(64 * 1024 + 1), 'message/too-long'],
  ])('%j: %s', (message, rule) => {
    expect(messageViolation(message)?.rule ?? null).toBe(rule);
  });
});

describe('labels', () => {
  test.each([
    [[], null],
    [[{ key: 'Ticket-7', value: 'any text: é' }], null],
    [[{ key: 'a', value: '' }], null],
    [[{ key: '', value: 'x' }], 'label-key/empty'],
    [[{ key: 'a b', value: 'x' }], 'label-key/characters'],
    [[{ key: 'é', value: 'x' }], 'label-key/characters'],
    [[{ key: 'a\n', value: 'x' }], 'label-key/characters'],
    [[{ key: 'weir-run', value: 'x' }], 'label-key/reserved'],
    [[{ key: 'x'.repeat(65), value: 'x' }], 'label-key/too-long'],
    [[{ key: 'a', value: '1' }, { key: 'A', value: '2' }], 'label-key/repeated'],
    [[{ key: 'a', value: 'x\nWeir-Run: 1' }], 'label-value/control-character'],
    [[{ key: 'a', value: 'x'.repeat(1025) }], 'label-value/too-long'],
    [Array.from({ length: 65 }, (_, index) => ({ key: `k${index}`, value: '' })), 'labels/too-many'],
  ])('%j: %s', (labels, rule) => {
    expect(labelsViolation(labels)?.violation.rule ?? null).toBe(rule);
  });

  test('the answer says which one and which half', () => {
    expect(labelsViolation([{ key: 'a', value: '' }, { key: 'b', value: '\n' }])).toMatchObject({ index: 1, member: 'value' });
  });
});
