import { describe, expect, it } from 'vitest';
import { fc } from '../support/fast-check.js';
import { linearOrder, type Call, type Sequential } from '../support/linearizability.js';

/** A register that can be read, written, and written only where it holds what is expected. */
type Asked = { readonly read: true } | { readonly write: number } | { readonly swap: readonly [number, number] };

const register: Sequential<number, Asked, number | boolean> = (state, asked, answer) => {
  if ('read' in asked) return answer === state ? state : null;
  if ('write' in asked) return asked.write;
  const [expected, value] = asked.swap;
  return answer === (state === expected) ? (state === expected ? value : state) : null;
};

function call(began: number, ended: number, asked: Asked, answer: number | boolean): Call<Asked, number | boolean> {
  return { began, ended, asked, answer };
}

function orderOf(...history: readonly Call<Asked, number | boolean>[]): string | null {
  return linearOrder(history, 0, register, String)?.map(({ asked }) => JSON.stringify(asked)).join(' ') ?? null;
}

describe('a history of calls that overlap', () => {
  it('has an order where one client at a time would have seen the same', () => {
    expect(orderOf()).toBe('');
    expect(orderOf(call(1, 4, { write: 1 }, true), call(2, 3, { read: true }, 0))).toBe('{"read":true} {"write":1}');
    expect(orderOf(call(1, 4, { write: 1 }, true), call(2, 3, { read: true }, 1))).toBe('{"write":1} {"read":true}');
    expect(orderOf(call(1, 9, { write: 1 }, true), call(2, 3, { read: true }, 1), call(4, 5, { write: 2 }, true), call(6, 7, { read: true }, 2))).not.toBeNull();
  });

  it('has none where an answer is out of date, an update is lost, or two have won the same race', () => {
    expect(orderOf(call(1, 2, { write: 1 }, true), call(3, 4, { read: true }, 0))).toBeNull();
    expect(orderOf(call(1, 9, { write: 1 }, true), call(2, 3, { read: true }, 1), call(4, 5, { read: true }, 0))).toBeNull();
    expect(orderOf(call(1, 5, { swap: [0, 1] }, true), call(2, 6, { swap: [0, 2] }, true))).toBeNull();
    expect(orderOf(call(1, 5, { swap: [0, 1] }, true), call(2, 6, { swap: [0, 2] }, false), call(7, 8, { read: true }, 2))).toBeNull();
    expect(orderOf(call(1, 5, { swap: [0, 1] }, false))).toBeNull();
  });

  it('always has one when the calls took effect one after the other, however they were stretched', () => {
    const steps = fc.array(fc.record({ what: fc.integer({ min: 0, max: 2 }), value: fc.nat(3), early: fc.nat(20), late: fc.nat(20) }), { maxLength: 25 });
    fc.assert(
      fc.property(steps, (plan) => {
        let state = 0;
        const history = plan.map(({ what, value, early, late }, at) => {
          const before = state;
          if (what === 1) state = value;
          if (what === 2 && before === 1) state = value;
          const asked: Asked = what === 0 ? { read: true } : what === 1 ? { write: value } : { swap: [1, value] };
          return call(at * 10 - early, at * 10 + late, asked, what === 0 ? before : what === 1 ? true : before === 1);
        });
        expect(linearOrder(history, 0, register, String)).toHaveLength(plan.length);
      }),
    );
  });
});
