import { byteLength, isWellFormedText } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

/** What a deployment may choose about paths. */
export interface PathRules {
  /** The most components that a path may have. */
  readonly maxDepth: number;
  /** True: names that Windows cannot hold (`CON`, `a?b`) are refused too. */
  readonly windowsNames: boolean;
}

/** 64 components deep, Windows' own names allowed. */
export const DEFAULT_PATH_RULES: PathRules = { maxDepth: 64, windowsNames: false };

/** The longest component, in bytes of UTF-8: what common file systems hold. */
const MAX_COMPONENT_BYTES = 255;
/** The longest path, in bytes of UTF-8. */
const MAX_PATH_BYTES = 1024;

const broken = rulesOf('path');
const brokenLink = rulesOf('symlink');

/** Names that git or a checkout gives a meaning of its own, each to be written in this spelling only. */
const SPECIAL_NAMES: ReadonlySet<string> = new Set(['.gitmodules', '.gitattributes', '.gitignore', '.mailmap']);

/**
 * The rule that a path for a new file breaks, or null. Paths are relative to the root of the tree, with `/` between components.
 * Refused is all that a checkout on any common file system would take for something else: `.git` in every disguise, what
 * leaves the tree, and what `git fsck --strict` complains about. Names that imports or pushes brought in are not subject to it.
 * Clashes with siblings are not seen here: {@link siblingClash}.
 */
export function pathViolation(path: string, rules: PathRules = DEFAULT_PATH_RULES): Violation | null {
  if (path === '') return broken('empty', 'The path is empty.', 'Name a file relative to the root, such as "src/main.ts".');
  if (!isWellFormedText(path)) return broken('malformed', 'The path holds a NUL character or half of a surrogate pair.', 'Send well-formed Unicode without NUL.');
  if (byteLength(path) > MAX_PATH_BYTES) return broken('too-long', `The path has ${byteLength(path)} bytes, of ${MAX_PATH_BYTES} that are allowed.`, 'Shorten it.');
  if (/\p{Control}/u.test(path)) return broken('control-character', `The path ${quote(path)} holds a control character.`, 'Leave it out.');
  if (path.includes('\\')) return broken('backslash', `The path ${quote(path)} holds a backslash.`, 'Use "/" between components.');
  if (/^(?:\/|[A-Za-z]:)/u.test(path)) return broken('absolute', `The path ${quote(path)} is absolute.`, 'Make it relative to the root of the tree.');
  const components = path.split('/');
  if (components.length > rules.maxDepth) return broken('too-deep', `The path has ${components.length} components, of ${rules.maxDepth} that are allowed.`, 'Use fewer directories.');
  for (const [index, component] of components.entries()) {
    const found = componentRule(component, index === components.length - 1) ?? (rules.windowsNames ? windowsRule(component) : null);
    if (found !== null) return broken(found.rule, `The path ${quote(path)} ${found.message}.`, found.hint);
  }
  return null;
}

interface ComponentRule {
  readonly rule: string;
  /** Goes on after the path: "holds …". */
  readonly message: string;
  readonly hint: string;
}

function componentRule(component: string, last: boolean): ComponentRule | null {
  if (component === '') return { rule: 'empty-component', message: 'has an empty component', hint: 'Leave out slashes at the end and doubled ones.' };
  if (component === '.' || component === '..') return { rule: 'dots', message: `has the component ${quote(component)}`, hint: 'Write the path that is meant.' };
  if (/[. ]$/u.test(component)) return { rule: 'component-end', message: 'has a component that ends in a dot or a space, which some file systems drop', hint: 'Choose another name.' };
  if (byteLength(component) > MAX_COMPONENT_BYTES) {
    return { rule: 'component-too-long', message: `has a component of ${byteLength(component)} bytes, of ${MAX_COMPONENT_BYTES} that are allowed`, hint: 'Shorten it.' };
  }
  return gitNameRule(component, last);
}

/**
 * True for a component that stands for another place than an entry of that name: dots, a slash within, git's own directory in any disguise.
 * Trees that came in by an import or a push may hold such; git itself takes none of them into its index.
 */
export function leadsElsewhere(component: string): boolean {
  const read = asFileSystemsRead(component);
  return component === '.' || component === '..' || component.includes('/') || read === '.git' || isShortName(read);
}

/** The rules for names of git's own. */
function gitNameRule(component: string, last: boolean): ComponentRule | null {
  const read = asFileSystemsRead(component);
  if (read === '' && !component.startsWith(':')) {
    return { rule: 'dots', message: `has the component ${quote(component)}, which some file system reads as dots or nothing`, hint: 'Choose another name.' };
  }
  if (read === '.git' || isShortName(read)) {
    return { rule: 'dot-git', message: `has the component ${quote(component)}, which some file system reads as a name of git’s own`, hint: 'Choose another name.' };
  }
  if (!SPECIAL_NAMES.has(read)) return null;
  if (component !== read) return { rule: 'git-file', message: `has the component ${quote(component)}, which some file system reads as ${quote(read)}`, hint: `Spell it ${quote(read)}.` };
  if (read === '.gitmodules') return { rule: 'git-modules', message: 'would change ".gitmodules", which directs what clones fetch and run', hint: 'Push it with git instead.' };
  return last ? null : { rule: 'git-file', message: `has a directory called ${quote(read)}`, hint: 'Choose another name.' };
}

/**
 * A component as the least careful file system reads it: HFS+ drops ignorable code points, NTFS all behind a `:` (alternate
 * streams) and dots and spaces at the end, both fold case, and compatibility forms are folded as well to be on the safe side.
 */
function asFileSystemsRead(component: string): string {
  const plain = component.normalize('NFKC').replaceAll(/[\p{Default_Ignorable_Code_Point}\u206A-\u206F]/gu, '');
  return plain.toUpperCase().toLowerCase().replace(/:.*$/su, '').replace(/[. ]+$/u, '');
}

/**
 * NTFS's 8.3 aliases of `.git` and of the special names: a stem of at most six characters, `~` and a number; after a few
 * collisions the stem becomes two letters and four hexadecimal digits of a hash, which a longer number shortens.
 */
function isShortName(read: string): boolean {
  return /^(?:git|gitmod|gitatt|gitign|mailma|gi[0-9a-f]{0,4}|ma[0-9a-f]{0,4})~\d+$/u.test(read);
}

/** The rules of Win32 for names, where the deployment asks for them ("Naming Files, Paths, and Namespaces", Microsoft). */
function windowsRule(component: string): ComponentRule | null {
  if (/[<>:"|?*]/u.test(component)) return { rule: 'windows-character', message: 'holds a character that Windows does not allow in names', hint: 'Leave out < > : " | ? *.' };
  if (/^(?:con|prn|aux|nul|conin\$|conout\$|(?:com|lpt)[0-9¹²³]) *(?:\.|$)/iu.test(component)) {
    return { rule: 'windows-device', message: `has the component ${quote(component)}, which is a device on Windows`, hint: 'Choose another name.' };
  }
  return null;
}

/** What two names in one directory may not share: their form without case and with composed accents. */
export function siblingKey(name: string): string {
  return name.normalize('NFD').toUpperCase().toLowerCase().normalize('NFC');
}

/** The first of `siblings` that a case-folding or Unicode-normalising file system takes for `name`, the very same name aside; or null. */
export function siblingClash(name: string, siblings: Iterable<string>): string | null {
  const key = siblingKey(name);
  for (const sibling of siblings) if (sibling !== name && siblingKey(sibling) === key) return sibling;
  return null;
}

/** The refusal of {@link siblingClash}. */
export function siblingViolation(path: string, sibling: string): Violation {
  return {
    rule: 'path/sibling',
    message: `The path ${quote(path)} differs from its sibling ${quote(sibling)} only by case or by the form of accents.`,
    hint: 'Some file systems cannot hold both: use the sibling’s spelling, or another name.',
  };
}

/** The longest target, in bytes; it is a path as well. */
const MAX_TARGET_BYTES = 1024;

/**
 * The rule that a symbolic link at `path` to `target` breaks, or null. A target is relative, climbs first and descends then, and
 * never climbs above the root. As directories of a tree are real ones, and every link obeys this, no chain of links leaves the tree.
 */
export function symlinkViolation(path: string, target: string): Violation | null {
  const hint = 'Point it at a place inside the tree, relative to the link’s own directory.';
  if (target === '') return brokenLink('empty', 'The symbolic link has no target.', hint);
  if (!isWellFormedText(target) || /\p{Control}/u.test(target)) return brokenLink('malformed', 'The target of the symbolic link holds a control character or is malformed.', hint);
  if (byteLength(target) > MAX_TARGET_BYTES) return brokenLink('too-long', `The target has ${byteLength(target)} bytes, of ${MAX_TARGET_BYTES} that are allowed.`, hint);
  if (target.includes('\\') || /^(?:\/|[A-Za-z]:)/u.test(target)) return brokenLink('absolute', `The target ${quote(target)} is not a relative path with "/".`, hint);
  if (path.split('/').some((component) => SPECIAL_NAMES.has(asFileSystemsRead(component)))) {
    return brokenLink('git-file', `${quote(path)} is a file that git reads, so it cannot be a symbolic link.`, 'Write it as a file.');
  }
  const components = target.replace(/\/$/u, '').split('/');
  const descends = components.findIndex((component) => component !== '..');
  const climbs = descends < 0 ? components.length : descends;
  if (climbs >= path.split('/').length) return brokenLink('outside', `The target ${quote(target)} is outside of the tree.`, hint);
  for (const component of components.slice(climbs)) {
    if (component === '..') return brokenLink('zigzag', `The target ${quote(target)} climbs after descending, which another link could lead outside.`, hint);
    if (component === '.' && components.length === 1) continue;
    if (component === '' || component === '.') return brokenLink('component', `The target ${quote(target)} has an empty component or ".".`, hint);
    if (asFileSystemsRead(component) === '.git' || isShortName(asFileSystemsRead(component))) return brokenLink('dot-git', `The target ${quote(target)} leads into git’s own directory.`, hint);
  }
  return null;
}

/** The longest line that git takes in a `.gitattributes`; a longer one makes `git fsck` refuse the blob. */
const MAX_ATTRIBUTES_LINE_BYTES = 2048;

/** The rule that the content of a file at `path` breaks by the meaning that git gives the name, or null (for nearly all files). */
export function specialContentViolation(path: string, content: Uint8Array): Violation | null {
  if (path !== '.gitattributes' && !path.endsWith('/.gitattributes')) return null;
  let start = 0;
  while (start < content.length) {
    const newline = content.indexOf(0x0a, start);
    const end = newline < 0 ? content.length : newline;
    if (end - start >= MAX_ATTRIBUTES_LINE_BYTES) {
      return {
        rule: 'path/attributes-line',
        message: `${quote(path)} has a line of ${end - start} bytes, and git takes fewer than ${MAX_ATTRIBUTES_LINE_BYTES}.`,
        hint: 'Break the line up.',
      };
    }
    start = end + 1;
  }
  return null;
}
