export { apiKey } from './tables/api-key.js';
export { branch } from './tables/branch.js';
export { checkpoint, prompt } from './tables/checkpoint.js';
export { idempotency } from './tables/idempotency.js';
export { commitGraph, landing, pack, packLease, retiredPack, uploadLease } from './tables/objects.js';
export { eventPosition, latency, logHead, operation, operationBranch, unplaced } from './tables/operation.js';
export { proposal, proposalRevision, review } from './tables/proposal.js';
export { repo } from './tables/repo.js';
export { tag } from './tables/tag.js';
