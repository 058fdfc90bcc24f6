import type { JSX } from 'preact';
import type { Weir } from '../client/index.js';
import { BranchList } from './documents.js';
import { useLive, useLoaded } from './loading.js';
import { hrefOf } from './route.js';
import { Ago, Live, Progress, State, Trouble, Wide } from './words.js';

/** The branches of a repository: the one that moved last comes first. */
export function BranchesView({ weir, repo }: { readonly weir: Weir; readonly repo: string }): JSX.Element {
  const { value, error, busy, reload } = useLoaded(`branches ${repo}`, (signal) => weir.query(BranchList, { repo }, { signal }));
  const live = useLive(weir, value?.eventCursor, { repos: [repo] }, reload);
  const absent = value !== null && value.repo === null ? `${repo} is absent, or this key may not read it.` : null;
  return (
    <>
      <div class="row head"><h1>{repo}</h1><Live state={live} /><span class="grow" /><a href={hrefOf({ view: 'activity', repo })}>Activity</a></div>
      <Trouble said={error ?? absent} />
      <Progress busy={busy} />
      <Wide of="Branches">
        <table>
          <thead><tr><th>Branch</th><th>State</th><th>Last activity</th><th>Ahead, behind</th><th>By</th></tr></thead>
          <tbody>
            {value?.repo?.branches.nodes.map(({ id, name, state, lastActivityAt, aheadBehind, createdBy }) => (
              <tr key={id}>
                <td><a href={hrefOf({ view: 'timeline', repo, branch: name })}>{name}</a></td>
                <td><State of={state} /></td>
                <td><Ago at={lastActivityAt} /></td>
                <td>{aheadBehind === null ? '' : `${aheadBehind.ahead} ahead, ${aheadBehind.behind} behind`}</td>
                <td>{createdBy}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}
