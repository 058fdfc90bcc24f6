/** What a `rev` may be, for the description of every argument of that name. */
export const REV =
  'A rev: `checkpoint:<n>@<branch>`, `proposal:<n>` (its source head), `tag:<name>`, the id of a Branch, Checkpoint, Proposal or Commit, ' +
  'an exact branch name, a full object id, or an unambiguous abbreviation of at least 7 digits, tried in this order. Unknown ones answer UNKNOWN_REV.';

/** How a repository is named, for arguments and input fields. */
export const REPO = 'The repository, by name or node id.';

/** How a branch is named, for arguments and input fields. */
export const BRANCH = 'The branch, by exact name or node id.';

/** What an idempotency key does, for every input that has one. */
export const IDEMPOTENCY_KEY =
  'Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; ' +
  'with another input it is InvalidInput. Refusals are not kept.';

/** What an expected head does. */
export const EXPECTED_HEAD = 'Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is.';

/** What an expected version does. */
export const EXPECTED_VERSION = 'Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use.';

/** The run that a change belongs to. */
export const RUN_ID = 'The run that this belongs to; it travels as the trailer `Weir-Run`.';

/** The session that a change belongs to. */
export const SESSION_ID = 'The session that this belongs to; it travels as the trailer `Weir-Session`.';

/** Free metadata. */
export const METADATA = 'Flat pairs of text that are kept with it; keys of letters, digits and `-`, none beginning with `Weir-`.';

/** What a dry run does. */
export const DRY_RUN = 'Answer what it would change, and write nothing.';

/** The message of a checkpoint that the server words itself. */
export const USUAL_MESSAGE = 'The commit message, without trailers of the server; a usual one unless given.';
