import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Weir } from '../client/index.js';
import { useChoice } from './choosing.js';
import { Conflicts } from './conflicts.js';
import { DiffView } from './diff/diff-view.js';
import type { Around } from './diff/shapes.js';
import { ProposalView as ProposalQuery } from './documents.js';
import { useLive, useLoaded } from './loading.js';
import type { ReadProposal } from './read-proposal.js';
import { hrefOf } from './route.js';
import { NewThread, ThreadView, type Place } from './threads.js';
import { Verdict } from './verdict.js';
import { Ago, Live, plain, Progress, State, Trouble } from './words.js';

interface ProposalProps {
  readonly weir: Weir;
  readonly repo: string;
  readonly number: number;
}

/** A proposal: what it says, what its rules ask, what it changes, and the decision. */
export function ProposalPage({ weir, repo, number }: ProposalProps): JSX.Element {
  const { value, error, busy, reload } = useLoaded(`proposal ${repo} ${number}`, (signal) => weir.query(ProposalQuery, { repo, number }, { signal }));
  const live = useLive(weir, value?.eventCursor, { repos: [repo], proposal: number }, reload);
  const [note, setNote] = useState<string | null>(null);
  const proposal = value?.repo?.proposal ?? null;
  const absent = value !== null && proposal === null ? 'This proposal is absent, or this key may not read it.' : null;
  return (
    <>
      <Trouble said={error ?? absent} />
      <Progress busy={busy && proposal === null} />
      {proposal !== null && (
        <>
          <Head proposal={proposal} repo={repo} />
          <p><Live state={live} /></p>
          {note !== null && <p class="note" role="status">{note}</p>}
          <Decision key={proposal.head?.oid} weir={weir} repo={repo} proposal={proposal} onDone={reload} onNote={setNote} />
        </>
      )}
    </>
  );
}

function Head({ proposal, repo }: { readonly proposal: ReadProposal; readonly repo: string }): JSX.Element {
  const stats = proposal.diff?.stats;
  return (
    <>
      <div class="row head">
        <h1>{proposal.title} <span class="soft">#{proposal.number}</span></h1>
        <State of={proposal.state} />
      </div>
      <p class="soft">
        {proposal.createdBy} wants <a href={hrefOf({ view: 'timeline', repo, branch: proposal.sourceName })}>{proposal.sourceName}</a> in{' '}
        <a href={hrefOf({ view: 'branches', repo })}>{repo}</a> to pass into {proposal.targetName} · <Ago at={proposal.createdAt} />
        {proposal.runId !== null && <> · run <code>{proposal.runId}</code></>}
        {stats !== null && stats !== undefined && <> · {stats.files} files <span class="plus">+{stats.additions}</span> <span class="minus">−{stats.deletions}</span></>}
      </p>
      {proposal.body !== '' && <p class="body">{proposal.body}</p>}
      {proposal.reason !== null && <p class="body">Reason: {proposal.reason}</p>}
      <div class="facts">
        <section>
          <h2>Rules</h2>
          <ul>{proposal.rules.map(({ rule, satisfied, explanation }) => <li key={rule}>{satisfied ? '✓' : '✗'} {explanation}</li>)}</ul>
        </section>
        <section>
          <h2>Reviews</h2>
          <ul>
            {proposal.reviews.nodes.map(({ id, actor, verdict, body, at, stale }) => <li key={id}>{actor}: {plain(verdict)}{stale ? ' (of an earlier head)' : ''} {body} <span class="soft"><Ago at={at} /></span></li>)}
            {proposal.reviews.nodes.length === 0 && <li class="soft">None yet</li>}
          </ul>
        </section>
        <section>
          <h2>Revisions</h2>
          <ul>{proposal.revisions.nodes.map(({ number, at, head }) => <li key={number}>{number}: <code>{head?.oid.slice(0, 10)}</code> <span class="soft"><Ago at={at} /></span></li>)}</ul>
        </section>
        {proposal.declined.length > 0 && (
          <section>
            <h2>Declined</h2>
            <ul>{proposal.declined.map(({ path, hunks, reason }) => <li key={path}>{path}{hunks === null ? '' : ` (${hunks.length} hunks)`}{reason === null ? '' : `: ${reason}`}</li>)}</ul>
          </section>
        )}
      </div>
    </>
  );
}

const PENDING: ReadonlySet<string> = new Set(['OPEN', 'CHANGES_REQUESTED', 'APPROVED']);

interface DecisionProps {
  readonly weir: Weir;
  readonly repo: string;
  readonly proposal: ReadProposal;
  readonly onDone: () => void;
  readonly onNote: (note: string) => void;
}

function Decision({ weir, repo, proposal, onDone, onNote }: DecisionProps): JSX.Element {
  const choice = useChoice();
  const [place, setPlace] = useState<Place | null>(null);
  const [resolutions, setResolutions] = useState<ReadonlyMap<string, string>>(new Map());
  const isPending = PENDING.has(proposal.state);
  const conflicts = proposal.mergePreview?.conflicts.nodes ?? [];
  const threads = proposal.threads.nodes;
  const reply = { weir, repo, number: proposal.number, onDone };
  // The same until something of it changes: whatever it is handed to is drawn again when it does.
  const around = useMemo<Around>(() => {
    const below = (path: string, side: 'OLD' | 'NEW', line: number): JSX.Element | null => {
      const here = threads.filter((thread) => thread.path === path && thread.side === side && thread.line === line && !thread.outdated);
      const isNew = place?.path === path && place.side === side && place.line === line;
      if (here.length === 0 && !isNew) return null;
      return (
        <>
          {here.map((thread) => <ThreadView key={thread.id} thread={thread} {...reply} />)}
          {isNew && <NewThread place={place} onClose={() => setPlace(null)} {...reply} />}
        </>
      );
    };
    return { below, onLine: (path, side, line) => setPlace({ path, side, line }), ...(isPending ? { choice } : {}) };
  }, [threads, place, choice, isPending, weir, repo, proposal.number, onDone]);
  const loose = threads.filter(({ line, outdated }) => line === null || outdated);
  return (
    <>
      {isPending && <Verdict weir={weir} repo={repo} proposal={proposal} chosen={choice.accepted} resolutions={resolutions} onDone={onDone} onNote={onNote} />}
      {isPending && conflicts.length > 0 && <Conflicts conflicts={conflicts} resolutions={resolutions} onResolve={(path, text) => setResolutions(new Map([...resolutions, [path, text]]))} />}
      {loose.map((thread) => <ThreadView key={thread.id} thread={thread} {...reply} />)}
      <NewThread place={null} onClose={() => undefined} {...reply} />
      {proposal.diff !== null && <DiffView weir={weir} diffId={proposal.diff.id} around={around} />}
    </>
  );
}
