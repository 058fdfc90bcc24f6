import type { Page, PageEdge, PageRequest } from '../../../domain/ports/pages.js';
import type { DeliveryRecord, WebhookRecord } from '../../../domain/webhook.js';
import type { Request } from '../../request.js';
import { managesWebhook } from './webhook-target.js';
import { isAllowed, mustAllow } from '../allowed.js';

/**
 * Webhooks of keys that reach no further than the asking one, oldest first. Needs ADMIN, or throws FORBIDDEN. Rows are read until the page
 * is full, as for keys.
 */
export async function readWebhooks(request: Request, page: PageRequest): Promise<Page<WebhookRecord>> {
  mustAllow(request, 'readWebhooks');
  const edges: PageEdge<WebhookRecord>[] = [];
  let after = page.after;
  for (;;) {
    const rows = await request.reader.webhooks({ ...page, after });
    const managed = await Promise.all(rows.edges.map(({ node }) => managesWebhook(request, node)));
    for (const edge of rows.edges.filter((_, index) => managed[index])) {
      if (edges.length >= page.count) return { edges, hasNext: true, hasPrevious: page.after !== null };
      edges.push(edge);
    }
    after = rows.edges.at(-1)?.key ?? null;
    if (!rows.hasNext || after === null) return { edges, hasNext: false, hasPrevious: page.after !== null };
  }
}

/** A webhook by its row's id, deleted ones too; null for whoever may not manage it. */
export async function readWebhook(request: Request, id: number): Promise<WebhookRecord | null> {
  if (!isAllowed(request, 'readWebhooks')) return null;
  const webhook = await request.reader.webhook(id);
  return webhook !== null && (await managesWebhook(request, webhook)) ? webhook : null;
}

/** A delivery of a webhook that may be managed, by its row's id; null otherwise. */
export async function readDelivery(request: Request, id: number): Promise<DeliveryRecord | null> {
  if (!isAllowed(request, 'readWebhooks')) return null;
  const delivery = await request.reader.delivery(id);
  return delivery !== null && (await readWebhook(request, delivery.webhookId)) !== null ? delivery : null;
}
