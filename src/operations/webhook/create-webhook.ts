import { randomBytes } from 'node:crypto';
import { authorize } from '../../auth/authorize.js';
import { CursorInvalid, decodeEventCursor } from '../../domain/cursor.js';
import * as violations from '../../domain/input-violations.js';
import { exceeds } from '../../domain/limits.js';
import { SERVER_STREAM } from '../../domain/operation.js';
import type { EventCursor } from '../../domain/ports/event-log.js';
import { DESCRIPTION, FILTER, textViolation } from '../../domain/text.js';
import { webhookUrlViolation } from '../../domain/webhook.js';
import type { Problem } from '../../domain/problem.js';
import * as problems from '../../domain/problems.js';
import { firstBroken, optionalText, type Check } from '../checks.js';
import { defineOperation, refused } from '../define-operation.js';
import type { CreateWebhookInput } from '../inputs.js';
import type { Outcome } from '../outcome.js';
import { eventFilter } from '../reading/read-events.js';
import type { WebhookReceipt } from '../receipts.js';
import type { Request } from '../request.js';

/** The outcome, and the secret that signs in plain text: here and nowhere else, ever. Null when refused and in a replay. */
export interface CreatedWebhook {
  readonly outcome: Outcome<WebhookReceipt>;
  readonly secret: string | null;
}

/** Of random bytes in a secret; Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
/** Names in one list of a filter: they are compared with every event. */
const MAX_FILTERED = 1000;

/**
 * A webhook: events that this key may read are sent to an address, each at least once and in order for each repository. Needs ADMIN.
 *
 * Refuses: InvalidInput, Forbidden, LimitExceeded.
 */
export async function createWebhook(request: Request, input: CreateWebhookInput): Promise<CreatedWebhook> {
  const secret = `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
  const outcome = await recordWebhook(secret)(request, input);
  return { outcome, secret: outcome.ok && !outcome.replayed ? secret : null };
}

function recordWebhook(secret: string): (request: Request, input: CreateWebhookInput) => Promise<Outcome<WebhookReceipt>> {
  return defineOperation<CreateWebhookInput, WebhookReceipt>({
    kind: 'CREATE_WEBHOOK',
    action: 'createWebhook',
    async decide(request, input) {
      const { viewer, gateway } = request;
      const refusal = authorize(viewer, 'createWebhook') ?? brokenInput(request, input);
      if (refusal !== null) return refused(refusal);
      const after = await beginning(request, input.after ?? null);
      if (after === null) return refused(problems.invalidInput('after', violations.notAnEventCursor()));
      const filter = await eventFilter(request, input.filter);
      return {
        kind: 'write',
        async apply(tx) {
          const { webhook, count } = await tx.insertWebhook({
            url: new URL(input.url).href,
            description: input.description ?? null,
            filter,
            keyId: viewer.key.id,
            createdBy: viewer.actor,
            secret: gateway.webhooks.seal(secret),
            after,
          });
          const tooMany = exceeds(gateway.limits, 'webhooks', count);
          if (tooMany !== null) return { kind: 'refused', problem: tooMany };
          return {
            kind: 'done',
            stream: SERVER_STREAM,
            gcEpoch: null,
            record: { refs: [], subject: { type: 'Webhook', id: webhook.id }, runId: null, events: [] },
            receipt: (operation) => ({ webhookId: webhook.id, operation }),
          };
        },
      };
    },
  });
}

/** Where the webhook begins; null for what is no cursor of this log. */
async function beginning({ gateway }: Request, after: string | null): Promise<EventCursor | null> {
  if (after === null) return gateway.events.now();
  try {
    const place = decodeEventCursor(after);
    return (await gateway.events.reaches(place)) ? place : null;
  } catch (error) {
    if (error instanceof CursorInvalid) return null;
    throw error;
  }
}

function names(field: string, list: readonly string[] | null | undefined): Check[] {
  const given = list ?? [];
  if (given.length > MAX_FILTERED) return [[field, violations.listTooLong(MAX_FILTERED, given.length)]];
  return given.map((name, index) => [`${field}[${index}]`, textViolation(FILTER, name)]);
}

function brokenInput({ gateway }: Request, { url, description, filter }: CreateWebhookInput): Problem | null {
  return firstBroken([
    ['url', webhookUrlViolation(url, gateway.webhooks.destinations)],
    optionalText(DESCRIPTION, 'description', description),
    ...names('filter.repos', filter?.repos),
    ['filter.kinds', filter?.kinds?.length === 0 ? violations.emptyList('kinds') : null],
    ['filter.repos', filter?.repos?.length === 0 ? violations.emptyList('repos') : null],
    optionalText(FILTER, 'filter.branch', filter?.branch),
    optionalText(FILTER, 'filter.runId', filter?.runId),
    optionalText(FILTER, 'filter.actor', filter?.actor),
  ]);
}
