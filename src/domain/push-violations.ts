import { quote, rulesOf, type Violation } from './violation.js';

const broken = rulesOf('push');

/** The reference is no branch and no tag. */
export function foreignNamespace(name: string): Violation {
  return broken('namespace', `Only branches and tags are pushed here, and ${quote(name)} is neither.`, 'Push to refs/heads/… or refs/tags/….');
}

/** The tip of a branch is no commit. */
export function notACommit(name: string): Violation {
  return broken('not-a-commit', `The branch ${quote(name)} can only be at a commit.`, 'Push a commit.');
}

/** The branch would lose commits. */
export function notFastForward(name: string): Violation {
  return broken('not-fast-forward', `The branch ${quote(name)} has commits that this push would take from it.`, 'Fetch and merge or rebase first; the gateway takes no forced pushes (WEIR_FORCE_PUSH).');
}

/** A tag that exists is moved or deleted. */
export function tagStays(name: string): Violation {
  return broken('tag', `The tag ${quote(name)} exists, and tags are neither moved nor deleted here.`, 'Choose another name.');
}

/** The push builds on something that it does not bring and that the key may not read. */
export function incomplete(): Violation {
  return broken('incomplete', 'The push builds on objects that neither it nor anything that this key reads holds.', 'Fetch first, then push again.');
}

/** The reference has moved since the client looked. */
export function movedMeanwhile(name: string): Violation {
  return broken('fetch-first', `${quote(name)} is not where this push expects it.`, 'Fetch first.');
}
