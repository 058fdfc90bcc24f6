import type { Limits } from './limits.js';
import type { Transaction } from './ports/transaction.js';
import type { ProblemOf } from './problem.js';
import { quotaPassed } from './problems.js';

/** The refusal when the key that made this repository, which was inserted or brought back in this transaction, has more than it may; or null. */
export async function tooManyRepos(tx: Transaction, repoId: number, { reposPerKey: maximum }: Limits): Promise<ProblemOf<'LIMIT_EXCEEDED'> | null> {
  const used = await tx.reposOfSameKey(repoId);
  return used > maximum ? quotaPassed({ limit: 'reposPerKey', maximum, used }) : null;
}
