import { ObjectCorrupt } from './errors.js';
import { decodeText, readHeaders } from './header-lines.js';
import type { ObjectSource, ObjectType, Oid } from './object-source.js';
import { parseSignature, type Signature } from './signature.js';

/** An annotated tag, parsed. `tagger` is null in tags from before git wrote one; `message` includes a signature block. */
export interface Tag {
  readonly oid: Oid;
  readonly target: Oid;
  readonly targetType: ObjectType;
  readonly name: string;
  readonly tagger: Signature | null;
  readonly message: string;
}

const OID = /^[0-9a-f]{40}$/u;

/** How many tags of tags are followed; git's own histories hold two. */
const MAX_TAG_DEPTH = 64;

/** True for the four names of object kinds. */
export function isObjectType(text: string): text is ObjectType {
  return text === 'blob' || text === 'tree' || text === 'commit' || text === 'tag';
}

/** Parses an annotated tag's content: `object`, `type`, `tag`, `tagger`, blank line, message. Throws {@link ObjectCorrupt}. */
export function parseTag(oid: Oid, content: Buffer): Tag {
  const { headers, body } = readHeaders(oid, content);
  const value = (key: string): Buffer | undefined => headers.find((header) => header.key === key)?.value;
  const target = value('object')?.toString('latin1') ?? '';
  const targetType = value('type')?.toString('latin1') ?? '';
  const name = value('tag');
  if (!OID.test(target) || !isObjectType(targetType) || name === undefined) throw new ObjectCorrupt(oid, 'a tag without object, type or name');
  const tagger = value('tagger');
  return {
    oid,
    target,
    targetType,
    name: decodeText(name),
    tagger: tagger === undefined ? null : parseSignature(decodeText(tagger)),
    message: decodeText(body),
  };
}

/**
 * Follows tags to the first object that is none (`^{}` in gitrevisions): its id and type. Rejects with
 * {@link ObjectCorrupt} after 64 tags and where a tag lies about its target's type.
 */
export async function peel(source: ObjectSource, oid: Oid): Promise<{ readonly oid: Oid; readonly type: ObjectType }> {
  let at = oid;
  let { type } = await source.header(at);
  for (let depth = 0; type === 'tag'; depth++) {
    if (depth === MAX_TAG_DEPTH) throw new ObjectCorrupt(oid, `a chain of more than ${MAX_TAG_DEPTH} tags`);
    const object = await source.read(at);
    const tag = parseTag(at, object.content);
    const target = await source.header(tag.target);
    if (target.type !== tag.targetType) throw new ObjectCorrupt(at, `the tag calls a ${target.type} a ${tag.targetType}`);
    at = tag.target;
    type = target.type;
  }
  return { oid: at, type };
}
