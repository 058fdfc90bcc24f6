import type { JSX } from 'preact';
import type { Weir } from '../client/index.js';
import { BranchList, type BranchListQuery } from './documents.js';
import { useLive, useLoaded } from './loading.js';
import { hrefOf } from './route.js';
import { Ago, Live, plain, Progress, State, Trouble } from './words.js';

/** The branches of a repository, the latest first, and how long its operations take. */
export function BranchesView({ weir, repo }: { readonly weir: Weir; readonly repo: string }): JSX.Element {
  const { value, error, busy, reload } = useLoaded(`branches ${repo}`, (signal) => weir.query(BranchList, { repo }, { signal }));
  const live = useLive(weir, value?.eventCursor, { repos: [repo] }, reload);
  const absent = value !== null && value.repo === null ? `${repo} is absent, or this key may not read it.` : null;
  return (
    <>
      <div class="row head"><h1>{repo}</h1><Live state={live} /></div>
      <Trouble said={error ?? absent} />
      <Progress busy={busy} />
      <div class="wide">
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
      </div>
      <Latency of={value?.repo?.latency ?? []} />
    </>
  );
}

type Latencies = NonNullable<BranchListQuery['repo']>['latency'];

/** Bars on a scale of logarithms: a merge takes a hundred times as long as a read. */
function Latency({ of }: { readonly of: Latencies }): JSX.Element | null {
  if (of.length === 0) return null;
  const longest = Math.max(...of.map(({ max }) => max), 1);
  const width = (ms: number): string => `${Math.max(1, (100 * Math.log1p(ms)) / Math.log1p(longest))}%`;
  return (
    <section>
      <h2>What callers waited</h2>
      <div class="wide">
        <table>
          <thead><tr><th>Operation</th><th>Count</th><th>Half within</th><th>95 % within</th><th>Longest</th><th aria-hidden="true" /></tr></thead>
          <tbody>
            {of.map(({ kind, count, p50, p95, max }) => (
              <tr key={kind}>
                <td>{plain(kind)}</td>
                <td>{count}</td>
                <td>{p50.toFixed(1)} ms</td>
                <td>{p95.toFixed(1)} ms</td>
                <td>{max.toFixed(1)} ms</td>
                <td aria-hidden="true" class="chart">
                  <svg width="100%" height="12" preserveAspectRatio="none"><rect class="far" width={width(p95)} height="12" /><rect class="near" width={width(p50)} height="12" /></svg>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  );
}
