import { bigint, customType, timestamp } from 'drizzle-orm/pg-core';

const OID_BYTES = 20;

/** Text that sorts and compares byte by byte, whatever the cluster's locale: every name and every key of a page order. */
export const cText = customType<{ data: string; driverData: string }>({
  dataType: () => 'text COLLATE "C"',
});

/** Bytes as they are. */
export const bytes = customType<{ data: Buffer; driverData: Buffer }>({
  dataType: () => 'bytea',
});

/**
 * An object id: 40 hexadecimal digits in code, 20 bytes in the row. The commit graph is mostly ids, and bytes take half of
 * what text takes, in the table and in each of its indexes.
 */
export const oid = customType<{ data: string; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (hex) => Buffer.from(hex, 'hex'),
  fromDriver: (raw) => raw.toString('hex'),
});

/** Object ids one behind the other in a single value: the parents of a commit, in order. */
export const oidList = customType<{ data: readonly string[]; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (list) => Buffer.from(list.join(''), 'hex'),
  fromDriver: (raw) => {
    const list: string[] = [];
    for (let at = 0; at < raw.length; at += OID_BYTES) list.push(raw.toString('hex', at, at + OID_BYTES));
    return list;
  },
});

/** A SHA-256: 64 hexadecimal digits in code, 32 bytes in the row. */
export const sha256 = customType<{ data: string; driverData: Buffer }>({
  dataType: () => 'bytea',
  toDriver: (hex) => Buffer.from(hex, 'hex'),
  fromDriver: (raw) => raw.toString('hex'),
});

/** A number that fits 2^53: ids, sequence numbers, sizes in bytes. */
export function count(name: string) {
  return bigint(name, { mode: 'number' });
}

/** A generated id. `BY DEFAULT`, because a move of a branch takes its checkpoint's id from the sequence before the row exists. */
export function generatedId() {
  return count('id').primaryKey().generatedByDefaultAsIdentity();
}

/** An instant to the millisecond, as JavaScript knows it: a page key made of a `Date` must find the very row it came from. */
export function instant(name: string) {
  return timestamp(name, { withTimezone: true, precision: 3, mode: 'date' });
}
