import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { AcceptInput, Repo, Weir } from '../client/index.js';
import { useShortcuts } from './keys.js';
import { sentenceOf } from './loading.js';
import { Preview } from './preview.js';
import type { ReadProposal } from './read-proposal.js';
import { resolutionsOf } from './resolving.js';
import { Progress, Trouble } from './words.js';

interface VerdictProps {
  readonly weir: Weir;
  readonly repo: string;
  readonly proposal: ReadProposal;
  /** Files and hunks to accept; everything when empty. */
  readonly chosen: readonly AcceptInput[];
  /** The side that each conflicting hunk takes. */
  readonly resolutions: ReadonlyMap<string, string>;
  readonly onDone: () => void;
  /** Something the reader should know that is no refusal. */
  readonly onNote: (note: string) => void;
}

/** Approve, ask for changes, merge whole or in part, reject: always of the head that is on the screen. */
export function Verdict({ weir, repo, proposal, chosen, resolutions, onDone, onNote }: VerdictProps): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [words, setWords] = useState('');
  const [isPreviewing, setPreviewing] = useState(false);
  const head = proposal.head?.oid ?? '';
  const { number } = proposal;
  const act = async (verb: (proposals: Repo['proposal']) => Promise<unknown>): Promise<void> => {
    setBusy(true);
    setSaid(null);
    try {
      await verb((await weir.repo(repo)).proposal);
      setWords('');
      onDone();
    } catch (error) {
      setSaid(sentenceOf(error));
    } finally {
      setBusy(false);
    }
  };
  const approve = (): Promise<void> => act((proposals) => proposals.review({ number, verdict: 'APPROVE', head, body: words }));
  const request = (): Promise<void> => (words.trim() === '' ? Promise.resolve(setSaid('Say what should change.')) : act((proposals) => proposals.review({ number, verdict: 'REQUEST_CHANGES', head, body: words })));
  const settled = resolutionsOf(proposal.mergePreview?.conflicts.nodes ?? [], resolutions);
  const merge = (): Promise<void> =>
    act(async (proposals) => {
      const { proposal: after } = await proposals.merge({
        number,
        expectedHead: head,
        ...(chosen.length === 0 ? {} : { only: chosen, ...(words.trim() === '' ? {} : { declineReason: words }) }),
        ...(settled.length === 0 ? {} : { resolutions: settled }),
      });
      if (settled.length > 0 && after.state !== 'MERGED') onNote('The resolutions became a new revision, which somebody who did not contribute has to approve.');
    });
  const reject = (): Promise<void> => (words.trim() === '' ? Promise.resolve(setSaid('A rejection needs a reason.')) : act((proposals) => proposals.reject({ number, reason: words })));
  useShortcuts({ a: () => void approve(), r: () => document.getElementById('words')?.focus(), m: () => void merge() });
  return (
    <section class="verdict" aria-label="Decision">
      <label class="grow">
        <span class="soft">Reason or remark</span>
        <textarea id="words" rows={2} value={words} onInput={(event) => setWords(event.currentTarget.value)} />
      </label>
      <div class="row">
        <button type="button" class="primary" disabled={busy} onClick={() => void approve()}>Approve</button>
        <button type="button" disabled={busy} onClick={() => void request()}>Request changes</button>
        <button type="button" disabled={busy} onClick={() => void merge()}>{mergeLabel(chosen.length, settled.length)}</button>
        {(chosen.length > 0 || settled.length > 0) && <button type="button" onClick={() => setPreviewing(true)}>Preview</button>}
        <button type="button" class="danger" disabled={busy} onClick={() => void reject()}>Reject</button>
      </div>
      <Trouble said={said} />
      <Progress busy={busy} />
      {isPreviewing && <Preview weir={weir} repo={repo} number={number} only={chosen} resolutions={settled} onClose={() => setPreviewing(false)} />}
    </section>
  );
}

function mergeLabel(chosen: number, settled: number): string {
  if (chosen > 0) return `Merge ${chosen} chosen, decline the rest`;
  return settled === 0 ? 'Merge' : `Merge with ${settled} resolution${settled === 1 ? '' : 's'}`;
}
