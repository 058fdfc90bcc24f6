import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Weir } from '../client/index.js';
import { DiffView } from './diff/diff-view.js';
import { Timeline, type TimelineQuery } from './documents.js';
import { sentenceOf, useLive, useLoaded } from './loading.js';
import { Ago, Dialog, Live, plain, Progress, State, Trouble } from './words.js';

type Moment = NonNullable<NonNullable<TimelineQuery['repo']>['branch']>['checkpoints']['nodes'][number];

/** A move along the timeline that the reader thinks about: seen first, done on a second word. */
interface Move {
  readonly title: string;
  readonly run: (dryRun: boolean) => Promise<{ readonly diff: { readonly id: string } | null }>;
}

/** The checkpoints of a branch, with undo, redo and restore, each shown before it is done. */
export function TimelineView({ weir, repo, branch }: { readonly weir: Weir; readonly repo: string; readonly branch: string }): JSX.Element {
  const { value, error, busy, reload } = useLoaded(`timeline ${repo} ${branch}`, (signal) => weir.query(Timeline, { repo, branch }, { signal }));
  const live = useLive(weir, value?.eventCursor, { repos: [repo], branch }, reload);
  const [move, setMove] = useState<Move | null>(null);
  const found = value?.repo?.branch ?? null;
  const absent = value !== null && found === null ? 'This branch is absent, or this key may not read it.' : null;
  const on = { branch, expectedHead: found?.headOid };
  const verbs = async (): Promise<Awaited<ReturnType<Weir['repo']>>['checkpoint']> => (await weir.repo(repo)).checkpoint;
  const undo: Move = { title: 'Undo the last checkpoint', run: async (dryRun) => (await verbs()).undo({ ...on, dryRun }) };
  const redo: Move = { title: 'Redo', run: async (dryRun) => (await verbs()).redo({ ...on, dryRun }) };
  const restore = ({ number, oid }: Moment): Move => ({ title: `Restore checkpoint ${number}`, run: async (dryRun) => (await verbs()).restore({ ...on, to: oid, dryRun }) });
  return (
    <>
      <div class="row head">
        <h1>{branch}</h1>
        {found !== null && <State of={found.state} />}
        <Live state={live} />
        <span class="grow" />
        <button type="button" disabled={found?.canUndo !== true} onClick={() => setMove(undo)}>Undo…</button>
        <button type="button" disabled={found?.canRedo !== true} onClick={() => setMove(redo)}>Redo…</button>
      </div>
      <Trouble said={error ?? absent} />
      <Progress busy={busy} />
      <ol class="timeline">
        {found?.checkpoints.nodes.toReversed().map((moment) => (
          <li key={moment.id} class={moment.state.toLowerCase()}>
            <div class="row">
              <strong>{moment.number}</strong>
              <State of={moment.state} />
              <span>{moment.message.split('\n')[0]}</span>
              <span class="grow" />
              {moment.state !== 'CURRENT' && <button type="button" onClick={() => setMove(restore(moment))}>Restore…</button>}
            </div>
            {moment.prompt !== null && <blockquote>{moment.prompt}</blockquote>}
            <span class="soft">{plain(moment.origin)} · {moment.createdBy} · <Ago at={moment.createdAt} /> · <code>{moment.oid.slice(0, 10)}</code></span>
          </li>
        ))}
      </ol>
      {move !== null && <MoveDialog weir={weir} move={move} onClose={() => setMove(null)} onDone={reload} />}
    </>
  );
}

function MoveDialog({ weir, move, onClose, onDone }: { readonly weir: Weir; readonly move: Move; readonly onClose: () => void; readonly onDone: () => void }): JSX.Element {
  const preview = useLoaded(move.title, () => move.run(true));
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const act = async (): Promise<void> => {
    setBusy(true);
    try {
      await move.run(false);
      onClose();
      onDone();
    } catch (error) {
      setSaid(sentenceOf(error));
      setBusy(false);
    }
  };
  const diff = preview.value?.diff ?? null;
  return (
    <Dialog title={move.title} onClose={onClose}>
      <Progress busy={preview.busy || busy} />
      <Trouble said={said ?? preview.error} />
      {diff !== null && <DiffView weir={weir} diffId={diff.id} />}
      {preview.value !== null && diff === null && <p class="soft">No file changes.</p>}
      <div class="row">
        <button type="button" class="primary" disabled={busy || preview.value === null} onClick={() => void act()}>{move.title}</button>
        <button type="button" onClick={onClose}>Cancel</button>
      </div>
    </Dialog>
  );
}
