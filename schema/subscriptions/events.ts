import { PROPOSAL_KINDS } from '../../src/events/topics.js';
import { eventFilter, followEvents, type EventFilterInput } from '../../src/operations/reading/read-events.js';
import type { LoggedEvent } from '../../src/domain/ports/event-log.js';
import { builder } from '../builder.js';
import { tell, type Context } from '../context.js';
import { BRANCH, REPO } from '../descriptions.js';
import { EventFilter } from '../filters.js';
import { Event, ProposalEvent } from '../refs.js';
import { BranchMoved, ProposalOpened } from '../types/event.js';

const AFTER = 'The cursor after which to resume; from now on unless given.';

async function follow(context: Context, filter: EventFilterInput, after: string | null | undefined): Promise<AsyncIterable<LoggedEvent>> {
  const { request, resumeAfter } = context;
  return followEvents(request, await eventFilter(request, filter), resumeAfter ?? after, (place) => {
    context.place = place;
  });
}

function deliver(event: LoggedEvent, _args: object, context: Context): LoggedEvent {
  tell(context, event);
  return event;
}

builder.subscriptionField('proposalOpened', (t) =>
  t.field({
    type: ProposalOpened,
    description: 'Proposals as they are opened.',
    args: {
      repo: t.arg.string({ description: `${REPO} All that the key may read unless given.` }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: (_root, { repo, after }, context) => follow(context, { repos: listOf(repo), kinds: ['PROPOSAL_OPENED'] }, after),
    resolve: deliver,
  }),
);

builder.subscriptionField('proposalChanged', (t) =>
  t.field({
    type: ProposalEvent,
    description: 'Everything that happens to proposals, their opening included.',
    args: {
      repo: t.arg.string({ description: `${REPO} All that the key may read unless given.` }),
      number: t.arg.int({ description: 'One proposal only, by its number.' }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: (_root, { repo, number, after }, context) => follow(context, { repos: listOf(repo), kinds: PROPOSAL_KINDS, proposal: number }, after),
    resolve: deliver,
  }),
);

builder.subscriptionField('branchMoved', (t) =>
  t.field({
    type: BranchMoved,
    description: 'Branches as they move, whichever verb moves them.',
    args: {
      repo: t.arg.string({ required: true, description: REPO }),
      branch: t.arg.string({ description: `${BRANCH} All that the key may read unless given.` }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: (_root, { repo, branch, after }, context) => follow(context, { repos: [repo], kinds: ['BRANCH_MOVED'], branch }, after),
    resolve: deliver,
  }),
);

builder.subscriptionField('events', (t) =>
  t.field({
    type: Event,
    description: 'Everything that happens, filtered.',
    args: {
      filter: t.arg({ type: EventFilter, description: 'Which events; all unless given.' }),
      after: t.arg.string({ description: AFTER }),
    },
    subscribe: (_root, { filter, after }, context) => follow(context, filter ?? {}, after),
    resolve: deliver,
  }),
);

function listOf(repo: string | null | undefined): string[] | null {
  return repo === null || repo === undefined ? null : [repo];
}
