import { READY_OPERATIONS } from './ready-operations.js';
import type { StaticPage } from './static-page.js';

/** A small picture of three branches that meet, so that nothing is loaded for the tab's icon. */
export const ICON =
  "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16' fill='none' stroke='%23276749' stroke-width='2'%3E%3Cpath d='M3 2v3c0 3 5 2 5 5v4M13 2v3c0 3-5 2-5 5M8 2v8'/%3E%3C/svg%3E";

const BAR = `<form id="weir-bar">
  <a href="/">Weir</a>
  <label>API key <input id="weir-key" type="password" autocomplete="off" spellcheck="false" placeholder="weir_…" size="64" /></label>
  <button>Use it in this tab</button>
  <span>Kept in this tab only, and sent with every request and subscription.</span>
</form>`;

const BAR_STYLE = `#weir-bar{box-sizing:border-box;height:44px;display:flex;gap:12px;align-items:center;padding:0 12px;font:14px system-ui,sans-serif;background:#f3f6f4;color:#1a202c;border-bottom:1px solid #cbd5d0;overflow:hidden;white-space:nowrap}
#weir-bar span{color:#4a5568}
#root{height:calc(100vh - 44px)!important}
#root .graphiql-container{height:100%!important}`;

/** The key lives in the tab's session and is set on requests to this server that carry none: on those of GraphiQL, of its schema and of its streams. */
const BAR_SCRIPT = `(() => {
  const NAME = 'weir.key';
  const field = document.getElementById('weir-key');
  field.value = sessionStorage.getItem(NAME) ?? '';
  document.getElementById('weir-bar').addEventListener('submit', (event) => {
    event.preventDefault();
    sessionStorage.setItem(NAME, field.value.trim());
    location.reload();
  });
  const plain = window.fetch.bind(window);
  window.fetch = (input, init) => {
    const asked = input instanceof Request ? input : null;
    const url = new URL(asked === null ? String(input) : asked.url, location.href);
    const key = sessionStorage.getItem(NAME);
    if (!key || url.origin !== location.origin) return plain(input, init);
    const headers = new Headers(init?.headers ?? asked?.headers);
    if (!headers.has('authorization')) headers.set('authorization', 'Bearer ' + key);
    return plain(input, { ...init, headers });
  };
})();`;

/**
 * GraphiQL with everything it needs inside, so that it works without any other server (10 MB, compressed to a third): a field for the key,
 * and the approval flow as tabs. Its editor makes style elements and workers at run time, which the policy has to allow.
 */
export async function graphiqlPage(): Promise<StaticPage> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  const options = {
    title: 'Weir: GraphiQL',
    favicon: ICON,
    endpoint: '/graphql',
    subscriptionsProtocol: 'GRAPHQL_SSE' as const,
    defaultTabs: READY_OPERATIONS.map(({ query, variables }) => ({ query, variables: JSON.stringify(variables, null, 2) })),
    // GraphiQL takes the variables of a tab when it is switched to; those of the first one it wants apart, in an option that has no type.
    variables: JSON.stringify(READY_OPERATIONS[0]?.variables ?? {}, null, 2),
    shouldPersistHeaders: false,
    defaultEditorToolsVisibility: 'variables' as const,
  };
  const html = renderGraphiQL(options);
  const body = html.indexOf('<body id="body"');
  const start = html.indexOf('>', body) + 1;
  const bar = `<style>${BAR_STYLE}</style>\n${BAR}\n<script>${BAR_SCRIPT}</script>`;
  return {
    html: `${html.slice(0, start).trimStart()}\n${bar}\n${html.slice(start)}`,
    policy: { 'style-src': "'unsafe-inline'", 'worker-src': 'blob:', 'font-src': 'data:', 'img-src': 'data: blob:' },
  };
}
