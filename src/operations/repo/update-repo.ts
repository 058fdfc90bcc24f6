import { authorize } from '../../auth/authorize.js';
import type { BranchRecord } from '../../domain/branch.js';
import type { EventPayload, RepoMember } from '../../domain/operation.js';
import type { RepoChange } from '../../domain/ports/transaction.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { repoNameViolation } from '../../domain/repo-name.js';
import { changedSections, ownSettings } from '../../domain/repo-settings.js';
import type { RepoRecord } from '../../domain/repo.js';
import { DESCRIPTION } from '../../domain/text.js';
import { canonicalJson } from '../../shared/canonical-json.js';
import { firstBroken, labelChecks, optionalText, settingsChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { UpdateRepoInput } from '../inputs.js';
import type { RepoReceipt } from '../receipts.js';
import type { Request } from '../request.js';
import { findBranch, findRepo, type Found } from '../targets.js';

/**
 * Changes what a repository says of itself: name, description (an empty one takes it away), labels, default branch, and sections of
 * its settings, each set as a whole. What is left out stays. Under a new name it is the same repository, with the same id; keys see it
 * by their globs from then on. Needs ADMIN, and the old and the new name within the key's `repos`.
 *
 * Refuses: InvalidInput, NotFound, Forbidden, NameTaken, StaleHead (`expectedVersion`), InvalidState (archived), Busy.
 */
export const updateRepo = defineOperation<UpdateRepoInput, RepoReceipt>({
  kind: 'UPDATE_REPO',
  action: 'updateRepo',
  async decide(request, input) {
    const target = await findRepo(request, 'updateRepo', input.repo);
    if (!target.ok) return refused(target.problem);
    const repo = target.value;
    const refusal = refusalOf(request, repo, input);
    if (refusal !== null) return refused(refusal);
    const nextDefault = await findDefault(request, repo, input.defaultBranch);
    if (!nextDefault.ok) return refused(nextDefault.problem);
    const branch = nextDefault.value;
    const change = changeOf(repo, input, branch);

    return {
      kind: 'write',
      async apply(tx) {
        if (branch !== null && !(await tx.holdBranch(branch.id, branch.version))) return { kind: 'moved', branchId: branch.id };
        const updated = await tx.updateRepo(change);
        if (updated === 'NAME_TAKEN') return { kind: 'refused', problem: problems.nameTaken('repository', change.name ?? repo.name) };
        if (updated === 'GONE') return { kind: 'moved', branchId: null };
        return {
          kind: 'done',
          stream: repo.id,
          gcEpoch: null,
          record: { refs: [], subject: { type: 'Repo', id: repo.id }, runId: null, events: eventsOf(repo, change) },
          receipt: (operation) => ({ repoId: repo.id, operation }),
        };
      },
    };
  },
});

function refusalOf(request: Request, repo: RepoRecord, input: UpdateRepoInput): Problem | null {
  const { gateway, viewer } = request;
  const name = input.name ?? repo.name;
  const broken = firstBroken([
    ['name', name === repo.name ? null : repoNameViolation(name, gateway.repoNamePattern)],
    optionalText(DESCRIPTION, 'description', input.description),
    ...labelChecks('labels', input.labels),
    ...settingsChecks(input.settings, gateway),
  ]);
  if (broken !== null) return broken;
  const expected = input.expectedVersion ?? null;
  if (expected !== null && expected !== repo.version) return problems.staleRepo(repo, expected);
  // A name that is yet to be taken is judged as one of a new repository: ADMIN, which this verb needs, holds that scope too.
  return name === repo.name ? null : authorize(viewer, 'createRepo', { repoName: name });
}

/** The branch that is to become the default; null where it stays. */
async function findDefault(request: Request, repo: RepoRecord, ref: string | null | undefined): Promise<Found<BranchRecord | null>> {
  if (ref === null || ref === undefined) return { ok: true, value: null };
  const found = await findBranch(request, null, repo, ref);
  return found.ok && found.value.name === repo.defaultBranch ? { ok: true, value: null } : found;
}

/** What differs from what is there. Sections of settings are set even to what holds already: from then on they follow no default. */
function changeOf(repo: RepoRecord, input: UpdateRepoInput, branch: BranchRecord | null): RepoChange {
  const name = input.name ?? repo.name;
  const description = input.description === '' ? null : (input.description ?? repo.description);
  const labels = input.labels ?? repo.labels;
  const settings = ownSettings(input.settings ?? {});
  return {
    id: repo.id,
    ...(name === repo.name ? {} : { name }),
    ...(description === repo.description ? {} : { description }),
    ...(canonicalJson(labels) === canonicalJson(repo.labels) ? {} : { labels }),
    ...(branch === null ? {} : { defaultBranch: branch.name }),
    ...(Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

const MEMBERS = ['name', 'description', 'labels', 'defaultBranch'] as const;

/** What subscribers are told; nothing where all is as it was. */
function eventsOf(repo: RepoRecord, change: RepoChange): readonly EventPayload[] {
  const settings = change.settings ?? {};
  const changed: readonly RepoMember[] = [...MEMBERS.filter((member) => member in change), ...changedSections(repo.settings, settings).map((name) => `settings.${name}` as const)];
  if (changed.length === 0) return [];
  const { name } = change;
  return [{ kind: 'REPO_UPDATED', repoName: name ?? repo.name, changed, ...(name === undefined ? {} : { previousName: repo.name }), ...(change.settings === undefined ? {} : { settings }) }];
}
