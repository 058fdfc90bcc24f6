import { sql, type AnyColumn, type Placeholder, type SQL } from 'drizzle-orm';
import { globSource } from '../domain/glob.js';

/** The condition that a name is matched by at least one of the globs; undefined where one of them matches everything. */
export function matchesGlobs(column: AnyColumn, globs: readonly string[]): SQL | undefined {
  if (globs.includes('**')) return undefined;
  return sql`${column} ~ any(${sql.param(globs.map(globSource))}::text[])`;
}

/** The condition that a name contains this text, literally and whatever the case of ASCII letters. */
export function containsText(column: AnyColumn, text: string): SQL {
  return sql`position(lower(${text}::text collate "C") in lower(${column})) > 0`;
}

/** The condition that a column is one of these numbers; one parameter however many there are. */
export function oneOfNumbers(column: AnyColumn, values: readonly number[] | Placeholder): SQL {
  return sql`${column} = any(${sql.param(values)}::bigint[])`;
}

/** The condition that a column is one of these strings; one parameter however many there are. */
export function oneOfTexts(column: AnyColumn, values: readonly string[] | Placeholder): SQL {
  return sql`${column} = any(${sql.param(values)}::text[])`;
}

/** Pairs of a number and a text, column by column, as {@link oneOfNamed} compares them. */
export interface NamedColumns {
  readonly parents: readonly number[] | Placeholder;
  readonly names: readonly string[] | Placeholder;
}

/** These pairs column by column. */
export function columnsOf(pairs: readonly (readonly [number, string])[]): { readonly parents: readonly number[]; readonly names: readonly string[] } {
  return { parents: pairs.map(([number]) => number), names: pairs.map(([, text]) => text) };
}

/** The condition that a number and a text are one of these pairs; two parameters however many there are. */
export function oneOfNamed(parent: AnyColumn, name: AnyColumn, { parents, names }: NamedColumns): SQL {
  return sql`(${parent}, ${name}) in (select * from unnest(${sql.param(parents)}::bigint[], ${sql.param(names)}::text[]))`;
}

/** The condition that two numbers are one of these pairs; two parameters however many there are. */
export function oneOfNumbered(parent: AnyColumn, number: AnyColumn, pairs: readonly (readonly [number, number])[]): SQL {
  const parents = sql.param(pairs.map(([first]) => first));
  const numbers = sql.param(pairs.map(([, second]) => second));
  return sql`(${parent}, ${number}) in (select * from unnest(${parents}::bigint[], ${numbers}::bigint[]))`;
}

/**
 * Bytes given in hexadecimal as one bytea[] parameter, written as an array literal: no buffers are made of 5,000 ids.
 */
export function bytesArray(hex: readonly (string | null)[]): SQL {
  const members = hex.map((each) => (each === null ? 'NULL' : `"\\\\x${each}"`));
  return sql`${`{${members.join(',')}}`}::bytea[]`;
}
