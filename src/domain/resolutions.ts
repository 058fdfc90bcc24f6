import type { TreeMerge } from '../git/merge/conflict.js';
import type { Effort } from '../git/merge/effort.js';
import type { HunkChoice } from '../git/merge/resolve-lines.js';
import { resolveConflicts, type Resolution, type ResolutionRefusal } from '../git/merge/resolve.js';
import type { StagedObjects } from '../git/objects/staged-objects.js';
import { decodeName } from '../git/objects/tree.js';
import { HUNK_ID_PREFIX, type ConflictResolutionInput, type ResolveHunkInput } from './conflict-resolution.js';
import { stageFile } from './file-changes.js';
import * as violations from './input-violations.js';
import { exceeds } from './limits.js';
import * as problems from './problems.js';
import { brokenRule, Refused, type ChangeGround } from './tree-draft.js';

/** What a merge with resolutions needs besides its commits: the limits, what bytes the key may use, and who may end it. */
export interface ResolutionGround extends Pick<ChangeGround, 'limits' | 'mayUseBlob'> {
  readonly signal?: AbortSignal;
}

/** One resolution, its new content staged; `path` is readable, `index` its place in the input. */
interface Pending {
  readonly index: number;
  readonly path: string;
  readonly resolve: (path: string) => Resolution;
}

/**
 * The resolutions of one merge. Contents are staged when it is made; each resolution then settles the first conflict of its
 * path that is put before it. Several for one path are for merges that conflict there several times: a rebase's, commit by commit.
 */
export class Resolutions {
  readonly #staged: StagedObjects;
  readonly #pending: Pending[];
  readonly #settled = new Set<string>();

  private constructor(staged: StagedObjects, pending: Pending[]) {
    this.#staged = staged;
    this.#pending = pending;
  }

  /** Checks the inputs and stages their contents. Throws {@link Refused} for what breaks a rule or exceeds a limit. */
  static async stage(staged: StagedObjects, inputs: readonly ConflictResolutionInput[], ground: ResolutionGround): Promise<Resolutions> {
    const { changesPerCheckpoint } = ground.limits;
    if (inputs.length > changesPerCheckpoint) throw new Refused(problems.limitExceeded('changesPerCheckpoint', changesPerCheckpoint, inputs.length));
    const pending: Pending[] = [];
    let written = 0;
    for (const [index, input] of inputs.entries()) {
      const { bytes, ...one } = await stageOne(staged, input, ground, `${FIELD}[${index}]`);
      written += bytes;
      const tooMuch = exceeds(ground.limits, 'checkpointBytes', written);
      if (tooMuch !== null) throw new Refused(tooMuch);
      pending.push({ index, ...one });
    }
    return new Resolutions(staged, pending);
  }

  /** The merge with every conflict settled that has a resolution. Throws {@link Refused} for one that does not fit its conflict. */
  async settle(merge: TreeMerge, effort: Effort): Promise<TreeMerge> {
    const used = new Map<string, Pending>();
    const resolutions: Resolution[] = [];
    for (const { path } of merge.conflicts) {
      const readable = decodeName(path);
      const at = used.has(path) ? -1 : this.#pending.findIndex((each) => each.path === readable);
      const [pending] = at < 0 ? [] : this.#pending.splice(at, 1);
      if (pending === undefined) continue;
      used.set(path, pending);
      this.#settled.add(readable);
      resolutions.push(pending.resolve(path));
    }
    if (resolutions.length === 0) return merge;
    const resolved = await resolveConflicts(this.#staged, merge, resolutions, effort);
    if (resolved.outcome === 'RESOLVED') return resolved.merge;
    throw unfit(resolved.refusal, used.get(resolved.refusal.path)?.index ?? 0);
  }

  /** Throws {@link Refused} where a resolution has settled nothing: its path does not conflict, or was settled by another. */
  requireUsed(): void {
    const [left] = this.#pending;
    if (left === undefined) return;
    throw brokenRule(`${FIELD}[${left.index}]`, this.#settled.has(left.path) ? violations.resolvedTwice(left.path) : violations.noSuchConflict(left.path));
  }
}

const FIELD = 'resolutions';

async function stageOne(staged: StagedObjects, input: ConflictResolutionInput, ground: ResolutionGround, field: string): Promise<Omit<Pending, 'index'> & { readonly bytes: number }> {
  const { take, content, hunks, delete: removed } = input;
  const members = [take, content, hunks, removed].filter((member) => member !== null && member !== undefined);
  if (members.length === 1) {
    if (take) return { bytes: 0, path: take.path, resolve: (path) => ({ kind: 'TAKE', path, side: take.side }) };
    if (removed) return { bytes: 0, path: removed.path, resolve: (path) => ({ kind: 'DELETE', path }) };
    if (hunks) {
      const choices = hunks.hunks.map((hunk, at) => hunkChoice(hunk, `${field}.hunks.hunks[${at}]`));
      return { bytes: replacedBytes(choices), path: hunks.path, resolve: (path) => ({ kind: 'HUNKS', path, hunks: choices }) };
    }
    if (content) {
      const version = await stageFile({ ...ground, staged }, content, `${field}.content`);
      return { bytes: (await staged.header(version.oid)).size, path: content.path, resolve: (path) => ({ kind: 'CONTENT', path, version }) };
    }
  }
  throw brokenRule(field, violations.oneResolution());
}

function replacedBytes(choices: readonly HunkChoice[]): number {
  return choices.reduce((bytes, choice) => bytes + ('replacement' in choice ? choice.replacement.length : 0), 0);
}

function hunkChoice({ take, replace }: ResolveHunkInput, field: string): HunkChoice {
  if (take && !replace) return { id: hunkId(take.id), sides: take.sides };
  if (replace && !take) return { id: hunkId(replace.id), replacement: Buffer.from(replace.text, 'utf8') };
  throw brokenRule(field, violations.oneHunkChoice());
}

function hunkId(id: string): string {
  return id.startsWith(HUNK_ID_PREFIX) ? id.slice(HUNK_ID_PREFIX.length) : id;
}

function unfit({ path, reason, hunk }: ResolutionRefusal, index: number): Refused {
  return brokenRule(`${FIELD}[${index}]`, violations.resolutionUnfit(decodeName(path), reason, hunk === null ? null : HUNK_ID_PREFIX + hunk));
}
