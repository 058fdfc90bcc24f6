import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { ProposalState, Weir } from '../client/index.js';
import { Inbox as InboxQuery, type RowPartsFragment } from './documents.js';
import { moveFocus, useShortcuts } from './keys.js';
import { useLive, useLoaded } from './loading.js';
import { hrefOf } from './route.js';
import { Ago, Live, plain, Progress, State, Trouble } from './words.js';

const TABS: readonly (readonly [name: string, states: readonly ProposalState[]])[] = [
  ['Waiting', ['OPEN', 'CHANGES_REQUESTED', 'APPROVED']],
  ['Merged', ['MERGED']],
  ['Ended', ['REJECTED', 'CLOSED']],
];

/** The proposals of every repository, kept up to date by the events of the gateway. */
export function Inbox({ weir }: { readonly weir: Weir }): JSX.Element {
  const [tab, setTab] = useState(0);
  const states = TABS[tab]?.[1] ?? [];
  const { value, error, busy, reload } = useLoaded(`inbox ${tab}`, (signal) => weir.query(InboxQuery, { states }, { signal }));
  const live = useLive(weir, value?.eventCursor, {}, reload);
  useShortcuts({ j: () => moveFocus('.proposals a.title', 1), k: () => moveFocus('.proposals a.title', -1) });
  const counted = (of: readonly ProposalState[]): number => (value?.proposalCounts ?? []).filter(({ state }) => of.includes(state)).reduce((sum, { count }) => sum + count, 0);
  return (
    <>
      <div class="row head">
        <h1>Inbox</h1>
        <Live state={live} />
        <span class="grow" />
        {value !== null && <span class="soft">{value.viewer.actor}, by {value.viewer.key.name} ({value.viewer.scopes.map(plain).join(', ')})</span>}
      </div>
      <div class="tabs" role="group" aria-label="Which proposals">
        {TABS.map(([name, of], index) => (
          <button type="button" key={name} aria-pressed={tab === index} onClick={() => setTab(index)}>{name} <span class="count">{counted(of)}</span></button>
        ))}
      </div>
      <Trouble said={error} />
      <Progress busy={busy} />
      <ul class="proposals">{value?.proposals.nodes.map((proposal) => <Row key={proposal.id} of={proposal} />)}</ul>
      {value?.proposals.nodes.length === 0 && <p class="soft">Nothing here. A proposal appears the moment an agent opens it.</p>}
      {value?.proposals.pageInfo.hasNextPage === true && <p class="soft">The newest 50 are shown.</p>}
    </>
  );
}

function Row({ of }: { readonly of: RowPartsFragment }): JSX.Element {
  return (
    <li>
      <State of={of.state} />
      <a class="title" href={hrefOf({ view: 'proposal', repo: of.repo.name, number: of.number })}>{of.title}</a>
      <span class="soft">{of.repo.name} #{of.number} · {of.sourceName} into {of.targetName} · {of.createdBy} · <Ago at={of.createdAt} /></span>
    </li>
  );
}
