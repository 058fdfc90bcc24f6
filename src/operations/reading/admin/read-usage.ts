import type { RepoUsageRecord } from '../../../domain/ports/reader.js';
import { quotasOf, quotaUse, type QuotaUse } from '../../../domain/quotas.js';
import type { RepoRecord } from '../../../domain/repo.js';
import type { Request } from '../../request.js';

/** What a repository takes, and each limit on that beside it. */
export interface RepoUsageView extends RepoUsageRecord {
  readonly quotas: readonly QuotaUse[];
}

/** What a repository that the key may read takes, in bytes and rows. Costs the same however much that is. */
export async function readUsage({ reader, gateway }: Request, { id, settings }: RepoRecord): Promise<RepoUsageView> {
  const usage = await reader.usage(id);
  return { ...usage, quotas: quotaUse(usage, quotasOf(gateway.limits, settings.limits)) };
}
