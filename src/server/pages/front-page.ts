import { ICON } from './graphiql.js';
import type { StaticPage } from './static-page.js';

const STYLE = `:root{color-scheme:light dark;--ink:#1a202c;--soft:#4a5568;--line:#cbd5d0;--paper:#fff;--accent:#276749}
@media (prefers-color-scheme:dark){:root{--ink:#edf2f0;--soft:#a3b1ab;--line:#3b4743;--paper:#151a18;--accent:#68d391}}
body{margin:0 auto;max-width:44rem;padding:3rem 1.25rem;font:16px/1.55 system-ui,sans-serif;color:var(--ink);background:var(--paper)}
h1{font-size:2rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .5rem}p{margin:.5rem 0}.soft{color:var(--soft)}a{color:var(--accent)}
form{display:flex;gap:.5rem;flex-wrap:wrap;margin:1rem 0}input{flex:1 1 20rem;padding:.5rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--line);border-radius:4px}
button{padding:.5rem 1rem;font:inherit;color:#fff;background:#276749;border:0;border-radius:4px;cursor:pointer}
ul{padding:0;list-style:none}li{padding:.5rem 0;border-top:1px solid var(--line)}code{font-size:.9em}`;

/** Reads with the key alone; everything that comes from the server is set as text, never as HTML. */
const SCRIPT = `(() => {
  const NAME = 'weir.key';
  const QUERY = 'query FrontPage { viewer { actor scopes key { name } } proposals(first: 20, filter: { states: [OPEN, CHANGES_REQUESTED, APPROVED] }) { edges { node { number title state sourceName targetName createdBy repo { name } } } } }';
  const element = (id) => document.getElementById(id);
  const show = async () => {
    const key = sessionStorage.getItem(NAME);
    if (!key) return;
    element('key').value = key;
    const said = element('said');
    try {
      const response = await fetch('/graphql', { method: 'POST', headers: { 'content-type': 'application/json', authorization: 'Bearer ' + key }, body: JSON.stringify({ query: QUERY }) });
      const { data, errors } = await response.json();
      if (!data) throw new Error(errors?.[0]?.message ?? 'The server did not answer.');
      said.textContent = 'This key speaks for ' + data.viewer.actor + ' (' + data.viewer.key.name + ': ' + data.viewer.scopes.join(', ') + ').';
      const rows = data.proposals.edges.map(({ node }) => {
        const row = document.createElement('li');
        row.textContent = node.repo.name + ' #' + node.number + ' ' + node.title + ' (' + node.state.toLowerCase().replaceAll('_', ' ') + ', ' + node.sourceName + ' into ' + node.targetName + ', by ' + node.createdBy + ')';
        return row;
      });
      element('proposals').replaceChildren(...rows);
      element('none').hidden = rows.length > 0;
      element('inbox').hidden = false;
    } catch (error) {
      said.textContent = String(error.message ?? error);
      element('inbox').hidden = true;
    }
  };
  element('enter').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(NAME, element('key').value.trim());
    void show();
  });
  void show();
})();`;

const HTML = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Weir</title>
<link rel="icon" href="${ICON}">
<style>${STYLE}</style>
</head>
<body>
<h1>Weir</h1>
<p>A GraphQL gateway over git for software that writes. Agents work on branches, every prompt leaves a checkpoint, a proposal shows
what would change, a person approves, and only then does the work pass into the default branch.</p>
<form id="enter">
<input id="key" type="password" autocomplete="off" spellcheck="false" placeholder="API key, weir_…" aria-label="API key">
<button>Use this key</button>
</form>
<p id="said" class="soft" role="status">The key stays in this tab. <noscript>This page needs JavaScript to use it.</noscript></p>
<section id="inbox" hidden>
<h2>Waiting for a decision</h2>
<ul id="proposals"></ul>
<p id="none" class="soft">No proposal is open.</p>
</section>
<h2>Where things are</h2>
<p><a href="/graphiql">/graphiql</a>: the API to try out, with the approval flow ready to run.<br>
<code>/graphql</code>: the API itself; queries and mutations by POST, subscriptions over server-sent events and WebSockets.</p>
<script>${SCRIPT}</script>
</body>
</html>
`;

/** What stands at `/`: what this is, a field for the key, the proposals that wait, and the way to the playground. */
export function frontPage(): Promise<StaticPage> {
  return Promise.resolve({ html: HTML, policy: {} });
}
