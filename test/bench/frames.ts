import type { CDPSession, Page } from 'playwright-core';

/** How long frames took, in milliseconds, from one to the next as requestAnimationFrame tells them; NaN where there were none. */
export interface FrameTimes {
  readonly count: number;
  readonly p50: number;
  readonly p95: number;
  readonly longest: number;
}

/** What stands in the middle, at 95 of 100 and at the end of a list of frames. */
export function frameTimes(frames: readonly number[]): FrameTimes {
  const sorted = [...frames].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95), longest: at(1) };
}

/** The longest that a page may take to be scrolled through, in milliseconds: one that comes to no end is broken. */
const LONGEST_SCROLL = 180_000;

/** Frames that a page may take to grow at its end before that counts as its end: a second. */
const PATIENCE = 60;

/**
 * Scrolls a page from its top to its end, `step` pixels a frame, and answers the milliseconds of each frame: not those of the jump to
 * the top, and not those of waiting where the page ends for now. Rejects where it comes to no end.
 */
export async function scrolledFrames(page: Page, step: number): Promise<number[]> {
  return page.evaluate(`(async () => {
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const isAtEnd = () => scrollY + innerHeight >= document.documentElement.scrollHeight - 1;
    scrollTo(0, 0);
    for (let n = 0; n < 10; n++) await frame();
    const frames = [];
    const until = performance.now() + ${LONGEST_SCROLL};
    for (let before = await frame(); ; ) {
      if (isAtEnd()) {
        for (let n = 0; n < ${PATIENCE} && isAtEnd(); n++) before = await frame();
        if (isAtEnd()) return frames;
      }
      scrollBy(0, ${step});
      const now = await frame();
      frames.push(now - before);
      before = now;
      if (now > until) throw new RangeError('The page has no end.');
    }
  })()`);
}

interface TraceEvent {
  readonly name: string;
  readonly pid: number;
  readonly tid: number;
  /** Processor time of the thread, in microseconds. */
  readonly tdur?: number;
}

/**
 * The longest that the page's main thread worked without a break while `work` ran, in milliseconds of processor time: scripts, styles,
 * layout and painting of one frame together. Other work on the machine does not count. NaN where Chromium does not tell.
 */
export async function longestTask(page: Page, work: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  const events: TraceEvent[] = [];
  session.on('Tracing.dataCollected', ({ value }: { readonly value: readonly unknown[] }) => events.push(...value.filter(isTraceEvent)));
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig: { includedCategories: ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'] } });
  await work();
  await ended(session);
  const drawing = events.filter(({ name }) => name === 'FireAnimationFrame');
  const busiest = drawing.find(({ pid, tid }) => drawing.filter((other) => other.pid === pid && other.tid === tid).length * 2 > drawing.length);
  const tasks = events.filter(({ name, pid, tid }) => name === 'RunTask' && pid === busiest?.pid && tid === busiest.tid).flatMap(({ tdur }) => tdur ?? []);
  return tasks.length === 0 ? Number.NaN : Math.max(...tasks) / 1_000;
}

async function ended(session: CDPSession): Promise<void> {
  const whole = new Promise<void>((resolve) => {
    session.once('Tracing.tracingComplete', () => resolve());
  });
  await session.send('Tracing.end');
  await whole;
  await session.detach();
}

function isTraceEvent(value: unknown): value is TraceEvent {
  return typeof value === 'object' && value !== null && 'name' in value && 'pid' in value && 'tid' in value;
}
