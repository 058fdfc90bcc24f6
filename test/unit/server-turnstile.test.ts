import { setMaxListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { type Place, Turnstile } from '../../src/server/access/turnstile.js';
import { fc } from '../support/fast-check.js';

const NEVER = new AbortController().signal;
setMaxListeners(0, NEVER);

/** A turnstile on a clock that the test moves, with no chance in what it advises. */
function turnstile(atOnce: number, waitMs = 1_000): { readonly turnstile: Turnstile; readonly clock: { now: number } } {
  const clock = { now: 0 };
  return { clock, turnstile: new Turnstile({ atOnce, waitMs }, { now: () => clock.now, draw: () => 0 }) };
}

async function place(turnstile: Turnstile, key = 'key'): Promise<Place> {
  const entry = await turnstile.enter(key, NEVER);
  if (!entry.ok) throw new TypeError(`refused for ${entry.retryAfterMs} ms`);
  return entry.place;
}

/** Fills every place and teaches that a stay takes 1 s: with two places, the second in a line waits 1 s and the third 1.5 s. */
async function filled(): Promise<{ readonly turnstile: Turnstile; readonly within: readonly Place[] }> {
  const { turnstile: made, clock } = turnstile(2, 1_200);
  const first = await place(made);
  clock.now += 1_000;
  first.leave();
  return { turnstile: made, within: [await place(made), await place(made)] };
}

describe('the turnstile', () => {
  it('lets in as many as there are places, and the next one when one leaves', async () => {
    const { turnstile: made } = turnstile(2);
    const [first] = [await place(made), await place(made)];
    const third = place(made);
    await Promise.resolve();
    expect([made.within, made.waiting]).toEqual([2, 1]);
    first.leave();
    first.leave();
    await third;
    expect([made.within, made.waiting]).toEqual([2, 0]);
  });

  it('sends away whoever would wait too long, at once, and tells how long the line takes', async () => {
    const { turnstile: made, within } = await filled();
    const waiting = [place(made), place(made)];
    expect(made.refusal('key')).toBe(1_200);
    expect(await made.enter('key', NEVER)).toEqual({ ok: false, retryAfterMs: 1_200 });
    expect(made.waiting).toBe(2);
    for (const one of within) one.leave();
    await Promise.all(waiting);
  });

  it('takes keys by turns: one that floods is sent away while others get in', async () => {
    const { turnstile: made, within } = await filled();
    const order: string[] = [];
    const enter = async (key: string): Promise<void> => {
      const mine = await place(made, key);
      order.push(key);
      mine.leave();
    };
    const waiting = [enter('loud'), enter('loud'), enter('quiet')];
    expect([made.refusal('loud') === null, made.refusal('third') === null]).toEqual([false, false]);
    within[0]?.leave();
    await Promise.all(waiting);
    expect(order).toEqual(['loud', 'quiet', 'loud']);
  });

  it('refuses whoever waited in vain when the time is up, and forgets who is gone', async () => {
    const { turnstile: made } = turnstile(1, 5);
    const only = await place(made);
    const inVain = made.enter('key', NEVER);
    const gone = new AbortController();
    const given = made.enter('other', gone.signal).then(() => null, String);
    gone.abort(new RangeError('gone'));
    expect(await given).toBe('RangeError: gone');
    expect(await inVain).toEqual({ ok: false, retryAfterMs: 100 });
    expect(made.waiting).toBe(0);
    only.leave();
    await expect(made.enter('key', gone.signal)).rejects.toThrow('gone');
    expect(made.within).toBe(0);
  });

  it('gives the place of who steps aside to the next one, and lets it in again at once', async () => {
    const { turnstile: made } = turnstile(1);
    const first = await place(made);
    const second = place(made);
    const back = first.aside();
    await second;
    back();
    expect(made.within).toBe(2);
    first.leave();
    (await second).leave();
    expect(made.within).toBe(0);
  });

  it('counts nobody twice whose time ran out while it stood aside', async () => {
    const { turnstile: made } = turnstile(1);
    const first = await place(made);
    const back = first.aside();
    first.leave();
    back();
    expect(made.within).toBe(0);
  });

  it('bounds those that wait before it has learnt how long a stay takes', async () => {
    const { turnstile: made } = turnstile(1);
    const only = await place(made);
    const entries = Array.from({ length: 30 }, () => made.enter('key', NEVER).then((entry) => {
      if (entry.ok) entry.place.leave();
      return entry.ok;
    }));
    expect(made.waiting).toBe(20);
    only.leave();
    expect((await Promise.all(entries)).filter((ok) => ok)).toHaveLength(20);
  });

  it('never has more within than places but for those who come back, and is empty when all have left', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(fc.record({ key: fc.constantFrom('a', 'b', 'c'), aside: fc.boolean() }), { maxLength: 30 }), async (atOnce, calls) => {
      const { turnstile: made, clock } = turnstile(atOnce, 10_000);
      let beside = 0;
      await Promise.all(calls.map(async ({ key, aside }) => {
        const entry = await made.enter(key, NEVER);
        if (!entry.ok) return;
        expect(made.within).toBeLessThanOrEqual(atOnce + beside);
        clock.now += 1;
        if (aside) {
          const back = entry.place.aside();
          await Promise.resolve();
          beside++;
          back();
          await Promise.resolve();
          entry.place.leave();
          beside--;
        } else {
          entry.place.leave();
        }
      }));
      expect([made.within, made.waiting]).toEqual([0, 0]);
    }));
  });
});
