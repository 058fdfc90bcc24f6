import { hashObject } from '../objects/hash.js';
import type { Oid } from '../objects/object-source.js';

/**
 * What stands in the place of a content that was removed for good. One text for all: versions of a purged file then merge
 * without conflict. It begins with `#`, so that it also reads as a comment where git reads the file itself (`.gitmodules`,
 * `.gitattributes`, `.gitignore`), and it does not name what was removed: the id of a short secret can be guessed from.
 */
export const TOMBSTONE: Buffer = Buffer.from('# The content of this file was removed for good (weir purge).\n', 'utf8');

/** The id of {@link TOMBSTONE}. */
export const TOMBSTONE_OID: Oid = hashObject('blob', TOMBSTONE);

/** The message of a commit whose run was removed for good, before its trailers. */
export const TOMBSTONE_MESSAGE = 'Message removed for good (weir purge)';

/** The blob without content: there is nothing in it to remove, and half of all repositories hold it. */
export const EMPTY_BLOB: Oid = hashObject('blob', Buffer.alloc(0));
