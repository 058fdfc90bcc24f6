import { createHash } from 'node:crypto';
import type { ObjectType, Oid } from './object-source.js';

/** The object id of `content`: SHA-1 over git's loose header and the content. */
export function hashObject(type: ObjectType, content: Buffer): Oid {
  return createHash('sha1').update(`${type} ${content.length}\0`).update(content).digest('hex');
}
