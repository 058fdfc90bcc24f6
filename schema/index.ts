/* oxlint-disable import/no-unassigned-import -- each of these files adds its part to the builder by being imported */
import './scalars.js';
import './enums/errors.js';
import './types/api-key.js';
import './types/branch.js';
import './types/branch-timeline.js';
import './types/checkpoint.js';
import './types/commit.js';
import './types/diff.js';
import './types/event.js';
import './types/merge.js';
import './types/operation.js';
import './types/proposal.js';
import './types/repo.js';
import './types/repo-comparisons.js';
import './types/tree.js';
import './queries/log.js';
import './queries/node.js';
import './queries/proposals.js';
import './queries/repos.js';
import './queries/server.js';
import './mutations/close-proposal.js';
import './mutations/create-api-key.js';
import './mutations/create-branch.js';
import './mutations/create-checkpoint.js';
import './mutations/create-repo.js';
import './mutations/delete-branch.js';
import './mutations/merge-branch.js';
import './mutations/merge-proposal.js';
import './mutations/open-proposal.js';
import './mutations/redo.js';
import './mutations/refresh-branch.js';
import './mutations/reject-proposal.js';
import './mutations/reopen-proposal.js';
import './mutations/restore.js';
import './mutations/restore-branch.js';
import './mutations/revert-run.js';
import './mutations/review-proposal.js';
import './mutations/revoke-api-key.js';
import './mutations/undo.js';
import './mutations/update-proposal.js';
import './subscriptions/events.js';
import type { GraphQLSchema } from 'graphql';
import { builder } from './builder.js';

export type { Context } from './context.js';

/** The public schema, executable with a {@link Context}. Built once, when this module is first imported. */
export const schema: GraphQLSchema = builder.toSchema();
