import { useEffect, useState } from 'preact/hooks';

/** Which view the address names. */
export type Route =
  | { readonly view: 'inbox' }
  | { readonly view: 'repos' }
  | { readonly view: 'proposal'; readonly repo: string; readonly number: number }
  | { readonly view: 'branches'; readonly repo: string }
  | { readonly view: 'activity'; readonly repo: string }
  | { readonly view: 'timeline'; readonly repo: string; readonly branch: string };

/** The address of a view, as a fragment: nothing of it reaches the server. */
export function hrefOf(route: Route): string {
  const named = 'repo' in route ? `/${encodeURIComponent(route.repo)}` : '';
  if (route.view === 'proposal') return `#/proposal${named}/${route.number}`;
  if (route.view === 'timeline') return `#/timeline${named}/${encodeURIComponent(route.branch)}`;
  return `#/${route.view}${named}`;
}

/** The view of an address; the inbox where it names none. */
export function routeOf(hash: string): Route {
  const [view, repo, rest] = hash.replace(/^#\//u, '').split('/').map(decoded);
  if (repo !== undefined) {
    if (view === 'proposal' && /^\d+$/u.test(rest ?? '')) return { view, repo, number: Number(rest) };
    if (view === 'timeline' && rest !== undefined) return { view, repo, branch: rest };
    if (view === 'branches' || view === 'activity') return { view, repo };
  }
  return view === 'repos' ? { view } : { view: 'inbox' };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The view that the address names now. */
export function useRoute(): Route {
  const [hash, setHash] = useState(location.hash);
  useEffect(() => {
    const moved = (): void => setHash(location.hash);
    addEventListener('hashchange', moved);
    return () => removeEventListener('hashchange', moved);
  }, []);
  return routeOf(hash);
}
