import { authorize } from '../../auth/authorize.js';
import { generateKey } from '../../auth/key-format.js';
import { creationRefusal } from '../../auth/key-reach.js';
import { actorViolation } from '../../domain/commit-data.js';
import * as violations from '../../domain/input-violations.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import { KEY_NAME, textViolation } from '../../domain/text.js';
import type { Problem } from '../../domain/problem.js';
import { firstBroken, globChecks, labelChecks } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CreateApiKeyInput } from '../inputs.js';
import type { Outcome } from '../outcome.js';
import type { ApiKeyReceipt } from '../receipts.js';
import type { Request } from '../request.js';

/** The outcome, and the whole key in plain text: here and nowhere else, ever. Null when refused and in a replay. */
export interface CreatedApiKey {
  readonly outcome: Outcome<ApiKeyReceipt>;
  readonly secret: string | null;
}

/**
 * A new key, never wider than the one that makes it. Needs ADMIN.
 *
 * Refuses: InvalidInput, Forbidden.
 */
export async function createApiKey(request: Request, input: CreateApiKeyInput): Promise<CreatedApiKey> {
  const key = generateKey();
  const outcome = await recordKey(key)(request, input);
  return { outcome, secret: outcome.ok && !outcome.replayed ? key.text : null };
}

function recordKey(generated: ReturnType<typeof generateKey>): (request: Request, input: CreateApiKeyInput) => Promise<Outcome<ApiKeyReceipt>> {
  return defineOperation<CreateApiKeyInput, ApiKeyReceipt>({
    kind: 'CREATE_KEY',
    action: 'createApiKey',
    async decide(request, input) {
      const { viewer, gateway } = request;
      const refusal = authorize(viewer, 'createApiKey') ?? brokenInput(input, gateway.now());
      if (refusal !== null) return refused(refusal);
      const reach = { scopes: input.scopes, repos: input.repos, branches: input.branches, readBranches: input.readBranches ?? ['**'], paths: input.paths ?? ['**'] };
      const wider = creationRefusal(viewer, reach);
      if (wider !== null) return refused(wider);
      return {
        kind: 'write',
        async apply(tx) {
          const key = await tx.insertApiKey({
            ...reach,
            id: generated.id,
            hash: generated.hash,
            name: input.name,
            actor: input.actor ?? input.name,
            actAs: input.actAs ?? [],
            labels: input.labels ?? [],
            createdBy: viewer.actor,
            expiresAt: input.expiresAt ?? null,
          });
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

function brokenInput(input: CreateApiKeyInput, now: Date): Problem | null {
  const { actor, expiresAt } = input;
  return firstBroken([
    ['name', textViolation(KEY_NAME, input.name)],
    ['scopes', input.scopes.length === 0 ? violations.emptyList('scopes') : null],
    ['repos', input.repos.length === 0 ? violations.emptyList('repos') : null],
    ['actor', actor === null || actor === undefined ? actorViolation(input.name) : actorViolation(actor)],
    ['expiresAt', expiresAt !== null && expiresAt !== undefined && expiresAt <= now ? violations.alreadyPast() : null],
    ...globChecks('repos', input.repos),
    ...globChecks('branches', input.branches),
    ...globChecks('readBranches', input.readBranches),
    ...globChecks('paths', input.paths),
    ...globChecks('actAs', input.actAs),
    ...labelChecks('labels', input.labels),
  ]);
}
