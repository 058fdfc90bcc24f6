import { authorize } from '../../auth/authorize.js';
import { generateKey, type NewKey } from '../../auth/key-format.js';
import { derivationRefusal } from '../../auth/key-reach.js';
import type { Viewer } from '../../auth/viewer.js';
import { DERIVED_DEPTH, type NewApiKey } from '../../domain/api-key.js';
import * as violations from '../../domain/input-violations.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { KEY_NAME, textViolation } from '../../domain/text.js';
import { firstBroken, globChecks, labelChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { DeriveApiKeyInput } from '../inputs.js';
import type { Outcome } from '../outcome.js';
import type { ApiKeyReceipt } from '../receipts.js';
import type { Request } from '../request.js';

/** The outcome, and the whole key in plain text: here and nowhere else, ever. Null when refused and in a replay. */
export interface DerivedApiKey {
  readonly outcome: Outcome<ApiKeyReceipt>;
  readonly secret: string | null;
}

/**
 * A short-lived key that reaches no further than the one that asks, in any respect, and ends with it. Needs READ; the new
 * key speaks for whomever this request speaks for, so one with ACT_AS derives for the person it acts for.
 *
 * Refuses: InvalidInput, Forbidden, LimitExceeded, NotFound when the asking key ends meanwhile.
 */
export async function deriveApiKey(request: Request, input: DeriveApiKeyInput): Promise<DerivedApiKey> {
  const key = generateKey();
  const outcome = await recordKey(key)(request, input);
  return { outcome, secret: outcome.ok && !outcome.replayed ? key.text : null };
}

function recordKey(generated: NewKey): (request: Request, input: DeriveApiKeyInput) => Promise<Outcome<ApiKeyReceipt>> {
  return defineOperation<DeriveApiKeyInput, ApiKeyReceipt>({
    kind: 'CREATE_KEY',
    action: 'deriveApiKey',
    async decide({ viewer, gateway }, input) {
      const key = keyFor(viewer, generated, input);
      const lineage = [...viewer.key.lineage, viewer.key.id];
      const refusal = authorize(viewer, 'deriveApiKey') ?? brokenText(input) ?? derivationRefusal(viewer, key) ?? brokenReach(viewer, input, latestEnd(viewer, gateway.now(), gateway.limits.derivedKeyMs), gateway.now());
      if (refusal !== null) return refused(refusal);
      const maximum = gateway.limits.derivedKeysPerKey;
      return {
        kind: 'write',
        async apply(tx) {
          const made = await tx.insertDerivedKey(key, lineage, maximum);
          if (made === 'NOT_LIVE') return { kind: 'refused', problem: problems.notFound('API key', viewer.key.id) };
          if (made === 'FULL') return { kind: 'refused', problem: problems.quotaPassed({ limit: 'derivedKeysPerKey', maximum, used: maximum + 1 }) };
          return {
            kind: 'done',
            stream: SERVER_STREAM,
            gcEpoch: null,
            record: { refs: [], subject: { type: 'ApiKey', id: key.id }, runId: null, events: [] },
            receipt: (operation) => ({ keyId: key.id, operation }),
          };
        },
      };
    },
  });
}

function keyFor({ key, actor }: Viewer, { id, hash }: NewKey, input: DeriveApiKeyInput): NewApiKey {
  return {
    id,
    hash,
    name: input.name,
    scopes: input.scopes,
    repos: input.repos ?? key.repos,
    branches: input.branches ?? key.branches,
    readBranches: input.readBranches ?? key.readBranches,
    paths: input.paths ?? key.paths,
    actor,
    actAs: input.actAs ?? [],
    labels: input.labels ?? [],
    createdBy: actor,
    expiresAt: input.expiresAt,
  };
}

/** Until when a key derived now may live: as long as the server allows, and no longer than the key it comes from. */
function latestEnd({ key }: Viewer, now: Date, longestMs: number): Date {
  const longest = new Date(now.getTime() + longestMs);
  return key.expiresAt !== null && key.expiresAt < longest ? key.expiresAt : longest;
}

function brokenText(input: DeriveApiKeyInput): Problem | null {
  return firstBroken([
    ['name', textViolation(KEY_NAME, input.name)],
    ['scopes', input.scopes.length === 0 ? violations.emptyList('scopes') : null],
    ...globChecks('repos', input.repos),
    ...globChecks('branches', input.branches),
    ...globChecks('readBranches', input.readBranches),
    ...globChecks('paths', input.paths),
    ...globChecks('actAs', input.actAs),
    ...labelChecks('labels', input.labels),
  ]);
}

function brokenReach(viewer: Viewer, { scopes, expiresAt }: DeriveApiKeyInput, latest: Date, now: Date): Problem | null {
  return firstBroken([
    ['scopes', scopes.includes('ADMIN') ? violations.adminNotDerived() : null],
    ['scopes', viewer.key.lineage.length >= DERIVED_DEPTH ? violations.derivedTooDeep(DERIVED_DEPTH) : null],
    ['expiresAt', expiresAt <= now ? violations.alreadyPast() : null],
    ['expiresAt', expiresAt > latest ? violations.livesTooLong(latest) : null],
  ]);
}
