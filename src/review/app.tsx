import type { JSX } from 'preact';
import { useMemo, useState } from 'preact/hooks';
import type { Weir } from '../client/index.js';
import { ActivityView } from './activity.js';
import { BranchesView } from './branches.js';
import { Inbox } from './inbox.js';
import { useShortcuts } from './keys.js';
import { sentenceOf } from './loading.js';
import { ProposalPage } from './proposal.js';
import { hrefOf, useRoute, type Route } from './route.js';
import { Repos } from './repos.js';
import { gatewayFor, savedKey, saveKey } from './session.js';
import { TimelineView } from './timeline.js';
import { Dialog, Progress, Trouble } from './words.js';

/** The whole page: a key first, then the view that the address names. */
export function App(): JSX.Element {
  const [key, setKey] = useState(savedKey());
  const weir = useMemo(() => (key === null ? null : gatewayFor(key)), [key]);
  const use = (next: string | null): void => {
    saveKey(next);
    setKey(next);
  };
  if (weir === null) return <SignIn onKey={use} />;
  return <Signed weir={weir} onLeave={() => use(null)} />;
}

function SignIn({ onKey }: { readonly onKey: (key: string) => void }): JSX.Element {
  const [said, setSaid] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const enter = async (key: string): Promise<void> => {
    setBusy(true);
    try {
      await gatewayFor(key).viewer();
      onKey(key);
    } catch (error) {
      setSaid(sentenceOf(error));
      setBusy(false);
    }
  };
  return (
    <main class="narrow">
      <h1>Weir</h1>
      <p>Agents work on branches, every prompt leaves a checkpoint, a proposal shows what would change. You decide what passes.</p>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          void enter(String(new FormData(event.currentTarget).get('key') ?? '').trim());
        }}
      >
        <input name="key" type="password" required autocomplete="off" spellcheck={false} placeholder="weir_…" aria-label="API key" />
        <button class="primary" disabled={busy}>Use this key</button>
      </form>
      <Trouble said={said} />
      <Progress busy={busy} />
      <p class="soft">The first start of the gateway printed an admin key. It stays in this tab. To explore the API instead: <a href="/graphiql">GraphiQL</a>.</p>
    </main>
  );
}

const HELP = [
  ['j / k', 'next and previous proposal or file'],
  ['Enter', 'open'],
  ['v', 'mark the file as viewed'],
  ['s', 'split or unified'],
  ['a', 'approve'],
  ['r', 'request changes'],
  ['m', 'merge'],
  ['i', 'inbox'],
  ['?', 'this list'],
] as const;

function Signed({ weir, onLeave }: { readonly weir: Weir; readonly onLeave: () => void }): JSX.Element {
  const route = useRoute();
  const [help, setHelp] = useState(false);
  useShortcuts({ '?': () => setHelp(true), i: () => (location.hash = hrefOf({ view: 'inbox' })) });
  return (
    <>
      <header class="bar">
        <nav aria-label="Weir">
          <a class="brand" href={hrefOf({ view: 'inbox' })}>Weir</a>
          <a href={hrefOf({ view: 'inbox' })} aria-current={route.view === 'inbox' ? 'page' : undefined}>Inbox</a>
          <a href={hrefOf({ view: 'repos' })} aria-current={route.view === 'repos' ? 'page' : undefined}>Repositories</a>
          <a href="/graphiql">GraphiQL</a>
        </nav>
        <span class="grow" />
        <button type="button" onClick={() => setHelp(true)} aria-label="Keyboard shortcuts">?</button>
        <button type="button" onClick={onLeave}>Forget the key</button>
      </header>
      <main>
        <View weir={weir} route={route} />
      </main>
      {help && (
        <Dialog title="Keyboard" onClose={() => setHelp(false)}>
          <dl class="keys">
            {HELP.map(([key, does]) => (
              <div key={key}>
                <dt><kbd>{key}</kbd></dt>
                <dd>{does}</dd>
              </div>
            ))}
          </dl>
          <form method="dialog"><button class="primary">Close</button></form>
        </Dialog>
      )}
    </>
  );
}

function View({ weir, route }: { readonly weir: Weir; readonly route: Route }): JSX.Element {
  switch (route.view) {
    case 'proposal':
      return <ProposalPage weir={weir} repo={route.repo} number={route.number} />;
    case 'timeline':
      return <TimelineView weir={weir} repo={route.repo} branch={route.branch} />;
    case 'branches':
      return <BranchesView weir={weir} repo={route.repo} />;
    case 'activity':
      return <ActivityView weir={weir} repo={route.repo} />;
    case 'repos':
      return <Repos weir={weir} />;
    default:
      return <Inbox weir={weir} />;
  }
}
