import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { builder } from './builder.js';

const OID = /^[0-9a-f]{40}$/u;
const RFC3339 = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})$/u;
const DURATION = /^P(?=.)(?:(\d+)W)?(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?)?$/u;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

function refuse(what: string): never {
  throw new GraphQLError(what, { extensions: { code: 'INVALID_ARGUMENT' } });
}

/** An instant from RFC 3339 text; refuses other forms, and dates that do not exist. */
export function parseDateTime(value: unknown): Date {
  if (typeof value !== 'string' || !RFC3339.test(value)) return refuse('A DateTime is RFC 3339 text with a zone, such as "2026-01-31T12:00:00Z".');
  const at = new Date(value);
  return Number.isNaN(at.getTime()) ? refuse(`There is no such instant as ${value}.`) : at;
}

/** Milliseconds from an ISO 8601 duration of weeks, days, hours, minutes and seconds; months and years have no fixed length and are refused. */
export function parseDuration(value: unknown): number {
  const parts = typeof value === 'string' && value.length <= 40 ? DURATION.exec(value) : null;
  if (parts === null) return refuse('A Duration is ISO 8601 text of weeks, days, hours, minutes and seconds, such as "P14D" or "PT90S".');
  const [, weeks = '0', days = '0', hours = '0', minutes = '0', seconds = '0'] = parts;
  const total = Number(weeks) * 7 * DAY + Number(days) * DAY + Number(hours) * HOUR + Number(minutes) * MINUTE + Number(seconds) * SECOND;
  return Number.isSafeInteger(total) ? total : refuse('The Duration is too long.');
}

/** Milliseconds as ISO 8601 text, in days, hours, minutes and seconds. */
export function printDuration(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY);
  const hours = Math.floor((milliseconds % DAY) / HOUR);
  const minutes = Math.floor((milliseconds % HOUR) / MINUTE);
  const seconds = Math.floor((milliseconds % MINUTE) / SECOND);
  const time = `${hours > 0 ? `${hours}H` : ''}${minutes > 0 ? `${minutes}M` : ''}${seconds > 0 ? `${seconds}S` : ''}`;
  if (days === 0 && time === '') return 'PT0S';
  return `P${days > 0 ? `${days}D` : ''}${time === '' ? '' : `T${time}`}`;
}

/** An object id; refuses abbreviations and capital letters. */
export function parseOid(value: unknown): string {
  return typeof value === 'string' && OID.test(value) ? value : refuse('A GitObjectID is 40 lowercase hexadecimal digits.');
}

/** A whole number that JSON carries exactly. */
export function parseSafeInt(value: unknown): number {
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : refuse('A SafeInt is a whole number of at most 2^53 − 1 either way.');
}

function literalString(node: ValueNode): string | null {
  return node.kind === Kind.STRING ? node.value : null;
}

builder.scalarType('DateTime', {
  description: 'An instant as RFC 3339 text in UTC, such as `2026-01-31T12:00:00.000Z`. Input may name another zone.',
  serialize: (value) => value.toISOString(),
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(literalString(node)),
});

builder.scalarType('Duration', {
  description: 'A span of time as ISO 8601 text of weeks, days, hours, minutes and seconds: `P14D`, `PT90S`. No months or years.',
  serialize: printDuration,
  parseValue: parseDuration,
  parseLiteral: (node) => parseDuration(literalString(node)),
});

builder.scalarType('GitObjectID', {
  description: 'The full id of a git object: 40 lowercase hexadecimal digits of SHA-1.',
  serialize: (value) => value,
  parseValue: parseOid,
  parseLiteral: (node) => parseOid(literalString(node)),
});

builder.scalarType('SafeInt', {
  description: 'A whole number up to 2^53 − 1, for sizes that outgrow the 32 bits of `Int`.',
  serialize: (value) => value,
  parseValue: parseSafeInt,
  parseLiteral: (node) => parseSafeInt(node.kind === Kind.INT ? Number(node.value) : null),
});
