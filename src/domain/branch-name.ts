import { byteLength } from './text.js';
import { quote, rulesOf, type Violation } from './violation.js';

/** The longest component between slashes, in bytes; refs are files elsewhere, and `.lock` must still fit behind it. */
const MAX_COMPONENT_BYTES = 100;
/** The longest branch name, in bytes. */
const MAX_NAME_BYTES = 200;

const broken = rulesOf('branch-name');
const HINT = 'Use components of letters, digits, ".", "_" and "-" that begin with a letter, digit or "_", joined by "/".';

/**
 * The rule that a name for a new branch breaks, or null. Everything that passes also passes `git check-ref-format --branch`
 * (git-check-ref-format(1)) and can be told from an object id and from a full ref name. Clashes with other branches are not
 * seen here: {@link branchNamesClash}.
 */
export function branchNameViolation(name: string): Violation | null {
  if (name === '') return broken('empty', 'The branch name is empty.', HINT);
  if (byteLength(name) > MAX_NAME_BYTES) return broken('too-long', `The branch name has ${byteLength(name)} bytes, of ${MAX_NAME_BYTES} that are allowed.`, HINT);
  const foreign = /[^A-Za-z0-9._/-]/u.exec(name);
  if (foreign !== null) return broken('characters', `The branch name ${quote(name)} holds ${quote(foreign[0])}, which is not allowed.`, HINT);
  for (const component of name.split('/')) {
    const rule = componentRule(component);
    if (rule !== null) return broken(rule[0], `The branch name ${quote(name)} ${rule[1]}.`, HINT);
  }
  if (/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/iu.test(name)) return broken('object-id', `The branch name ${quote(name)} looks like an object id.`, HINT);
  if (/^(?:refs|heads)\//iu.test(name)) return broken('reserved', `The branch name ${quote(name)} begins like a full ref; name the branch alone.`, HINT);
  if (name.toUpperCase() === 'HEAD') return broken('reserved', 'HEAD is a name of git’s own.', HINT);
  return null;
}

function componentRule(component: string): readonly [rule: string, message: string] | null {
  if (component === '') return ['empty-component', 'has an empty component: a slash at its beginning or end, or two in a row'];
  if (!/^[A-Za-z0-9_]/u.test(component)) return ['component-start', `has a component that begins with ${quote(component.charAt(0))}`];
  if (component.length > MAX_COMPONENT_BYTES) return ['component-too-long', `has a component of more than ${MAX_COMPONENT_BYTES} bytes`];
  if (component.includes('..')) return ['double-dot', 'holds ".."'];
  if (component.endsWith('.')) return ['component-end', 'has a component that ends in "."'];
  if (component.toLowerCase().endsWith('.lock')) return ['component-end', 'has a component that ends in ".lock"'];
  return null;
}

/**
 * True when two branches of these names cannot live side by side: the same but for case, or one a directory of the
 * other, which a checkout or a store of loose refs could not hold.
 */
export function branchNamesClash(a: string, b: string): boolean {
  const left = a.toLowerCase();
  const right = b.toLowerCase();
  return left === right || left.startsWith(`${right}/`) || right.startsWith(`${left}/`);
}
