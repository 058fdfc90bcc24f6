import { EventEmitter } from 'node:events';
import { describe, expect, it } from 'vitest';
import { BranchQueues } from '../../src/operations/branch-queues.js';

/** A turn that ends when it is told to. */
class HeldTurn<T> {
  readonly #over = new EventEmitter();
  started = false;

  readonly turn = (): Promise<T> => {
    this.started = true;
    return new Promise<T>((resolve, reject) => {
      this.#over.once('end', resolve).once('fail', reject);
    });
  };

  end(value: T): void {
    this.#over.emit('end', value);
  }

  fail(error: unknown): void {
    this.#over.emit('fail', error);
  }
}

/** Lets everything run that waits for nothing from outside. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

describe('the line in front of a branch', () => {
  it('gives turns in the order of arrival, one at a time', async () => {
    const queues = new BranchQueues();
    const order: number[] = [];
    let inside = 0;
    let most = 0;
    const turns = Array.from({ length: 50 }, (_, n) =>
      queues.inLine(1, async () => {
        most = Math.max(most, ++inside);
        await settled();
        order.push(n);
        inside--;
        return n;
      }),
    );
    expect(await Promise.all(turns)).toEqual(order);
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n));
    expect(most).toBe(1);
  });

  it('begins a turn only when the one before it is over', async () => {
    const queues = new BranchQueues();
    const [first, second] = [new HeldTurn<string>(), new HeldTurn<string>()];
    const answers = Promise.all([queues.inLine(1, first.turn), queues.inLine(1, second.turn)]);
    await settled();
    expect([first.started, second.started]).toEqual([true, false]);
    first.end('one');
    await settled();
    expect(second.started).toBe(true);
    second.end('two');
    expect(await answers).toEqual(['one', 'two']);
  });

  it('goes on after a turn that failed, and the failure reaches only its own writer', async () => {
    const queues = new BranchQueues();
    const [first, second] = [new HeldTurn<string>(), new HeldTurn<string>()];
    const failing = queues.inLine(1, first.turn);
    failing.catch(() => undefined);
    const next = queues.inLine(1, second.turn);
    await settled();
    first.fail(new RangeError('broken'));
    await expect(failing).rejects.toThrow(new RangeError('broken'));
    second.end('fine');
    expect(await next).toBe('fine');
    expect(await queues.inLine(1, () => Promise.resolve('later'))).toBe('later');
  });

  it('is one for each branch', async () => {
    const queues = new BranchQueues();
    const held = new HeldTurn<string>();
    const waiting = queues.inLine(1, held.turn);
    expect(await queues.inLine(2, () => Promise.resolve('free'))).toBe('free');
    held.end('done');
    expect(await waiting).toBe('done');
  });

  it('lets whoever comes while it is empty begin at once, also again and again', async () => {
    const queues = new BranchQueues();
    for (let n = 0; n < 100; n++) {
      const held = new HeldTurn<number>();
      const turn = queues.inLine(1, held.turn);
      await Promise.resolve();
      expect(held.started).toBe(true);
      held.end(n);
      expect(await turn).toBe(n);
    }
  });
});
