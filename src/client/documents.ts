// Written by `npm run client:print` from documents.graphql and the schema; not edited by hand.
import { typed, type TypedText } from './typed-text.js';

/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };

/** A file of a proposal to accept, whole or by hunks. */
export type AcceptInput = {
  /** These hunks alone, by id, of a diff of the head with white space shown, whatever its context. Any of them brings the rename or the mode of the file along. The whole file unless given; an empty list is refused. */
  readonly hunks?: ReadonlyArray<string> | null | undefined;
  /** Where it is now, or where it was; a file that moved answers to both. */
  readonly path: string;
};

/** Which branches; every given member must hold. */
export type BranchFilter = {
  /** Deleted branches instead of live ones. */
  readonly deleted?: boolean | null | undefined;
  /** That have not moved for at least this long. */
  readonly inactiveFor?: string | null | undefined;
  /** Of this kind. */
  readonly kind?: BranchKind | null | undefined;
  /** Only those that a rule of retention has marked, or only the others. */
  readonly marked?: boolean | null | undefined;
  /** The name contains this text, in any case. */
  readonly nameContains?: string | null | undefined;
  /** Made by this run. */
  readonly runId?: string | null | undefined;
  /** Made by this session. */
  readonly sessionId?: string | null | undefined;
  /** In one of these states; with DELETED among them, deleted ones too. */
  readonly states?: ReadonlyArray<BranchState> | null | undefined;
};

/** What a branch is for, read from its name by the naming rules (`server.namingRules`). */
export type BranchKind =
  /** The default branch of the repository. */
  | 'DEFAULT'
  /** Any other name. */
  | 'OTHER'
  /** A branch that carries a proposal: `proposal/<feature>-<run-id>`. */
  | 'PROPOSAL'
  /** A working branch of one session: `session/<id>`. */
  | 'SESSION';

/** How new branches may be named. */
export type BranchNamingInput = {
  /** Whether names must fit a pattern; OPEN unless given. */
  readonly mode?: NamingMode | null | undefined;
  /** Patterns of branch names such as `feature/<ticket>`: a word in angle brackets stands for one character or more of a segment, all else for itself. `session/<id>` and `proposal/<feature>-<run-id>` unless given. */
  readonly patterns?: ReadonlyArray<string> | null | undefined;
};

/** Where a branch stands in its life. */
export type BranchState =
  /** It has moved lately: within the last 14 days, unless the deployment or the repository counts differently. */
  | 'ACTIVE'
  /** Its name is free again; its checkpoints stay readable. */
  | 'DELETED'
  /** It has not moved for that long; the longer it rests, the likelier its merge conflicts. */
  | 'IDLE'
  /** It went into its base. */
  | 'MERGED';

/** Which verb moved the branch forward. */
export type CheckpointOrigin =
  /** Made by createCheckpoint, or from the first files of a new repository. */
  | 'API'
  /** The import of an existing repository. */
  | 'IMPORT'
  /** Made by mergeBranch or mergeProposal. */
  | 'MERGE'
  /** A git push. */
  | 'PUSH'
  /** The base was brought in. */
  | 'REFRESH'
  /** An earlier content was brought back. */
  | 'RESTORE'
  /** The changes of a run were taken out. */
  | 'REVERT';

/** Where a checkpoint stands in the timeline of its branch. */
export type CheckpointState =
  /** Left behind by a move after an undo; restorable. */
  | 'ABANDONED'
  /** In the past of the head. */
  | 'BEHIND'
  /** The head of the branch. */
  | 'CURRENT'
  /** Undone; redo leads to it. */
  | 'UNDONE';

/** A comment: a reply with `thread`; otherwise the first of a new thread, on a line with `path`, `side` and `line`, on a file with `path` alone, on the whole with none. */
export type CommentOnProposalInput = {
  /** What is said, as markdown, 64 KiB at most. */
  readonly body: string;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The line, from 1, as the lines of the diff are numbered on that side. */
  readonly line?: number | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** The file, as the head or, if it is not there, the base has it. */
  readonly path?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Which side of the diff the line is on. */
  readonly side?: DiffSide | null | undefined;
  /** The thread to reply in. */
  readonly thread?: string | null | undefined;
};

/** What kept a path from merging. */
export type ConflictKind =
  /** Both sides added a file here, with different content. */
  | 'ADD_ADD'
  /** Both sides changed a file that has no lines. */
  | 'BINARY'
  /** Both sides changed the same lines, or the same symbolic link. */
  | 'CONTENT'
  /** One side has a file where the other has a directory, or added to a directory that the other renamed. */
  | 'FILE_DIRECTORY'
  /** File, link and submodule met at one path, or modes that differ both ways. */
  | 'MODE'
  /** One side changed what the other deleted. */
  | 'MODIFY_DELETE'
  /** One side renamed what the other deleted. */
  | 'RENAME_DELETE'
  /** Both sides renamed the same file, to different paths. */
  | 'RENAME_RENAME'
  /** Both sides moved a submodule. */
  | 'SUBMODULE';

/** How one conflicting path is settled; exactly one member. What a path is not resolved for stays in conflict. */
export type ConflictResolution =
  {   /** Write this file; its path is that of the conflict. */
  readonly content: WriteFile; readonly delete?: never; readonly hunks?: never; readonly take?: never; }
  |  { readonly content?: never;   /** Delete the path. */
  readonly delete: DeletePath; readonly hunks?: never; readonly take?: never; }
  |  { readonly content?: never; readonly delete?: never;   /** Settle the hunks one by one. */
  readonly hunks: ResolveHunks; readonly take?: never; }
  |  { readonly content?: never; readonly delete?: never; readonly hunks?: never;   /** Take one side’s file. */
  readonly take: TakeSide; };

/** A branch to create. */
export type CreateBranchInput = {
  /** When it may be removed for its age; never unless given. */
  readonly expiresAt?: string | null | undefined;
  /** Where it begins: the head of the default branch unless given. A rev: `checkpoint:<n>@<branch>`, `proposal:<n>` (its source head), `tag:<name>`, the id of a Branch, Checkpoint, Proposal or Commit, an exact branch name, a full object id, or an unambiguous abbreviation of at least 7 digits, tried in this order. Unknown ones answer UNKNOWN_REV. */
  readonly from?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** Flat pairs of text that are kept with it; keys of letters, digits and `-`, none beginning with `Weir-`. */
  readonly metadata?: ReadonlyArray<LabelInput> | null | undefined;
  /** The name; `session/<id>` and `proposal/<feature>-<run-id>` say what it is for. */
  readonly name: string;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** The run that this belongs to; it travels as the trailer `Weir-Run`. */
  readonly runId?: string | null | undefined;
  /** The session that this belongs to; it travels as the trailer `Weir-Session`. */
  readonly sessionId?: string | null | undefined;
};

/** A checkpoint to create. */
export type CreateCheckpointInput = {
  /** Who wrote it; the actor of the key unless given. */
  readonly author?: SignatureInput | null | undefined;
  /** The branch, by exact name or node id. */
  readonly branch: string;
  /** What changes, in order. Either this or `patch`. */
  readonly changes?: ReadonlyArray<FileChange> | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The commit message, without trailers of the server. */
  readonly message: string;
  /** Flat pairs of text that are kept with it; keys of letters, digits and `-`, none beginning with `Weir-`. */
  readonly metadata?: ReadonlyArray<LabelInput> | null | undefined;
  /** A unified diff to apply, as `git apply` would. Either this or `changes`. */
  readonly patch?: string | null | undefined;
  /** What was asked of the agent. Kept in the database, never in the commit. */
  readonly prompt?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** The run that this belongs to; it travels as the trailer `Weir-Run`. */
  readonly runId?: string | null | undefined;
  /** The session that this belongs to; it travels as the trailer `Weir-Session`. */
  readonly sessionId?: string | null | undefined;
};

/** A repository to create. */
export type CreateRepoInput = {
  /** The name of its default branch. */
  readonly defaultBranch?: string | null | undefined;
  /** What it is for. */
  readonly description?: string | null | undefined;
  /** The first files; none unless given. */
  readonly files?: ReadonlyArray<WriteFile> | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** Pairs of text to keep with it. */
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  /** The message of the first commit. */
  readonly message?: string | null | undefined;
  /** One to three segments joined by `/`; see `server.namingRules`. */
  readonly name: string;
  /** What it decides for itself; a section that is left out has its default. */
  readonly settings?: RepoSettingsInput | null | undefined;
};

/** A branch to delete. */
export type DeleteBranchInput = {
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The branch, by exact name or node id. */
  readonly name: string;
  /** The repository, by name or node id. */
  readonly repo: string;
};

/** A path to delete. */
export type DeletePath = {
  /** A file, or a directory with all beneath it. */
  readonly path: string;
};

/** What `to` is compared with. */
export type DiffComparison =
  /** `from` itself, as `git diff A B`. */
  | 'DIRECT'
  /** The merge base of both, as `git diff A...B`: what `to` added since it left `from`. */
  | 'MERGE_BASE';

/** What a line of a hunk is. */
export type DiffLineKind =
  /** Only in the new file. */
  | 'ADDED'
  /** Unchanged. */
  | 'CONTEXT'
  /** Only in the old file. */
  | 'DELETED';

/** Why a changed file has no hunks. */
export type DiffOmission =
  /** One side has a NUL among its first 8000 bytes. */
  | 'BINARY'
  /** It is a commit of another repository. */
  | 'SUBMODULE'
  /** Comparing it would exceed the limits `diffBytes` or `diffMs`. */
  | 'TOO_LARGE';

/** How a diff is made. The defaults are those of `git diff A...B`. */
export type DiffOptions = {
  /** What `to` is compared with. Diffs of one commit, checkpoint or proposal have a base of their own and pay no heed to it. */
  readonly comparison?: DiffComparison | null | undefined;
  /** Unchanged lines around each change. */
  readonly context?: number | null | undefined;
  /** Only these files, directories with all beneath them, or globs whose `*` also matches `/`. */
  readonly paths?: ReadonlyArray<string> | null | undefined;
  /** How much of its content, in percent, a moved file must have kept. */
  readonly renameThreshold?: number | null | undefined;
  /** Whether a deleted and an added file of like content are shown as one that moved. */
  readonly renames?: boolean | null | undefined;
  /** How white space counts. */
  readonly whitespace?: DiffWhitespace | null | undefined;
};

/** Which side of a diff. */
export type DiffSide =
  /** What is there now: its head. */
  | 'NEW'
  /** What was there before: the base of the proposal. */
  | 'OLD';

/** How a file differs. */
export type DiffStatus =
  /** It is new. */
  | 'ADDED'
  /** It was copied from `oldPath`. */
  | 'COPIED'
  /** It is gone. */
  | 'DELETED'
  /** Its content, its executable bit or both changed. */
  | 'MODIFIED'
  /** It moved here from `oldPath`. */
  | 'RENAMED'
  /** It changed between file, symbolic link and submodule. */
  | 'TYPE_CHANGED';

/** How white space counts when lines are compared. */
export type DiffWhitespace =
  /** White space does not count at all (`git diff -w`). */
  | 'IGNORE_ALL'
  /** Amounts of white space do not count, nor white space at the end of a line (`git diff -b`). */
  | 'IGNORE_CHANGE'
  /** Every difference counts. */
  | 'SHOW';

/** An existing text file to edit without sending all of it. */
export type EditFile = {
  /** The file. */
  readonly path: string;
  /** Replacements, applied one after the other. */
  readonly replace: ReadonlyArray<TextReplacement>;
};

/** Which events; every given member must hold. */
export type EventFilter = {
  /** Caused by this actor. */
  readonly actor?: string | null | undefined;
  /** Of this branch, by name or node id: its moves, and proposals that come from it. */
  readonly branch?: string | null | undefined;
  /** Of one of these kinds. */
  readonly kinds?: ReadonlyArray<EventKind> | null | undefined;
  /** Of the proposal with this number. */
  readonly proposal?: number | null | undefined;
  /** Of one of these repositories, by name or node id. */
  readonly repos?: ReadonlyArray<string> | null | undefined;
  /** Caused by this run. */
  readonly runId?: string | null | undefined;
};

/** What an event tells. */
export type EventKind =
  /** A branch was created. */
  | 'BRANCH_CREATED'
  /** A branch was deleted. */
  | 'BRANCH_DELETED'
  /** A branch has another head, whichever verb moved it. */
  | 'BRANCH_MOVED'
  /** A proposal was closed without a merge. */
  | 'PROPOSAL_CLOSED'
  /** A proposal was commented on. */
  | 'PROPOSAL_COMMENTED'
  /** A proposal was merged. */
  | 'PROPOSAL_MERGED'
  /** A proposal was opened. */
  | 'PROPOSAL_OPENED'
  /** A proposal was rejected. */
  | 'PROPOSAL_REJECTED'
  /** A closed proposal was opened again. */
  | 'PROPOSAL_REOPENED'
  /** A proposal was reviewed. */
  | 'PROPOSAL_REVIEWED'
  /** A proposal has a new revision: its source moved, its target changed or it was reopened. */
  | 'PROPOSAL_REVISED'
  /** Title, body or target of a proposal changed, or a thread of it was settled or opened again. */
  | 'PROPOSAL_UPDATED'
  /** A repository was created or imported. */
  | 'REPO_CREATED'
  /** A repository was deleted. */
  | 'REPO_DELETED'
  /** A repository changed: description, labels, settings, archived or not. */
  | 'REPO_UPDATED';

/** One change; exactly one member. The changes of a checkpoint apply in order. */
export type FileChange =
  {   /** Delete a path. */
  readonly delete: DeletePath; readonly edit?: never; readonly move?: never; readonly write?: never; }
  |  { readonly delete?: never;   /** Replace parts of a file. */
  readonly edit: EditFile; readonly move?: never; readonly write?: never; }
  |  { readonly delete?: never; readonly edit?: never;   /** Move a path. */
  readonly move: MovePath; readonly write?: never; }
  |  { readonly delete?: never; readonly edit?: never; readonly move?: never;   /** Write a file. */
  readonly write: WriteFile; };

/** What an entry of a tree is. */
export type FileMode =
  /** A directory (040000). */
  | 'DIRECTORY'
  /** A file that may be run (100755). */
  | 'EXECUTABLE'
  /** An ordinary file (100644). */
  | 'FILE'
  /** A commit of another repository (160000). */
  | 'SUBMODULE'
  /** A symbolic link; its content is the target (120000). */
  | 'SYMLINK';

/** A repository to make from another one. */
export type ForkRepoInput = {
  /** Which of the branches is its default branch; the same unless given. */
  readonly defaultBranch?: string | null | undefined;
  /** What it is for; as the other one unless given. */
  readonly description?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** Pairs of text to keep with it; those of the other one unless given. */
  readonly labels?: ReadonlyArray<LabelInput> | null | undefined;
  /** The name of the new one: one to three segments joined by `/`; see `server.namingRules`. */
  readonly name: string;
  /** The repository to begin with, by name or node id; it may be archived. */
  readonly repo: string;
};

/** A flat pair of text. */
export type LabelInput = {
  /** The key: letters, digits and `-`, 64 at most. */
  readonly key: string;
  /** The value, one line. */
  readonly value: string;
};

/** A merge of branches. */
export type MergeBranchInput = {
  /** Delete the source branch in the same step; its commits and checkpoints stay. */
  readonly deleteSource?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head of `from`. */
  readonly expectedFrom?: string | null | undefined;
  /** Refuse with StaleHead unless this is the head of `into`. Without it the merge is tried again when the target moves meanwhile. */
  readonly expectedInto?: string | null | undefined;
  /** What comes in: a branch, by exact name or node id. */
  readonly from: string;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** What is written: a branch, by exact name or node id. */
  readonly into: string;
  /** The message of the merge commit and of the checkpoint; a usual one unless given. Commits that REBASE replays keep their own. */
  readonly message?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Settles conflicts, each path once; a path that does not conflict is refused. What is left over is answered as conflicts. A rebase takes them commit by commit: several for one path settle its conflicts in order. */
  readonly resolutions?: ReadonlyArray<ConflictResolution> | null | undefined;
  /** How the merge is written. */
  readonly strategy?: MergeStrategy | null | undefined;
};

/** How a merge comes out. */
export type MergeOutcome =
  /** Both sides changed the same places. A preview says which; a merge refuses instead, but for a proposal whose resolutions must be reviewed first. */
  | 'CONFLICTED'
  /** The target only moves forward to the source. */
  | 'FAST_FORWARD'
  /** Both sides were combined without a conflict. */
  | 'MERGED'
  /** The target has it all already; nothing is written. */
  | 'UP_TO_DATE';

/** A proposal to merge. */
export type MergeProposalInput = {
  /** With `only`, why the rest was not accepted; the author reads it. */
  readonly declineReason?: string | null | undefined;
  /** Delete the source branch in the same step; its commits and checkpoints stay. */
  readonly deleteSource?: boolean | null | undefined;
  /** The head that is to be merged; refused when the proposal has another by now. */
  readonly expectedHead: string;
  /** Refuse with StaleHead unless this is the head of the target. Without it the merge is tried again when the target moves meanwhile. */
  readonly expectedTarget?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The message of the merge commit and of the checkpoint; title and number of the proposal unless given. Commits that REBASE replays keep their own. */
  readonly message?: string | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** Accept these files and hunks alone, each file once. The target gets them as one commit with itself as the only parent. Everything is merged unless given. */
  readonly only?: ReadonlyArray<AcceptInput> | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Settles conflicts, each path once; a path that does not conflict is refused. What is left over is answered as conflicts. A rebase takes them commit by commit: several for one path settle its conflicts in order. */
  readonly resolutions?: ReadonlyArray<ConflictResolution> | null | undefined;
  /** With `only`, what becomes of the rest. */
  readonly rest?: RestAction | null | undefined;
  /** How the merge is written. */
  readonly strategy?: MergeStrategy | null | undefined;
};

/** A side of a conflict. */
export type MergeSide =
  /** As it was before both changed it. */
  | 'BASE'
  /** As the branch that is written has it. */
  | 'OURS'
  /** As what comes in has it. */
  | 'THEIRS';

/** How a merge is written. */
export type MergeStrategy =
  /** The target moves to the source; refused where both have commits of their own. */
  | 'FAST_FORWARD_ONLY'
  /** A commit with two parents, always, also where a fast-forward would do. */
  | 'MERGE'
  /** Each commit that the target lacks, merges aside, again on top of it, author and message kept; a conflict names the commit. Where the source is a line of commits on the target’s head, the target only moves to it. Merging on from the same branch later works. */
  | 'REBASE'
  /** One commit on the target that holds all of it. Merging on from the same branch later works. */
  | 'SQUASH';

/** A path to move, content and mode kept. */
export type MovePath = {
  /** Where it is: a file, or a directory with all beneath it. */
  readonly from: string;
  /** Where it goes. */
  readonly to: string;
};

/** How much a naming policy asks for. */
export type NamingMode =
  /** Any well-formed name. */
  | 'OPEN'
  /** The default branch, and names that fit one of the patterns. */
  | 'STRICT';

/** A proposal to open. */
export type OpenProposalInput = {
  /** What it does and why. */
  readonly body?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** Flat pairs of text that are kept with it; keys of letters, digits and `-`, none beginning with `Weir-`. */
  readonly metadata?: ReadonlyArray<LabelInput> | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** The run that this belongs to; it travels as the trailer `Weir-Run`. */
  readonly runId?: string | null | undefined;
  /** The branch whose work is proposed, by exact name or node id. */
  readonly source: string;
  /** The branch it is to pass into, by exact name or node id; the default branch unless given. */
  readonly target?: string | null | undefined;
  /** One line for lists. */
  readonly title: string;
};

/** Why a mutation refused. Every code has its own type with what a program needs to go on. */
export type ProblemCode =
  /** Too many writers at once; try again after `retryAfterMs`. */
  | 'BUSY'
  /** The key may read it but not do this. */
  | 'FORBIDDEN'
  /** A value breaks a rule; see `field` and `rule`. */
  | 'INVALID_INPUT'
  /** The state of the thing does not allow it. */
  | 'INVALID_STATE'
  /** A limit of the server would be exceeded. */
  | 'LIMIT_EXCEEDED'
  /** Both sides changed the same places. */
  | 'MERGE_CONFLICTED'
  /** The name is in use. */
  | 'NAME_TAKEN'
  /** It is absent, or the key may not read it. */
  | 'NOT_FOUND'
  /** A stored object is damaged. */
  | 'OBJECT_CORRUPT'
  /** A rule of the branch forbids it. */
  | 'PROTECTED_BRANCH'
  /** Rules of review still stand in the way. */
  | 'RULES_UNMET'
  /** The branch is not where the caller expected it. */
  | 'STALE_HEAD'
  /** Something the server depends on does not answer. */
  | 'UNAVAILABLE';

/** Which proposals; every given member must hold. */
export type ProposalFilter = {
  /** Opened by this actor. */
  readonly createdBy?: string | null | undefined;
  /** Opened before this time. */
  readonly openedBefore?: string | null | undefined;
  /** Opened at this time or later. */
  readonly openedSince?: string | null | undefined;
  /** Reviewed by this actor, whatever the verdict. */
  readonly reviewedBy?: string | null | undefined;
  /** Opened by this run. */
  readonly runId?: string | null | undefined;
  /** From this branch: by name within a repository, by node id anywhere. */
  readonly source?: string | null | undefined;
  /** In one of these states. */
  readonly states?: ReadonlyArray<ProposalState> | null | undefined;
  /** Into this branch: by name within a repository, by node id anywhere. */
  readonly target?: string | null | undefined;
};

/** A proposal. */
export type ProposalInput = {
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** The repository, by name or node id. */
  readonly repo: string;
};

/** Where a proposal stands. */
export type ProposalState =
  /** The last verdict on its present revision is an approval. A new revision makes it OPEN, also where `dismissStale: false` lets the approval count; whether it may be merged is what `rules` say. */
  | 'APPROVED'
  /** A reviewer asked for changes; a new revision opens it again. */
  | 'CHANGES_REQUESTED'
  /** It was closed without a merge. */
  | 'CLOSED'
  /** It went into its target. */
  | 'MERGED'
  /** It waits for a review. */
  | 'OPEN'
  /** A reviewer turned it down. */
  | 'REJECTED';

/** Undone checkpoints to bring again. */
export type RedoInput = {
  /** The branch, by exact name or node id. */
  readonly branch: string;
  /** Answer what it would change, and write nothing. */
  readonly dryRun?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** How many checkpoints to bring again; more than there are is InvalidInput. */
  readonly steps?: number | null | undefined;
};

/** A branch to bring up to date. */
export type RefreshBranchInput = {
  /** Answer what it would change, and write nothing. */
  readonly dryRun?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** What to bring in: the base unless given. A rev: `checkpoint:<n>@<branch>`, `proposal:<n>` (its source head), `tag:<name>`, the id of a Branch, Checkpoint, Proposal or Commit, an exact branch name, a full object id, or an unambiguous abbreviation of at least 7 digits, tried in this order. Unknown ones answer UNKNOWN_REV. */
  readonly from?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The branch, by exact name or node id. */
  readonly name: string;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Settles conflicts, each path once; a path that does not conflict is refused. What is left over is answered as conflicts. A rebase takes them commit by commit: several for one path settle its conflicts in order. */
  readonly resolutions?: ReadonlyArray<ConflictResolution> | null | undefined;
};

/** A proposal to reject. */
export type RejectProposalInput = {
  /** Delete the source branch in the same step; its commits and checkpoints stay. */
  readonly deleteSource?: boolean | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** Why; its author reads it. */
  readonly reason: string;
  /** The repository, by name or node id. */
  readonly repo: string;
};

/** Other text for one conflicting place. */
export type ReplaceHunk = {
  /** The hunk, by the id that the conflict answers. */
  readonly id: string;
  /** The text, newlines included. */
  readonly text: string;
};

/** Limits of a repository, none of them above what `server.limits` says; what is left out or null is as the server says. */
export type RepoLimitsInput = {
  /** Live branches, 1 at least. */
  readonly branchesPerRepo?: number | null | undefined;
  /** File changes in one checkpoint, 1 at least. */
  readonly changesPerCheckpoint?: number | null | undefined;
  /** Bytes of the files that one checkpoint writes, all together, 1 at least. */
  readonly checkpointBytes?: number | null | undefined;
  /** Proposals that are neither merged nor closed. */
  readonly openProposalsPerRepo?: number | null | undefined;
  /** Bytes on disk of its packs, 1 at least. */
  readonly repoBytes?: number | null | undefined;
};

/** Sections of the settings to set, each as a whole: within a section, what is left out takes its default. A section that is left out, or null, stays as it is. */
export type RepoSettingsInput = {
  /** Approvals by actors who did not contribute that a proposal needs before it can be merged, from 0 to 20. */
  readonly approvalsRequired?: number | null | undefined;
  /** After how long without a move a branch is IDLE: an hour at least, ten years at most; `PT0S` follows the server again. */
  readonly idleAfter?: string | null | undefined;
  /** Limits that are to be narrower here than on the server. */
  readonly limits?: RepoLimitsInput | null | undefined;
  /** How new branches may be named. */
  readonly naming?: BranchNamingInput | null | undefined;
  /** What becomes of the branches that nobody needs any more. */
  readonly retention?: RetentionPolicyInput | null | undefined;
  /** Who must approve what goes into which branch, and which branches move by proposals only. */
  readonly review?: ReviewPolicyInput | null | undefined;
};

/** What stands in the place of one hunk; exactly one member. */
export type ResolveHunk =
  {   /** Something else. */
  readonly replace: ReplaceHunk; readonly take?: never; }
  |  { readonly replace?: never;   /** What sides have there. */
  readonly take: TakeHunk; };

/** A file whose conflicting places are settled one by one; what both sides have merged already stays. */
export type ResolveHunks = {
  /** Every hunk of the conflict, once. */
  readonly hunks: ReadonlyArray<ResolveHunk>;
  /** The path of the conflict. */
  readonly path: string;
};

/** What becomes of what was not accepted of a proposal. */
export type RestAction =
  /** It is declined: recorded with the reason, and the proposal ends as merged. */
  | 'DECLINE'
  /** It stays proposed: changes are requested, and the proposal shows the rest alone. */
  | 'KEEP_OPEN';

/** A deleted branch to bring back. */
export type RestoreBranchInput = {
  /** The node id of the branch; its name may be in use again. */
  readonly id: string;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The name it is to have from now on; its old one unless given. */
  readonly name?: string | null | undefined;
};

/** Earlier content to bring back. */
export type RestoreInput = {
  /** The branch, by exact name or node id. */
  readonly branch: string;
  /** Answer what it would change, and write nothing. */
  readonly dryRun?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The commit message, without trailers of the server; a usual one unless given. */
  readonly message?: string | null | undefined;
  /** Only these files, directories with all beneath them, or globs whose `*` also matches `/`; everything unless given. What was not there then goes away. */
  readonly paths?: ReadonlyArray<string> | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Whose content: a checkpoint or any commit. A rev: `checkpoint:<n>@<branch>`, `proposal:<n>` (its source head), `tag:<name>`, the id of a Branch, Checkpoint, Proposal or Commit, an exact branch name, a full object id, or an unambiguous abbreviation of at least 7 digits, tried in this order. Unknown ones answer UNKNOWN_REV. */
  readonly to: string;
};

/** What a rule of retention has done to a branch. */
export type RetentionAction =
  /** The proposals that come from it and have not ended are closed. */
  | 'CLOSE_PROPOSAL'
  /** It is deleted, and proposals that come from it are closed. `restoreBranch` brings it back. */
  | 'DELETE'
  /** Nothing: it stays, whatever later rules say. */
  | 'KEEP'
  /** It is marked (`Branch.markedAt`) until it moves. */
  | 'MARK';

/** What becomes of the branches that nobody needs any more. */
export type RetentionPolicyInput = {
  /** For how long after its deletion, whoever deleted it, a branch can be restored. Then `weir gc` may take what neither a branch, a tag nor a proposal leads to. A day at least; for good unless given. */
  readonly keepDeleted?: string | null | undefined;
  /** In order: the first rule that is for a branch decides, even where it has nothing left to do. 50 at most; none unless given. */
  readonly rules?: ReadonlyArray<RetentionRuleInput> | null | undefined;
};

/** Which branches a rule of retention is for, every given condition taken together, and what is done to them. A rule that deletes needs `maxAge`, `maxInactivity` or `merged`. */
export type RetentionRuleInput = {
  /** What is done to it. */
  readonly action: RetentionAction;
  /** Globs, 1 to 20; the name matches at least one. `*` within a segment, `**` across. */
  readonly branches: ReadonlyArray<string>;
  /** It is of one of these kinds; of any unless given. */
  readonly kinds?: ReadonlyArray<BranchKind> | null | undefined;
  /** It was created longer ago than this; whenever unless given. */
  readonly maxAge?: string | null | undefined;
  /** It has not moved for longer than this; whether or not it moves unless given. */
  readonly maxInactivity?: string | null | undefined;
  /** It went into its base and has not moved since. */
  readonly merged?: boolean | null | undefined;
  /** Its name, unique in the policy: previews and the log tell it. */
  readonly name: string;
};

/** A run to take out of a branch. */
export type RevertRunInput = {
  /** The branch, by exact name or node id. */
  readonly branch: string;
  /** Answer what it would change, and write nothing. */
  readonly dryRun?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The commit message, without trailers of the server; a usual one unless given. */
  readonly message?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Settles conflicts, each path once; a path that does not conflict is refused. What is left over is answered as conflicts. A rebase takes them commit by commit: several for one path settle its conflicts in order. */
  readonly resolutions?: ReadonlyArray<ConflictResolution> | null | undefined;
  /** The run, as its checkpoints name it. */
  readonly runId: string;
};

/** A comment on a line of what is reviewed; it begins a thread. */
export type ReviewCommentInput = {
  /** What is said, as markdown, 64 KiB at most. */
  readonly body: string;
  /** The line, from 1, as the lines of the diff are numbered on that side. */
  readonly line: number;
  /** The file. */
  readonly path: string;
  /** Which side of the diff the line is on. */
  readonly side: DiffSide;
};

/** Paths that need more approvals than the rest. */
export type ReviewPathRuleInput = {
  /** How many approvals a proposal needs that changes such a path, from 0 to 20. */
  readonly approvals: number;
  /** Globs, 1 to 20; a path that the proposal changes matches at least one. `*` within a segment, `**` across. */
  readonly globs: ReadonlyArray<string>;
};

/** Who must approve what goes into which branch. */
export type ReviewPolicyInput = {
  /** In order: the first rule for a target decides. 50 at most; none unless given. */
  readonly rules?: ReadonlyArray<ReviewRuleInput> | null | undefined;
};

/** A review of a proposal. */
export type ReviewProposalInput = {
  /** Why. */
  readonly body?: string | null | undefined;
  /** Comments on lines, 100 at most; they come with the verdict or not at all. */
  readonly comments?: ReadonlyArray<ReviewCommentInput> | null | undefined;
  /** The head that was judged; refused when the proposal has another by now. */
  readonly head: string;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** What the reviewer says. */
  readonly verdict: ReviewVerdict;
};

/** What holds for some target branches. */
export type ReviewRuleInput = {
  /** Approvals that a proposal needs, from 0 to 20; `approvalsRequired` unless given. */
  readonly approvals?: number | null | undefined;
  /** An approval counts when it was given with a key that has all of these labels; with any key unless given. */
  readonly approverLabels?: ReadonlyArray<LabelInput> | null | undefined;
  /** Whether an approval stops to count when the proposal gets a new revision. */
  readonly dismissStale?: boolean | null | undefined;
  /** Paths that need more approvals, 20 rules at most; none unless given. */
  readonly paths?: ReadonlyArray<ReviewPathRuleInput> | null | undefined;
  /** Whether these branches move by proposals only, and never back: there undo writes an inverse commit. */
  readonly protected?: boolean | null | undefined;
  /** Globs, 1 to 20; the name of the target branch matches at least one. `*` within a segment, `**` across. */
  readonly targets: ReadonlyArray<string>;
};

/** What a reviewer says of one exact head. */
export type ReviewVerdict =
  /** It may be merged. */
  | 'APPROVE'
  /** A remark that decides nothing. */
  | 'COMMENT'
  /** It must change before it may be merged. */
  | 'REQUEST_CHANGES';

/** What a key may do. None implies another, but ADMIN implies all. */
export type Scope =
  /** Name in the header `Weir-Actor` the person for whom the key acts, within its `actAs` globs. */
  | 'ACT_AS'
  /** Manage keys, and everything else within the globs of the key. */
  | 'ADMIN'
  /** Read the log of operations. */
  | 'AUDIT'
  /** Create repositories whose names the globs of the key reach. */
  | 'CREATE_REPO'
  /** Merge branches and proposals. */
  | 'MERGE'
  /** Open proposals. */
  | 'PROPOSE'
  /** Read repositories, branches, diffs and proposals within the globs of the key. */
  | 'READ'
  /** Review and reject proposals. */
  | 'REVIEW'
  /** Create and delete branches, and write checkpoints. */
  | 'WRITE';

/** Who wrote a commit. The time is the server’s, and the committer is always the server. */
export type SignatureInput = {
  /** The mail address; it need not exist. */
  readonly email: string;
  /** The name, one line without `<` and `>`. */
  readonly name: string;
};

/** Sides of one conflicting place, one after another. */
export type TakeHunk = {
  /** The hunk, by the id that the conflict answers. */
  readonly id: string;
  /** The sides, joined in this order; none leaves the place empty. BASE only where the hunk has one. */
  readonly sides: ReadonlyArray<MergeSide>;
};

/** The file of one side, where that side has it; a side without one deletes. */
export type TakeSide = {
  /** The path of the conflict. */
  readonly path: string;
  /** Whose file to take. */
  readonly side: MergeSide;
};

/** One replacement within a file. Refused unless the text is found exactly once. */
export type TextReplacement = {
  /** The text to find, lines and all. */
  readonly find: string;
  /** What stands there instead. */
  readonly with: string;
};

/** Checkpoints to take back. */
export type UndoInput = {
  /** The branch, by exact name or node id. */
  readonly branch: string;
  /** Answer what it would change, and write nothing. */
  readonly dryRun?: boolean | null | undefined;
  /** Refuse with StaleHead unless this is the head. Without it the change applies to whatever the head is. */
  readonly expectedHead?: string | null | undefined;
  /** Refuse with StaleHead unless this is the version of the branch. Safer than a head where undo is in use. */
  readonly expectedVersion?: number | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** How many checkpoints to take back; more than there are is InvalidInput. */
  readonly steps?: number | null | undefined;
};

/** What is to change of a pending proposal; what is left out, or null, stays. */
export type UpdateProposalInput = {
  /** Another body; empty takes it away. */
  readonly body?: string | null | undefined;
  /** Makes a retry safe: the same key with the same input answers with the first success, for 7 days and to the same API key only; with another input it is InvalidInput. Refusals are not kept. */
  readonly idempotencyKey?: string | null | undefined;
  /** The number of the proposal. */
  readonly number: number;
  /** The repository, by name or node id. */
  readonly repo: string;
  /** Another branch to pass into, by name or node id. Earlier verdicts were on the old target and no longer count. */
  readonly target?: string | null | undefined;
  /** Another title, one line. */
  readonly title?: string | null | undefined;
};

/** A file to write, new or in place of what is there. Exactly one of `text`, `base64` and `blob`. */
export type WriteFile = {
  /** The content as bytes in base64. */
  readonly base64?: string | null | undefined;
  /** Content that was streamed to `/blobs/REPO` before, by the id it answered. */
  readonly blob?: string | null | undefined;
  /** FILE, EXECUTABLE or SYMLINK; a link’s content is its target, relative and within the repository. */
  readonly mode?: FileMode | null | undefined;
  /** The path from the root; directories are made as needed. */
  readonly path: string;
  /** The content as text, written in UTF-8 exactly as given. */
  readonly text?: string | null | undefined;
};

type ProblemParts_Busy_Fragment = { readonly __typename: 'Busy', readonly retryAfterMs: number, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_Forbidden_Fragment = { readonly __typename: 'Forbidden', readonly needs: Scope | null, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_InvalidInput_Fragment = { readonly __typename: 'InvalidInput', readonly field: string, readonly rule: string, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_InvalidState_Fragment = { readonly __typename: 'InvalidState', readonly actualState: string, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_LimitExceeded_Fragment = { readonly __typename: 'LimitExceeded', readonly limit: string, readonly maximum: number, readonly requested: number, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_MergeConflicted_Fragment = { readonly __typename: 'MergeConflicted', readonly code: ProblemCode, readonly message: string, readonly hint: string | null, readonly conflicts: { readonly nodes: ReadonlyArray<ConflictPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } };

type ProblemParts_NameTaken_Fragment = { readonly __typename: 'NameTaken', readonly name: string, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_NotFound_Fragment = { readonly __typename: 'NotFound', readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_ObjectCorrupt_Fragment = { readonly __typename: 'ObjectCorrupt', readonly oid: string, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_ProtectedBranch_Fragment = { readonly __typename: 'ProtectedBranch', readonly code: ProblemCode, readonly message: string, readonly hint: string | null, readonly protectedBy: string };

type ProblemParts_RulesUnmet_Fragment = { readonly __typename: 'RulesUnmet', readonly code: ProblemCode, readonly message: string, readonly hint: string | null, readonly rules: ReadonlyArray<{ readonly rule: string, readonly satisfied: boolean, readonly explanation: string }> };

type ProblemParts_StaleHead_Fragment = { readonly __typename: 'StaleHead', readonly expectedHead: string | null, readonly actualHead: string | null, readonly expectedVersion: number | null, readonly actualVersion: number | null, readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

type ProblemParts_Unavailable_Fragment = { readonly __typename: 'Unavailable', readonly code: ProblemCode, readonly message: string, readonly hint: string | null };

/** A refusal: nothing was written, nothing was lost. What the fragment `ProblemParts` asks of it. */
export type ProblemPartsFragment =
  | ProblemParts_Busy_Fragment
  | ProblemParts_Forbidden_Fragment
  | ProblemParts_InvalidInput_Fragment
  | ProblemParts_InvalidState_Fragment
  | ProblemParts_LimitExceeded_Fragment
  | ProblemParts_MergeConflicted_Fragment
  | ProblemParts_NameTaken_Fragment
  | ProblemParts_NotFound_Fragment
  | ProblemParts_ObjectCorrupt_Fragment
  | ProblemParts_ProtectedBranch_Fragment
  | ProblemParts_RulesUnmet_Fragment
  | ProblemParts_StaleHead_Fragment
  | ProblemParts_Unavailable_Fragment
;

/** A path that did not merge. The sides that are null have no file there. What the fragment `ConflictParts` asks of it. */
export type ConflictPartsFragment = { readonly id: string, readonly kind: ConflictKind, readonly path: string, readonly paths: ReadonlyArray<string>, readonly markers: string | null, readonly base: SidePartsFragment | null, readonly ours: SidePartsFragment | null, readonly theirs: SidePartsFragment | null, readonly hunks: ReadonlyArray<{ readonly id: string, readonly base: string | null, readonly ours: string, readonly theirs: string }> };

/** A file as one side of a conflict has it. What the fragment `SideParts` asks of it. */
export type SidePartsFragment = { readonly path: string, readonly mode: FileMode, readonly oid: string };

/** A git repository: its branches, their checkpoints, and the proposals between them. What the fragment `RepoParts` asks of it. */
export type RepoPartsFragment = { readonly id: string, readonly name: string, readonly description: string | null, readonly defaultBranchName: string, readonly version: number, readonly createdAt: string, readonly updatedAt: string, readonly archivedAt: string | null, readonly labels: ReadonlyArray<{ readonly key: string, readonly value: string }> };

/** A line of work. Every forward move leaves a checkpoint, and `version` counts every move. What the fragment `BranchParts` asks of it. */
export type BranchPartsFragment = { readonly id: string, readonly name: string, readonly kind: BranchKind, readonly state: BranchState, readonly headOid: string, readonly version: number, readonly baseName: string | null, readonly protected: boolean, readonly canUndo: boolean, readonly canRedo: boolean, readonly runId: string | null, readonly sessionId: string | null, readonly createdAt: string, readonly createdBy: string, readonly lastActivityAt: string, readonly expiresAt: string | null, readonly metadata: ReadonlyArray<{ readonly key: string, readonly value: string }> };

/** One forward move of a branch: a commit through the API, a push, a merge, an import. Undo and redo step over these and make none. A checkpoint keeps its commit alive and readable, also after the branch is deleted. What the fragment `CheckpointParts` asks of it. */
export type CheckpointPartsFragment = { readonly id: string, readonly number: number, readonly oid: string, readonly origin: CheckpointOrigin, readonly state: CheckpointState, readonly message: string, readonly prompt: string | null, readonly runId: string | null, readonly sessionId: string | null, readonly createdAt: string, readonly createdBy: string, readonly metadata: ReadonlyArray<{ readonly key: string, readonly value: string }> };

/** The request that the work of one branch pass into another, under review. It follows its source: each further checkpoint is a new revision. What the fragment `ProposalParts` asks of it. */
export type ProposalPartsFragment = { readonly id: string, readonly number: number, readonly title: string, readonly body: string, readonly state: ProposalState, readonly sourceName: string, readonly targetName: string, readonly runId: string | null, readonly createdAt: string, readonly createdBy: string, readonly closedAt: string | null, readonly closedBy: string | null, readonly reason: string | null, readonly head: { readonly oid: string } | null, readonly base: { readonly oid: string } | null, readonly rules: ReadonlyArray<{ readonly rule: string, readonly satisfied: boolean, readonly explanation: string }>, readonly declined: ReadonlyArray<{ readonly path: string, readonly hunks: ReadonlyArray<string> | null, readonly reason: string | null }> };

/** A comparison of two commits, pinned to their object ids: it never changes. Ask for the stats first, then files by cursor, then hunks of a file. What the fragment `DiffParts` asks of it. */
export type DiffPartsFragment = { readonly id: string, readonly unmerged: ReadonlyArray<string> | null, readonly patchUrl: string, readonly from: { readonly oid: string } | null, readonly to: { readonly oid: string }, readonly base: { readonly oid: string } | null, readonly stats: { readonly files: number, readonly additions: number, readonly deletions: number } | null };

/** One changed file. Its content is compared only when counts, hunks or patch are asked for. What the fragment `FileParts` asks of it. */
export type FilePartsFragment = { readonly id: string, readonly path: string, readonly oldPath: string | null, readonly status: DiffStatus, readonly oldMode: FileMode | null, readonly newMode: FileMode | null, readonly similarity: number | null, readonly isBinary: boolean, readonly omitted: DiffOmission | null, readonly additions: number | null, readonly deletions: number | null };

/** A page of hunks. What the fragment `HunkPage` asks of it. */
export type HunkPageFragment = { readonly edges: ReadonlyArray<{ readonly cursor: string, readonly node: { readonly id: string, readonly section: string | null, readonly oldStart: number, readonly oldLines: number, readonly newStart: number, readonly newLines: number, readonly lineCount: number, readonly lines: ReadonlyArray<LinePartsFragment> } }>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } };

/** One line of a hunk. What the fragment `LineParts` asks of it. */
export type LinePartsFragment = { readonly kind: DiffLineKind, readonly oldNumber: number | null, readonly newNumber: number | null, readonly text: string, readonly noNewline: boolean, readonly spans: ReadonlyArray<{ readonly start: number, readonly end: number }> };

type EventParts_BranchCreated_Fragment = { readonly __typename: 'BranchCreated', readonly branchName: string, readonly before: string | null, readonly after: string | null, readonly version: number, readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string };

type EventParts_BranchDeleted_Fragment = { readonly __typename: 'BranchDeleted', readonly branchName: string, readonly before: string | null, readonly after: string | null, readonly version: number, readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string };

type EventParts_BranchMoved_Fragment = { readonly __typename: 'BranchMoved', readonly branchName: string, readonly before: string | null, readonly after: string | null, readonly version: number, readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly checkpoint: CheckpointPartsFragment | null };

type EventParts_ProposalClosed_Fragment = { readonly __typename: 'ProposalClosed', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalCommented_Fragment = { readonly __typename: 'ProposalCommented', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalMerged_Fragment = { readonly __typename: 'ProposalMerged', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalOpened_Fragment = { readonly __typename: 'ProposalOpened', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalRejected_Fragment = { readonly __typename: 'ProposalRejected', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalReopened_Fragment = { readonly __typename: 'ProposalReopened', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalReviewed_Fragment = { readonly __typename: 'ProposalReviewed', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalRevised_Fragment = { readonly __typename: 'ProposalRevised', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_ProposalUpdated_Fragment = { readonly __typename: 'ProposalUpdated', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string, readonly proposal: ProposalPartsFragment };

type EventParts_RepoCreated_Fragment = { readonly __typename: 'RepoCreated', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string };

type EventParts_RepoDeleted_Fragment = { readonly __typename: 'RepoDeleted', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string };

type EventParts_RepoUpdated_Fragment = { readonly __typename: 'RepoUpdated', readonly id: string, readonly kind: EventKind, readonly at: string, readonly actor: string, readonly cursor: string, readonly repoName: string };

/** Something that happened, as it was committed. What the fragment `EventParts` asks of it. */
export type EventPartsFragment =
  | EventParts_BranchCreated_Fragment
  | EventParts_BranchDeleted_Fragment
  | EventParts_BranchMoved_Fragment
  | EventParts_ProposalClosed_Fragment
  | EventParts_ProposalCommented_Fragment
  | EventParts_ProposalMerged_Fragment
  | EventParts_ProposalOpened_Fragment
  | EventParts_ProposalRejected_Fragment
  | EventParts_ProposalReopened_Fragment
  | EventParts_ProposalReviewed_Fragment
  | EventParts_ProposalRevised_Fragment
  | EventParts_ProposalUpdated_Fragment
  | EventParts_RepoCreated_Fragment
  | EventParts_RepoDeleted_Fragment
  | EventParts_RepoUpdated_Fragment
;

/** What `Viewer` takes. */
export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;

/** What `Viewer` answers. Who asks. */
export type ViewerQuery = { readonly viewer: { readonly actor: string, readonly onBehalfOf: string | null, readonly scopes: ReadonlyArray<Scope>, readonly key: { readonly id: string, readonly name: string } } };

/** What `EventCursor` takes. */
export type EventCursorQueryVariables = Exact<{ [key: string]: never; }>;

/** What `EventCursor` answers. The cursor after everything so far. Taken before the first read, and subscribed from, nothing falls between. */
export type EventCursorQuery = { readonly eventCursor: string };

/** What `RepoByName` takes. */
export type RepoByNameQueryVariables = Exact<{
  repo: string;
}>;

/** What `RepoByName` answers. A repository by name or node id; null when it is absent or this key may not read it, which cannot be told apart. */
export type RepoByNameQuery = { readonly repo: RepoPartsFragment | null };

/** What `BranchByName` takes. */
export type BranchByNameQueryVariables = Exact<{
  repo: string;
  branch: string;
}>;

/** What `BranchByName` answers. A branch by name or id; null when it is absent or hidden from this key. */
export type BranchByNameQuery = { readonly repo: { readonly branch: BranchPartsFragment | null } | null };

/** What `BranchPage` takes. */
export type BranchPageQueryVariables = Exact<{
  repo: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: BranchFilter | null | undefined;
}>;

/** What `BranchPage` answers. The branches that this key may read, by name unless ordered otherwise. */
export type BranchPageQuery = { readonly repo: { readonly branches: { readonly nodes: ReadonlyArray<BranchPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

/** What `CheckpointPage` takes. */
export type CheckpointPageQueryVariables = Exact<{
  repo: string;
  branch: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;

/** What `CheckpointPage` answers. Its timeline, oldest first, undone and abandoned checkpoints included. */
export type CheckpointPageQuery = { readonly repo: { readonly branch: { readonly checkpoints: { readonly nodes: ReadonlyArray<CheckpointPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null } | null };

/** What `ProposalByNumber` takes. */
export type ProposalByNumberQueryVariables = Exact<{
  repo: string;
  number: number;
}>;

/** What `ProposalByNumber` answers. A proposal by its number; null when it is absent or its source is hidden from this key. */
export type ProposalByNumberQuery = { readonly repo: { readonly proposal: ProposalPartsFragment | null } | null };

/** What `ProposalPage` takes. */
export type ProposalPageQueryVariables = Exact<{
  repo: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: ProposalFilter | null | undefined;
}>;

/** What `ProposalPage` answers. The proposals, newest first. */
export type ProposalPageQuery = { readonly repo: { readonly proposals: { readonly nodes: ReadonlyArray<ProposalPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null };

/** What `DiffOfRevs` takes. */
export type DiffOfRevsQueryVariables = Exact<{
  repo: string;
  from: string;
  to: string;
  options?: DiffOptions | null | undefined;
}>;

/** What `DiffOfRevs` answers. The diff between two revs: what `to` added since it left `from`, unless the options compare them directly. */
export type DiffOfRevsQuery = { readonly repo: { readonly diff: DiffPartsFragment | null } | null };

/** What `DiffOfProposal` takes. */
export type DiffOfProposalQueryVariables = Exact<{
  repo: string;
  number: number;
  options?: DiffOptions | null | undefined;
  sinceReview?: boolean | null | undefined;
  revision?: number | null | undefined;
}>;

/** What `DiffOfProposal` answers. What it changes: from `base` to `head`. */
export type DiffOfProposalQuery = { readonly repo: { readonly proposal: { readonly diff: DiffPartsFragment | null } | null } | null };

/** What `DiffFilePage` takes. */
export type DiffFilePageQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;

/** What `DiffFilePage` answers. The changed files, in git’s order. */
export type DiffFilePageQuery = { readonly node:
    | { readonly files: { readonly nodes: ReadonlyArray<FilePartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }
    | Record<PropertyKey, never>
   | null };

/** What `DiffContentPage` takes. */
export type DiffContentPageQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;

/** What `DiffContentPage` answers. The changed files, in git’s order. */
export type DiffContentPageQuery = { readonly node:
    | { readonly files: { readonly nodes: ReadonlyArray<(
          { readonly hunks: HunkPageFragment }
          & FilePartsFragment
        )>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } }
    | Record<PropertyKey, never>
   | null };

/** What `DiffHunks` takes. */
export type DiffHunksQueryVariables = Exact<{
  id: string;
  first: number;
  after?: string | null | undefined;
}>;

/** What `DiffHunks` answers. The places that changed, in order, with the lines around them. */
export type DiffHunksQuery = { readonly node:
    | { readonly hunks: HunkPageFragment }
    | Record<PropertyKey, never>
   | null };

/** What `DiffLines` takes. */
export type DiffLinesQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
  skip: number;
}>;

/** What `DiffLines` answers. The places that changed, in order, with the lines around them. */
export type DiffLinesQuery = { readonly node:
    | { readonly hunks: { readonly nodes: ReadonlyArray<{ readonly lines: ReadonlyArray<LinePartsFragment> }> } }
    | Record<PropertyKey, never>
   | null };

/** What `DiffPatch` takes. */
export type DiffPatchQueryVariables = Exact<{
  id: string;
}>;

/** What `DiffPatch` answers. The thing that a node id names; null when the id is malformed, the thing is gone, or this key may not read it. */
export type DiffPatchQuery = { readonly node:
    | { readonly patch: string | null }
    | Record<PropertyKey, never>
   | null };

/** What `ReadFile` takes. */
export type ReadFileQueryVariables = Exact<{
  repo: string;
  rev: string;
  path: string;
}>;

/** What `ReadFile` answers. The file at a path of the commit that a rev names; null when there is none, or a directory. */
export type ReadFileQuery = { readonly repo: { readonly file: { readonly path: string, readonly mode: FileMode, readonly oid: string, readonly blob: { readonly size: number, readonly isBinary: boolean, readonly text: string | null, readonly base64: string | null, readonly url: string | null } | null } | null } | null };

/** What `MergePreviewOf` takes. */
export type MergePreviewOfQueryVariables = Exact<{
  repo: string;
  from: string;
  into: string;
  strategy?: MergeStrategy | null | undefined;
  resolutions?: ReadonlyArray<ConflictResolution> | ConflictResolution | null | undefined;
}>;

/** What `MergePreviewOf` answers. What merging one rev into another would give, without writing anything. */
export type MergePreviewOfQuery = { readonly repo: { readonly mergePreview: { readonly id: string, readonly outcome: MergeOutcome, readonly treeOid: string | null, readonly conflicts: { readonly nodes: ReadonlyArray<ConflictPartsFragment>, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null } } } | null } | null };

/** What `CreateRepo` takes. */
export type CreateRepoMutationVariables = Exact<{
  input: CreateRepoInput;
}>;

/** What `CreateRepo` answers. Creates a repository with a first commit on its default branch, which holds the first files, if any. Needs CREATE_REPO. */
export type CreateRepoMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly repo: RepoPartsFragment }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NameTaken_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `ForkRepo` takes. */
export type ForkRepoMutationVariables = Exact<{
  input: ForkRepoInput;
}>;

/** What `ForkRepo` answers. Makes a repository from another one: with the branches that the key reads, each at its fork point and without checkpoints, with all tags and the settings, and without proposals, webhooks or log. Needs READ for the other one and CREATE_REPO. */
export type ForkRepoMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | { readonly repo: RepoPartsFragment }
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NameTaken_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `CreateBranch` takes. */
export type CreateBranchMutationVariables = Exact<{
  input: CreateBranchInput;
}>;

/** What `CreateBranch` answers. Creates a branch, at the head of the default branch unless a rev is named. Needs WRITE. */
export type CreateBranchMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly branch: BranchPartsFragment }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NameTaken_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `DeleteBranch` takes. */
export type DeleteBranchMutationVariables = Exact<{
  input: DeleteBranchInput;
}>;

/** What `DeleteBranch` answers. Deletes a branch. Its commits, checkpoints and proposals stay readable, and its name is free. Needs WRITE. */
export type DeleteBranchMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly deletedBranchId: string, readonly branch: BranchPartsFragment }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `RestoreBranch` takes. */
export type RestoreBranchMutationVariables = Exact<{
  input: RestoreBranchInput;
}>;

/** What `RestoreBranch` answers. Brings a deleted branch back, where its name has been taken meanwhile under another. Needs WRITE. */
export type RestoreBranchMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NameTaken_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly branch: BranchPartsFragment }
    | ProblemParts_Unavailable_Fragment
   };

/** What `MergeBranch` takes. */
export type MergeBranchMutationVariables = Exact<{
  input: MergeBranchInput;
}>;

/** What `MergeBranch` answers. Merges one branch into another. A conflict writes nothing. Needs MERGE. */
export type MergeBranchMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | { readonly outcome: MergeOutcome, readonly commit: { readonly oid: string } | null, readonly branch: BranchPartsFragment }
    | ProblemParts_MergeConflicted_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `RefreshBranch` takes. */
export type RefreshBranchMutationVariables = Exact<{
  input: RefreshBranchInput;
}>;

/** What `RefreshBranch` answers. Brings the base into a branch by a merge commit, as a checkpoint that can be undone. A conflict writes nothing. Needs WRITE. */
export type RefreshBranchMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_MergeConflicted_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | { readonly branch: BranchPartsFragment, readonly checkpoint: CheckpointPartsFragment | null, readonly diff: DiffPartsFragment | null }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `CreateCheckpoint` takes. */
export type CreateCheckpointMutationVariables = Exact<{
  input: CreateCheckpointInput;
}>;

/** What `CreateCheckpoint` answers. Moves a branch forward by one commit and leaves a checkpoint. All changes apply, or none. Needs WRITE. */
export type CreateCheckpointMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly checkpoint: CheckpointPartsFragment, readonly branch: BranchPartsFragment }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `Undo` takes. */
export type UndoMutationVariables = Exact<{
  input: UndoInput;
}>;

/** What `Undo` answers. Takes the last checkpoints of a branch back; undoing number 1 returns to the fork point. What another branch or a landing holds already, and anything on a protected branch, is taken back by an inverse commit: a new checkpoint of origin REVERT. Needs WRITE. */
export type UndoMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
    | { readonly branch: BranchPartsFragment, readonly checkpoint: CheckpointPartsFragment | null, readonly diff: DiffPartsFragment | null }
   };

/** What `Redo` takes. */
export type RedoMutationVariables = Exact<{
  input: RedoInput;
}>;

/** What `Redo` answers. Brings undone checkpoints again, in the order in which they were made. Where the pointer cannot be moved, their content comes back as a new checkpoint. Needs WRITE. */
export type RedoMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly branch: BranchPartsFragment, readonly checkpoint: CheckpointPartsFragment | null, readonly diff: DiffPartsFragment | null }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `Restore` takes. */
export type RestoreMutationVariables = Exact<{
  input: RestoreInput;
}>;

/** What `Restore` answers. Makes a new checkpoint with the content of an earlier one, whole or at some paths; abandoned and undone ones included. It is undone like any other. Needs WRITE. */
export type RestoreMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | { readonly branch: BranchPartsFragment, readonly checkpoint: CheckpointPartsFragment | null, readonly diff: DiffPartsFragment | null }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `RevertRun` takes. */
export type RevertRunMutationVariables = Exact<{
  input: RevertRunInput;
}>;

/** What `RevertRun` answers. Takes the changes of a run out of a branch by a three-way merge, as a new checkpoint; later work stays, and what was built on the run’s conflicts. Needs WRITE. */
export type RevertRunMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_MergeConflicted_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly branch: BranchPartsFragment, readonly checkpoint: CheckpointPartsFragment | null, readonly diff: DiffPartsFragment | null }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `OpenProposal` takes. */
export type OpenProposalMutationVariables = Exact<{
  input: OpenProposalInput;
}>;

/** What `OpenProposal` answers. Asks that the work of a branch pass into another. The proposal follows its source from then on. Needs PROPOSE. */
export type OpenProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly proposal: ProposalPartsFragment }
    | ProblemParts_Unavailable_Fragment
   };

/** What `UpdateProposal` takes. */
export type UpdateProposalMutationVariables = Exact<{
  input: UpdateProposalInput;
}>;

/** What `UpdateProposal` answers. Changes title, body or target of a pending proposal. Needs PROPOSE, and REVIEW for a proposal that somebody else opened. */
export type UpdateProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
    | { readonly proposal: ProposalPartsFragment }
   };

/** What `ReviewProposal` takes. */
export type ReviewProposalMutationVariables = Exact<{
  input: ReviewProposalInput;
}>;

/** What `ReviewProposal` answers. Gives a verdict on the exact head of a proposal. Nobody approves their own work, whichever key is used. Needs REVIEW. */
export type ReviewProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly proposal: ProposalPartsFragment, readonly review: { readonly id: string, readonly verdict: ReviewVerdict, readonly headOid: string, readonly stale: boolean } }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `CommentOnProposal` takes. */
export type CommentOnProposalMutationVariables = Exact<{
  input: CommentOnProposalInput;
}>;

/** What `CommentOnProposal` answers. Says something about a proposal without judging it, also when it has ended. Needs REVIEW or PROPOSE. */
export type CommentOnProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly comment: { readonly id: string, readonly body: string, readonly actor: string, readonly at: string }, readonly thread: { readonly id: string, readonly path: string | null, readonly line: number | null, readonly side: DiffSide | null, readonly revision: number, readonly outdated: boolean, readonly resolved: boolean } }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `MergeProposal` takes. */
export type MergeProposalMutationVariables = Exact<{
  input: MergeProposalInput;
}>;

/** What `MergeProposal` answers. Merges an approved proposal into its target. What was reviewed is what is merged. Needs MERGE. */
export type MergeProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_MergeConflicted_Fragment
    | { readonly outcome: MergeOutcome, readonly commit: { readonly oid: string } | null, readonly proposal: ProposalPartsFragment }
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | ProblemParts_RulesUnmet_Fragment
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `RejectProposal` takes. */
export type RejectProposalMutationVariables = Exact<{
  input: RejectProposalInput;
}>;

/** What `RejectProposal` answers. Turns a proposal down, with a reason. Needs REVIEW. */
export type RejectProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_ProtectedBranch_Fragment
    | { readonly proposal: ProposalPartsFragment }
    | ProblemParts_StaleHead_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `CloseProposal` takes. */
export type CloseProposalMutationVariables = Exact<{
  input: ProposalInput;
}>;

/** What `CloseProposal` answers. Closes a proposal without a merge and without a verdict; its branch stays, and it can be reopened. Needs PROPOSE, and REVIEW for a proposal that somebody else opened. */
export type CloseProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | { readonly proposal: ProposalPartsFragment }
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | ProblemParts_Unavailable_Fragment
   };

/** What `ReopenProposal` takes. */
export type ReopenProposalMutationVariables = Exact<{
  input: ProposalInput;
}>;

/** What `ReopenProposal` answers. Takes up a closed or rejected proposal at the present head of its source, as a new revision to be judged anew. Needs PROPOSE, and REVIEW for one that was rejected or that somebody else opened. */
export type ReopenProposalMutation = { readonly result:
    | ProblemParts_Busy_Fragment
    | ProblemParts_Forbidden_Fragment
    | ProblemParts_InvalidInput_Fragment
    | ProblemParts_InvalidState_Fragment
    | ProblemParts_LimitExceeded_Fragment
    | ProblemParts_NotFound_Fragment
    | ProblemParts_ObjectCorrupt_Fragment
    | { readonly proposal: ProposalPartsFragment }
    | ProblemParts_Unavailable_Fragment
   };

/** What `OnEvents` takes. */
export type OnEventsSubscriptionVariables = Exact<{
  filter?: EventFilter | null | undefined;
}>;

/** What `OnEvents` answers. Everything that happens, filtered. */
export type OnEventsSubscription = { readonly events:
    | EventParts_BranchCreated_Fragment
    | EventParts_BranchDeleted_Fragment
    | EventParts_BranchMoved_Fragment
    | EventParts_ProposalClosed_Fragment
    | EventParts_ProposalCommented_Fragment
    | EventParts_ProposalMerged_Fragment
    | EventParts_ProposalOpened_Fragment
    | EventParts_ProposalRejected_Fragment
    | EventParts_ProposalReopened_Fragment
    | EventParts_ProposalReviewed_Fragment
    | EventParts_ProposalRevised_Fragment
    | EventParts_ProposalUpdated_Fragment
    | EventParts_RepoCreated_Fragment
    | EventParts_RepoDeleted_Fragment
    | EventParts_RepoUpdated_Fragment
   };

/** What `OnProposalOpened` takes. */
export type OnProposalOpenedSubscriptionVariables = Exact<{
  repo?: string | null | undefined;
}>;

/** What `OnProposalOpened` answers. Proposals as they are opened. */
export type OnProposalOpenedSubscription = { readonly proposalOpened: EventParts_ProposalOpened_Fragment };

/** What `OnProposalChanged` takes. */
export type OnProposalChangedSubscriptionVariables = Exact<{
  repo?: string | null | undefined;
  number?: number | null | undefined;
}>;

/** What `OnProposalChanged` answers. Everything that happens to proposals, their opening included. */
export type OnProposalChangedSubscription = { readonly proposalChanged:
    | EventParts_ProposalClosed_Fragment
    | EventParts_ProposalCommented_Fragment
    | EventParts_ProposalMerged_Fragment
    | EventParts_ProposalOpened_Fragment
    | EventParts_ProposalRejected_Fragment
    | EventParts_ProposalReopened_Fragment
    | EventParts_ProposalReviewed_Fragment
    | EventParts_ProposalRevised_Fragment
    | EventParts_ProposalUpdated_Fragment
   };

/** What `OnBranchMoved` takes. */
export type OnBranchMovedSubscriptionVariables = Exact<{
  repo: string;
  branch?: string | null | undefined;
}>;

/** What `OnBranchMoved` answers. Branches as they move, whichever verb moves them. */
export type OnBranchMovedSubscription = { readonly branchMoved: EventParts_BranchMoved_Fragment };

/** Who asks. */
export const Viewer: TypedText<ViewerQuery, ViewerQueryVariables> = typed("query Viewer { viewer { actor onBehalfOf scopes key { id name } } }");
/** The cursor after everything so far. Taken before the first read, and subscribed from, nothing falls between. */
export const EventCursor: TypedText<EventCursorQuery, EventCursorQueryVariables> = typed("query EventCursor { eventCursor }");
/** A repository by name or node id; null when it is absent or this key may not read it, which cannot be told apart. */
export const RepoByName: TypedText<RepoByNameQuery, RepoByNameQueryVariables> = typed("query RepoByName($repo: String!) { repo(name: $repo) { ...RepoParts } } fragment RepoParts on Repo { id name description defaultBranchName version createdAt updatedAt archivedAt labels { key value } }");
/** A branch by name or id; null when it is absent or hidden from this key. */
export const BranchByName: TypedText<BranchByNameQuery, BranchByNameQueryVariables> = typed("query BranchByName($repo: String!, $branch: String!) { repo(name: $repo) { branch(name: $branch) { ...BranchParts } } } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** The branches that this key may read, by name unless ordered otherwise. */
export const BranchPage: TypedText<BranchPageQuery, BranchPageQueryVariables> = typed("query BranchPage($repo: String!, $first: Int, $after: String, $filter: BranchFilter) { repo(name: $repo) { branches(first: $first, after: $after, filter: $filter) { nodes { ...BranchParts } pageInfo { hasNextPage endCursor } } } } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** Its timeline, oldest first, undone and abandoned checkpoints included. */
export const CheckpointPage: TypedText<CheckpointPageQuery, CheckpointPageQueryVariables> = typed("query CheckpointPage($repo: String!, $branch: String!, $first: Int, $after: String) { repo(name: $repo) { branch(name: $branch) { checkpoints(first: $first, after: $after) { nodes { ...CheckpointParts } pageInfo { hasNextPage endCursor } } } } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } }");
/** A proposal by its number; null when it is absent or its source is hidden from this key. */
export const ProposalByNumber: TypedText<ProposalByNumberQuery, ProposalByNumberQueryVariables> = typed("query ProposalByNumber($repo: String!, $number: Int!) { repo(name: $repo) { proposal(number: $number) { ...ProposalParts } } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** The proposals, newest first. */
export const ProposalPage: TypedText<ProposalPageQuery, ProposalPageQueryVariables> = typed("query ProposalPage($repo: String!, $first: Int, $after: String, $filter: ProposalFilter) { repo(name: $repo) { proposals(first: $first, after: $after, filter: $filter) { nodes { ...ProposalParts } pageInfo { hasNextPage endCursor } } } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** The diff between two revs: what `to` added since it left `from`, unless the options compare them directly. */
export const DiffOfRevs: TypedText<DiffOfRevsQuery, DiffOfRevsQueryVariables> = typed("query DiffOfRevs($repo: String!, $from: String!, $to: String!, $options: DiffOptions) { repo(name: $repo) { diff(from: $from, to: $to, options: $options) { ...DiffParts } } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** What it changes: from `base` to `head`. */
export const DiffOfProposal: TypedText<DiffOfProposalQuery, DiffOfProposalQueryVariables> = typed("query DiffOfProposal($repo: String!, $number: Int!, $options: DiffOptions, $sinceReview: Boolean, $revision: Int) { repo(name: $repo) { proposal(number: $number) { diff(options: $options, sinceReview: $sinceReview, revision: $revision) { ...DiffParts } } } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** The changed files, in git’s order. */
export const DiffFilePage: TypedText<DiffFilePageQuery, DiffFilePageQueryVariables> = typed("query DiffFilePage($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Diff { files(first: $first, after: $after) { nodes { ...FileParts } pageInfo { hasNextPage endCursor } } } } } fragment FileParts on DiffFile { id path oldPath status oldMode newMode similarity isBinary omitted additions deletions }");
/** The changed files, in git’s order. */
export const DiffContentPage: TypedText<DiffContentPageQuery, DiffContentPageQueryVariables> = typed("query DiffContentPage($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on Diff { files(first: $first, after: $after) { nodes { ...FileParts hunks(first: 20) { ...HunkPage } } pageInfo { hasNextPage endCursor } } } } } fragment FileParts on DiffFile { id path oldPath status oldMode newMode similarity isBinary omitted additions deletions } fragment HunkPage on DiffHunkConnection { edges { cursor node { id section oldStart oldLines newStart newLines lineCount lines { ...LineParts } } } pageInfo { hasNextPage endCursor } } fragment LineParts on DiffLine { kind oldNumber newNumber text noNewline spans { start end } }");
/** The places that changed, in order, with the lines around them. */
export const DiffHunks: TypedText<DiffHunksQuery, DiffHunksQueryVariables> = typed("query DiffHunks($id: ID!, $first: Int!, $after: String) { node(id: $id) { ... on DiffFile { hunks(first: $first, after: $after) { ...HunkPage } } } } fragment HunkPage on DiffHunkConnection { edges { cursor node { id section oldStart oldLines newStart newLines lineCount lines { ...LineParts } } } pageInfo { hasNextPage endCursor } } fragment LineParts on DiffLine { kind oldNumber newNumber text noNewline spans { start end } }");
/** The places that changed, in order, with the lines around them. */
export const DiffLines: TypedText<DiffLinesQuery, DiffLinesQueryVariables> = typed("query DiffLines($id: ID!, $after: String, $skip: Int!) { node(id: $id) { ... on DiffFile { hunks(first: 1, after: $after) { nodes { lines(skip: $skip) { ...LineParts } } } } } } fragment LineParts on DiffLine { kind oldNumber newNumber text noNewline spans { start end } }");
/** The thing that a node id names; null when the id is malformed, the thing is gone, or this key may not read it. */
export const DiffPatch: TypedText<DiffPatchQuery, DiffPatchQueryVariables> = typed("query DiffPatch($id: ID!) { node(id: $id) { ... on Diff { patch } } }");
/** The file at a path of the commit that a rev names; null when there is none, or a directory. */
export const ReadFile: TypedText<ReadFileQuery, ReadFileQueryVariables> = typed("query ReadFile($repo: String!, $rev: String!, $path: String!) { repo(name: $repo) { file(rev: $rev, path: $path) { path mode oid blob { size isBinary text base64 url } } } }");
/** What merging one rev into another would give, without writing anything. */
export const MergePreviewOf: TypedText<MergePreviewOfQuery, MergePreviewOfQueryVariables> = typed("query MergePreviewOf($repo: String!, $from: String!, $into: String!, $strategy: MergeStrategy, $resolutions: [ConflictResolution!]) { repo(name: $repo) { mergePreview( from: $from into: $into strategy: $strategy resolutions: $resolutions ) { id outcome treeOid conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid }");
/** Creates a repository with a first commit on its default branch, which holds the first files, if any. Needs CREATE_REPO. */
export const CreateRepo: TypedText<CreateRepoMutation, CreateRepoMutationVariables> = typed("mutation CreateRepo($input: CreateRepoInput!) { result: createRepo(input: $input) { ... on CreateRepoSuccess { repo { ...RepoParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment RepoParts on Repo { id name description defaultBranchName version createdAt updatedAt archivedAt labels { key value } }");
/** Makes a repository from another one: with the branches that the key reads, each at its fork point and without checkpoints, with all tags and the settings, and without proposals, webhooks or log. Needs READ for the other one and CREATE_REPO. */
export const ForkRepo: TypedText<ForkRepoMutation, ForkRepoMutationVariables> = typed("mutation ForkRepo($input: ForkRepoInput!) { result: forkRepo(input: $input) { ... on ForkRepoSuccess { repo { ...RepoParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment RepoParts on Repo { id name description defaultBranchName version createdAt updatedAt archivedAt labels { key value } }");
/** Creates a branch, at the head of the default branch unless a rev is named. Needs WRITE. */
export const CreateBranch: TypedText<CreateBranchMutation, CreateBranchMutationVariables> = typed("mutation CreateBranch($input: CreateBranchInput!) { result: createBranch(input: $input) { ... on CreateBranchSuccess { branch { ...BranchParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** Deletes a branch. Its commits, checkpoints and proposals stay readable, and its name is free. Needs WRITE. */
export const DeleteBranch: TypedText<DeleteBranchMutation, DeleteBranchMutationVariables> = typed("mutation DeleteBranch($input: DeleteBranchInput!) { result: deleteBranch(input: $input) { ... on DeleteBranchSuccess { deletedBranchId branch { ...BranchParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** Brings a deleted branch back, where its name has been taken meanwhile under another. Needs WRITE. */
export const RestoreBranch: TypedText<RestoreBranchMutation, RestoreBranchMutationVariables> = typed("mutation RestoreBranch($input: RestoreBranchInput!) { result: restoreBranch(input: $input) { ... on RestoreBranchSuccess { branch { ...BranchParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** Merges one branch into another. A conflict writes nothing. Needs MERGE. */
export const MergeBranch: TypedText<MergeBranchMutation, MergeBranchMutationVariables> = typed("mutation MergeBranch($input: MergeBranchInput!) { result: mergeBranch(input: $input) { ... on MergeBranchSuccess { outcome commit { oid } branch { ...BranchParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } }");
/** Brings the base into a branch by a merge commit, as a checkpoint that can be undone. A conflict writes nothing. Needs WRITE. */
export const RefreshBranch: TypedText<RefreshBranchMutation, RefreshBranchMutationVariables> = typed("mutation RefreshBranch($input: RefreshBranchInput!) { result: refreshBranch(input: $input) { ... on RefreshBranchSuccess { branch { ...BranchParts } checkpoint { ...CheckpointParts } diff { ...DiffParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** Moves a branch forward by one commit and leaves a checkpoint. All changes apply, or none. Needs WRITE. */
export const CreateCheckpoint: TypedText<CreateCheckpointMutation, CreateCheckpointMutationVariables> = typed("mutation CreateCheckpoint($input: CreateCheckpointInput!) { result: createCheckpoint(input: $input) { ... on CreateCheckpointSuccess { checkpoint { ...CheckpointParts } branch { ...BranchParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } }");
/** Takes the last checkpoints of a branch back; undoing number 1 returns to the fork point. What another branch or a landing holds already, and anything on a protected branch, is taken back by an inverse commit: a new checkpoint of origin REVERT. Needs WRITE. */
export const Undo: TypedText<UndoMutation, UndoMutationVariables> = typed("mutation Undo($input: UndoInput!) { result: undo(input: $input) { ... on UndoSuccess { branch { ...BranchParts } checkpoint { ...CheckpointParts } diff { ...DiffParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** Brings undone checkpoints again, in the order in which they were made. Where the pointer cannot be moved, their content comes back as a new checkpoint. Needs WRITE. */
export const Redo: TypedText<RedoMutation, RedoMutationVariables> = typed("mutation Redo($input: RedoInput!) { result: redo(input: $input) { ... on RedoSuccess { branch { ...BranchParts } checkpoint { ...CheckpointParts } diff { ...DiffParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** Makes a new checkpoint with the content of an earlier one, whole or at some paths; abandoned and undone ones included. It is undone like any other. Needs WRITE. */
export const Restore: TypedText<RestoreMutation, RestoreMutationVariables> = typed("mutation Restore($input: RestoreInput!) { result: restore(input: $input) { ... on RestoreSuccess { branch { ...BranchParts } checkpoint { ...CheckpointParts } diff { ...DiffParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** Takes the changes of a run out of a branch by a three-way merge, as a new checkpoint; later work stays, and what was built on the run’s conflicts. Needs WRITE. */
export const RevertRun: TypedText<RevertRunMutation, RevertRunMutationVariables> = typed("mutation RevertRun($input: RevertRunInput!) { result: revertRun(input: $input) { ... on RevertRunSuccess { branch { ...BranchParts } checkpoint { ...CheckpointParts } diff { ...DiffParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment BranchParts on Branch { id name kind state headOid version baseName protected canUndo canRedo runId sessionId createdAt createdBy lastActivityAt expiresAt metadata { key value } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment DiffParts on Diff { id from { oid } to { oid } base { oid } stats { files additions deletions } unmerged patchUrl }");
/** Asks that the work of a branch pass into another. The proposal follows its source from then on. Needs PROPOSE. */
export const OpenProposal: TypedText<OpenProposalMutation, OpenProposalMutationVariables> = typed("mutation OpenProposal($input: OpenProposalInput!) { result: openProposal(input: $input) { ... on OpenProposalSuccess { proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Changes title, body or target of a pending proposal. Needs PROPOSE, and REVIEW for a proposal that somebody else opened. */
export const UpdateProposal: TypedText<UpdateProposalMutation, UpdateProposalMutationVariables> = typed("mutation UpdateProposal($input: UpdateProposalInput!) { result: updateProposal(input: $input) { ... on UpdateProposalSuccess { proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Gives a verdict on the exact head of a proposal. Nobody approves their own work, whichever key is used. Needs REVIEW. */
export const ReviewProposal: TypedText<ReviewProposalMutation, ReviewProposalMutationVariables> = typed("mutation ReviewProposal($input: ReviewProposalInput!) { result: reviewProposal(input: $input) { ... on ReviewProposalSuccess { proposal { ...ProposalParts } review { id verdict headOid stale } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Says something about a proposal without judging it, also when it has ended. Needs REVIEW or PROPOSE. */
export const CommentOnProposal: TypedText<CommentOnProposalMutation, CommentOnProposalMutationVariables> = typed("mutation CommentOnProposal($input: CommentOnProposalInput!) { result: commentOnProposal(input: $input) { ... on CommentOnProposalSuccess { comment { id body actor at } thread { id path line side revision outdated resolved } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid }");
/** Merges an approved proposal into its target. What was reviewed is what is merged. Needs MERGE. */
export const MergeProposal: TypedText<MergeProposalMutation, MergeProposalMutationVariables> = typed("mutation MergeProposal($input: MergeProposalInput!) { result: mergeProposal(input: $input) { ... on MergeProposalSuccess { outcome commit { oid } proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Turns a proposal down, with a reason. Needs REVIEW. */
export const RejectProposal: TypedText<RejectProposalMutation, RejectProposalMutationVariables> = typed("mutation RejectProposal($input: RejectProposalInput!) { result: rejectProposal(input: $input) { ... on RejectProposalSuccess { proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Closes a proposal without a merge and without a verdict; its branch stays, and it can be reopened. Needs PROPOSE, and REVIEW for a proposal that somebody else opened. */
export const CloseProposal: TypedText<CloseProposalMutation, CloseProposalMutationVariables> = typed("mutation CloseProposal($input: ProposalInput!) { result: closeProposal(input: $input) { ... on CloseProposalSuccess { proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Takes up a closed or rejected proposal at the present head of its source, as a new revision to be judged anew. Needs PROPOSE, and REVIEW for one that was rejected or that somebody else opened. */
export const ReopenProposal: TypedText<ReopenProposalMutation, ReopenProposalMutationVariables> = typed("mutation ReopenProposal($input: ProposalInput!) { result: reopenProposal(input: $input) { ... on ReopenProposalSuccess { proposal { ...ProposalParts } } ...ProblemParts } } fragment ProblemParts on Problem { __typename code message hint ... on Busy { retryAfterMs } ... on Forbidden { needs } ... on InvalidInput { field rule } ... on InvalidState { actualState } ... on LimitExceeded { limit maximum requested } ... on NameTaken { name } ... on ObjectCorrupt { oid } ... on ProtectedBranch { protectedBy: rule } ... on RulesUnmet { rules { rule satisfied explanation } } ... on StaleHead { expectedHead actualHead expectedVersion actualVersion } ... on MergeConflicted { conflicts(first: 100) { nodes { ...ConflictParts } pageInfo { hasNextPage endCursor } } } } fragment ConflictParts on MergeConflict { id kind path paths base { ...SideParts } ours { ...SideParts } theirs { ...SideParts } hunks { id base ours theirs } markers } fragment SideParts on ConflictSide { path mode oid } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } }");
/** Everything that happens, filtered. */
export const OnEvents: TypedText<OnEventsSubscription, OnEventsSubscriptionVariables> = typed("subscription OnEvents($filter: EventFilter) { events(filter: $filter) { ...EventParts } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } } fragment EventParts on Event { __typename id kind at actor cursor repoName ... on BranchCreated { branchName before after version } ... on BranchMoved { branchName before after version checkpoint { ...CheckpointParts } } ... on BranchDeleted { branchName before after version } ... on ProposalEvent { proposal { ...ProposalParts } } }");
/** Proposals as they are opened. */
export const OnProposalOpened: TypedText<OnProposalOpenedSubscription, OnProposalOpenedSubscriptionVariables> = typed("subscription OnProposalOpened($repo: String) { proposalOpened(repo: $repo) { ...EventParts } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } } fragment EventParts on Event { __typename id kind at actor cursor repoName ... on BranchCreated { branchName before after version } ... on BranchMoved { branchName before after version checkpoint { ...CheckpointParts } } ... on BranchDeleted { branchName before after version } ... on ProposalEvent { proposal { ...ProposalParts } } }");
/** Everything that happens to proposals, their opening included. */
export const OnProposalChanged: TypedText<OnProposalChangedSubscription, OnProposalChangedSubscriptionVariables> = typed("subscription OnProposalChanged($repo: String, $number: Int) { proposalChanged(repo: $repo, number: $number) { ...EventParts } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } } fragment EventParts on Event { __typename id kind at actor cursor repoName ... on BranchCreated { branchName before after version } ... on BranchMoved { branchName before after version checkpoint { ...CheckpointParts } } ... on BranchDeleted { branchName before after version } ... on ProposalEvent { proposal { ...ProposalParts } } }");
/** Branches as they move, whichever verb moves them. */
export const OnBranchMoved: TypedText<OnBranchMovedSubscription, OnBranchMovedSubscriptionVariables> = typed("subscription OnBranchMoved($repo: String!, $branch: String) { branchMoved(repo: $repo, branch: $branch) { ...EventParts } } fragment CheckpointParts on Checkpoint { id number oid origin state message prompt runId sessionId createdAt createdBy metadata { key value } } fragment ProposalParts on Proposal { id number title body state sourceName targetName head { oid } base { oid } runId createdAt createdBy closedAt closedBy reason rules { rule satisfied explanation } declined { path hunks reason } } fragment EventParts on Event { __typename id kind at actor cursor repoName ... on BranchCreated { branchName before after version } ... on BranchMoved { branchName before after version checkpoint { ...CheckpointParts } } ... on BranchDeleted { branchName before after version } ... on ProposalEvent { proposal { ...ProposalParts } } }");
