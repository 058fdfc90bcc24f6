import type { Scope } from './api-key.js';
import type { MergePart } from './accept-input.js';
import type { ConflictResolutionInput } from './conflict-resolution.js';

/** One conflicted path of a merge, as a refusal carries it: enough to ask the merge preview for the rest. */
export interface ConflictSummary {
  readonly path: string;
  readonly paths: readonly string[];
  readonly kind: 'CONTENT' | 'ADD_ADD' | 'MODIFY_DELETE' | 'RENAME_DELETE' | 'RENAME_RENAME' | 'FILE_DIRECTORY' | 'MODE' | 'BINARY' | 'SUBMODULE';
}

/** One rule of review and whether it holds, in words. */
export interface RuleStatus {
  readonly rule: string;
  readonly satisfied: boolean;
  readonly explanation: string;
}

interface Base {
  /** One sentence that says what is wrong. */
  readonly message: string;
  /** The next step that helps. */
  readonly hint: string | null;
}

/** Every refusal an operation can answer with. A refusal is a value: nothing was written, nothing was lost. */
export type Problem =
  | (Base & { readonly code: 'INVALID_INPUT'; readonly field: string; readonly rule: string })
  | (Base & { readonly code: 'NOT_FOUND' })
  | (Base & { readonly code: 'FORBIDDEN'; readonly needs: Scope | null })
  | (Base & { readonly code: 'NAME_TAKEN'; readonly name: string })
  | (Base & {
      readonly code: 'STALE_HEAD';
      /** Null where it is the repository itself that is at another version. */
      readonly branchId: number | null;
      readonly expectedHead: string | null;
      readonly actualHead: string | null;
      readonly expectedVersion: number | null;
      readonly actualVersion: number | null;
    })
  | (Base & {
      readonly code: 'MERGE_CONFLICTED';
      readonly repoId: number;
      readonly ours: string;
      readonly theirs: string;
      /** True where commits were replayed one by one; and the resolutions that left these conflicts over. */
      readonly rebase?: boolean;
      readonly resolutions?: readonly ConflictResolutionInput[];
      /** The spans that were to be taken out, where nothing was merged. */
      readonly reverts?: readonly { readonly from: string; readonly to: string }[];
      /** The part that was to be merged, where not everything was. */
      readonly part?: MergePart;
      readonly conflicts: readonly ConflictSummary[];
    })
  | (Base & { readonly code: 'PROTECTED_BRANCH'; readonly rule: string })
  | (Base & { readonly code: 'RULES_UNMET'; readonly rules: readonly RuleStatus[] })
  | (Base & { readonly code: 'INVALID_STATE'; readonly actualState: string })
  | (Base & { readonly code: 'LIMIT_EXCEEDED'; readonly limit: string; readonly maximum: number; readonly requested: number })
  | (Base & { readonly code: 'OBJECT_CORRUPT'; readonly oid: string })
  | (Base & { readonly code: 'BUSY'; readonly retryAfterMs: number })
  | (Base & { readonly code: 'UNAVAILABLE' });

/** The closed set of refusal codes. */
export type ProblemCode = Problem['code'];

/** A refusal with this code. */
export type ProblemOf<C extends ProblemCode> = Extract<Problem, { readonly code: C }>;
