import { keyFamily } from '../domain/api-key.js';
import type { Problem } from '../domain/problem.js';
import { forbidden } from '../domain/problems.js';
import type { ProposalRecord } from '../domain/proposal.js';
import { holdsScope } from './scopes.js';
import type { Viewer } from './viewer.js';

/**
 * The refusal to change, close or reopen a proposal that the viewer reads, or null. It belongs to whoever opened it, by actor or by key, and
 * reviewers may tend everyone's; a rejection is a reviewer's word, so reviewers alone take it back.
 */
export function tendingRefusal({ actor, key }: Viewer, proposal: Pick<ProposalRecord, 'createdBy' | 'keyId' | 'state'>): Problem | null {
  if (holdsScope(key, 'REVIEW')) return null;
  const isOwn = proposal.createdBy === actor || proposal.keyId === keyFamily(key);
  return isOwn && proposal.state !== 'REJECTED' ? null : forbidden('REVIEW');
}
