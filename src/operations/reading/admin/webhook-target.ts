import { authorize } from '../../../auth/authorize.js';
import type { Action } from '../../../auth/actions.js';
import { keyManagementRefusal } from '../../../auth/key-reach.js';
import { decodeGlobalId } from '../../../domain/global-id.js';
import type { Problem } from '../../../domain/problem.js';
import * as problems from '../../../domain/problems.js';
import type { WebhookRecord } from '../../../domain/webhook.js';
import type { Request } from '../../request.js';

/** True when the viewer may see and manage what this key has made: it is their own, or one that reaches no further. */
export async function managesWebhook({ viewer, reader }: Request, { keyId }: WebhookRecord): Promise<boolean> {
  if (keyId === viewer.key.id) return true;
  const key = await reader.apiKey(keyId);
  return key !== null && keyManagementRefusal(viewer, key) === null;
}

/** The live webhook that a verb works on, by its node id, or why it may not. */
export async function findWebhook(request: Request, action: Action, ref: string): Promise<WebhookRecord | Problem> {
  const refusal = authorize(request.viewer, action);
  if (refusal !== null) return refusal;
  const id = decodeGlobalId(ref);
  const webhook = id?.type === 'Webhook' ? await request.reader.webhook(id.id) : null;
  if (webhook === null || webhook.deletedAt !== null || !(await managesWebhook(request, webhook))) return problems.notFound('webhook', ref);
  return webhook;
}
