import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import type { Weir } from '../client/index.js';
import { sentenceOf } from './loading.js';
import type { ReadProposal } from './read-proposal.js';
import { Ago, Trouble } from './words.js';

/** A line of a file of the diff. */
export interface Place {
  readonly path: string;
  readonly side: 'OLD' | 'NEW';
  readonly line: number;
}

interface Where {
  readonly weir: Weir;
  readonly repo: string;
  readonly number: number;
  readonly onDone: () => void;
}

type Thread = ReadProposal['threads']['nodes'][number];

/** What was said in one place, and a field for an answer. */
export function ThreadView({ thread, ...where }: Where & { readonly thread: Thread }): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <div class="thread">
      {thread.path !== null && (thread.outdated || thread.line === null) && <p class="soft">{thread.path}{thread.outdated ? ': its line is gone' : ''}</p>}
      {thread.comments.nodes.map(({ id, actor, at, body }) => <p key={id}><strong>{actor}</strong> <span class="soft"><Ago at={at} /></span><br />{body}</p>)}
      {thread.resolved && <p class="soft">Resolved</p>}
      {isOpen ? <Saying {...where} target={{ thread: thread.id }} onClose={() => setOpen(false)} /> : <button type="button" onClick={() => setOpen(true)}>Reply</button>}
    </div>
  );
}

/** A field for a first word on a line, or on the whole where there is no place. */
export function NewThread({ place, onClose, ...where }: Where & { readonly place: Place | null; readonly onClose: () => void }): JSX.Element {
  const [isOpen, setOpen] = useState(place !== null);
  if (!isOpen) return <p><button type="button" onClick={() => setOpen(true)}>Comment</button></p>;
  const close = (): void => {
    setOpen(false);
    onClose();
  };
  return <div class="thread"><Saying {...where} target={place ?? {}} onClose={close} /></div>;
}

function Saying({ weir, repo, number, onDone, target, onClose }: Where & { readonly target: Partial<Place> & { readonly thread?: string }; readonly onClose: () => void }): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  const send = async (body: string): Promise<void> => {
    try {
      await (await weir.repo(repo)).proposal.comment({ number, body, ...target });
      onClose();
      onDone();
    } catch (error) {
      setSaid(sentenceOf(error));
    }
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void send(String(new FormData(event.currentTarget).get('body') ?? ''));
      }}
    >
      <textarea name="body" required rows={3} aria-label="Comment" ref={(element) => element?.focus()} />
      <Trouble said={said} />
      <div class="row"><button class="primary">Say it</button><button type="button" onClick={onClose}>Cancel</button></div>
    </form>
  );
}
