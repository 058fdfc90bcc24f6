import type { JSX } from 'preact';
import type { Weir } from '../client/index.js';
import { RepoList } from './documents.js';
import { useLoaded } from './loading.js';
import { hrefOf } from './route.js';
import { Ago, Progress, Trouble } from './words.js';

/** The repositories that the key reads. */
export function Repos({ weir }: { readonly weir: Weir }): JSX.Element {
  const { value, error, busy } = useLoaded('repos', (signal) => weir.query(RepoList, {}, { signal }));
  return (
    <>
      <h1>Repositories</h1>
      <Trouble said={error} />
      <Progress busy={busy} />
      <ul class="proposals">
        {value?.repos.nodes.map(({ id, name, description, updatedAt }) => (
          <li key={id}>
            <a class="title" href={hrefOf({ view: 'branches', repo: name })}>{name}</a>
            <span class="soft">{description ?? ''} <Ago at={updatedAt} /></span>
          </li>
        ))}
      </ul>
      {value?.repos.nodes.length === 0 && <p class="soft">None yet: <code>npm run -s weir -- import ../my-project --name my-project</code> brings one in.</p>}
    </>
  );
}
