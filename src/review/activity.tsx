import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Weir } from '../client/index.js';
import { OperationList, Waiting, type OperationListQuery, type WaitingQuery } from './documents.js';
import { useLive, useLoaded } from './loading.js';
import { hrefOf } from './route.js';
import { Ago, Live, plain, Progress, Trouble, Wide } from './words.js';

type Latencies = NonNullable<WaitingQuery['repo']>['latency'];
type Operations = NonNullable<OperationListQuery['repo']>['operations']['nodes'];

/** An operation is told of before it is known how long its caller waited: so many milliseconds later that is there as well. */
const DURATION_LAG = 1_000;

/** What happens in a repository: its latest operations, and how long callers waited for each kind. */
export function ActivityView({ weir, repo }: { readonly weir: Weir; readonly repo: string }): JSX.Element {
  const waiting = useLoaded(`waiting ${repo}`, (signal) => weir.query(Waiting, { repo }, { signal }));
  const log = useLoaded(`log ${repo}`, (signal) => weir.query(OperationList, { repo }, { signal }));
  const live = useLive(weir, waiting.value?.eventCursor, { repos: [repo] }, () => {
    waiting.reload();
    log.reload();
  });
  const operations = log.value?.repo?.operations.nodes ?? [];
  const [newest] = operations;
  const { reload } = log;
  useEffect(() => {
    if (newest?.durationMs !== null) return undefined;
    const timer = setTimeout(reload, DURATION_LAG);
    return () => clearTimeout(timer);
  }, [newest?.id]);
  const absent = waiting.value !== null && waiting.value.repo === null ? `${repo} is absent, or this key may not read it.` : null;
  return (
    <>
      <div class="row head"><h1>Activity of <a href={hrefOf({ view: 'branches', repo })}>{repo}</a></h1><Live state={live} /></div>
      <Trouble said={waiting.error ?? absent} />
      <Progress busy={waiting.busy || log.busy} />
      <Latency of={waiting.value?.repo?.latency ?? []} />
      <section>
        <h2>Latest operations</h2>
        <Trouble said={log.error} />
        <OperationLog of={operations} />
      </section>
    </>
  );
}

/** A bar for each operation, the latest on the right, as high as the logarithm of what its caller waited; and the same as a list. */
function OperationLog({ of }: { readonly of: Operations }): JSX.Element | null {
  if (of.length === 0) return null;
  const slots = Math.max(40, of.length);
  const longest = Math.max(1, ...of.map(({ durationMs }) => durationMs ?? 0));
  return (
    <>
      <svg class="bars" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label={`How long the latest ${of.length} operations took; the longest ${longest.toFixed(1)} ms`}>
        {of.toReversed().map(({ id, durationMs }, index) => {
          const height = Math.max(1, (20 * Math.log1p(durationMs ?? 0)) / Math.log1p(longest));
          return <rect key={id} class="near" x={((index + slots - of.length) * 100) / slots} y={20 - height} width={80 / slots} height={height} />;
        })}
      </svg>
      <Wide of="Latest operations">
        <table>
          <thead><tr><th>Operation</th><th>By</th><th>Branches</th><th>Waited</th><th>When</th></tr></thead>
          <tbody>
            {of.slice(0, 30).map(({ id, seq, kind, actor, at, durationMs, refs }) => (
              <tr key={id}>
                <td>{seq} {plain(kind)}</td>
                <td>{actor}</td>
                <td>{refs.map(({ branchName }) => branchName).join(', ')}</td>
                <td>{durationMs === null ? '' : `${durationMs.toFixed(1)} ms`}</td>
                <td><Ago at={at} /></td>
              </tr>
            ))}
          </tbody>
        </table>
      </Wide>
    </>
  );
}

/** Bars on a scale of logarithms: a merge takes a hundred times as long as a read. */
function Latency({ of }: { readonly of: Latencies }): JSX.Element | null {
  if (of.length === 0) return null;
  const longest = Math.max(...of.map(({ max }) => max), 1);
  const width = (ms: number): string => `${Math.max(1, (100 * Math.log1p(ms)) / Math.log1p(longest))}%`;
  return (
    <section>
      <h2>What callers waited</h2>
      <Wide of="What callers waited">
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
      </Wide>
    </section>
  );
}
