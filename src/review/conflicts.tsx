import type { JSX } from 'preact';
import type { ReadProposal } from './read-proposal.js';
import { plain } from './words.js';

type Conflict = NonNullable<ReadProposal['mergePreview']>['conflicts']['nodes'][number];

interface ConflictsProps {
  readonly conflicts: readonly Conflict[];
  /** The side that each hunk or file takes, by its id. */
  readonly resolutions: ReadonlyMap<string, string>;
  readonly onResolve: (id: string, side: string) => void;
}

/** What does not merge by itself, both sides beside each other; each hunk takes a side, or the file where it has no hunks. */
export function Conflicts({ conflicts, resolutions, onResolve }: ConflictsProps): JSX.Element {
  return (
    <section class="conflicts">
      <h2>{conflicts.length === 1 ? 'One path' : `${conflicts.length} paths`} in conflict with the target</h2>
      {conflicts.map((conflict) => (
        <div key={conflict.id} class="conflict">
          <h3>{conflict.path} <span class="soft">{plain(conflict.kind)}</span></h3>
          {conflict.hunks.map(({ id, ours, theirs }) => (
            <div key={id} class="sides">
              <Side id={id} side="OURS" title="The target has" text={ours} taken={resolutions.get(id)} onResolve={onResolve} />
              <Side id={id} side="THEIRS" title="The proposal has" text={theirs} taken={resolutions.get(id)} onResolve={onResolve} />
            </div>
          ))}
          {conflict.hunks.length === 0 && (
            <div class="sides">
              <Side id={conflict.path} side="OURS" title="As the target has it" text="" taken={resolutions.get(conflict.path)} onResolve={onResolve} />
              <Side id={conflict.path} side="THEIRS" title="As the proposal has it" text="" taken={resolutions.get(conflict.path)} onResolve={onResolve} />
            </div>
          )}
        </div>
      ))}
    </section>
  );
}

interface SideProps {
  readonly id: string;
  readonly side: 'OURS' | 'THEIRS';
  readonly title: string;
  readonly text: string;
  readonly taken: string | undefined;
  readonly onResolve: (id: string, side: string) => void;
}

function Side({ id, side, title, text, taken, onResolve }: SideProps): JSX.Element {
  return (
    <div class={taken === side ? 'taken' : ''}>
      <button type="button" aria-pressed={taken === side} onClick={() => onResolve(id, side)}>{title}</button>
      {text !== '' && <pre>{text}</pre>}
    </div>
  );
}
