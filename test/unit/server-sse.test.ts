import type { ExecutionResult } from 'graphql';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { eventStream } from '../../src/server/graphql/over-sse.js';
import type { Results } from '../../src/server/graphql/results.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Results that a test hands out one by one, and what has been asked of them. */
class ScriptedResults implements Results {
  readonly #ending = new AbortController();
  readonly #asked: ((next: IteratorResult<ExecutionResult, void>) => void)[] = [];
  readonly ended = this.#ending.signal;
  place: string | null = 'c0';
  returned = 0;
  taken = 0;

  cursor(): string | null {
    return this.place;
  }

  next(): Promise<IteratorResult<ExecutionResult, void>> {
    this.taken += 1;
    return new Promise((resolve) => this.#asked.push(resolve));
  }

  give(data: Record<string, unknown>, cursor: string): void {
    this.giveResult({ data }, cursor);
  }

  giveResult(value: ExecutionResult, cursor: string): void {
    this.place = cursor;
    this.#asked.shift()?.({ done: false, value });
  }

  end(): void {
    this.#ending.abort('STOPPING');
  }

  complete(): void {
    this.#asked.shift()?.({ done: true, value: undefined });
  }

  async return(): Promise<IteratorResult<ExecutionResult, void>> {
    this.returned += 1;
    return { done: true, value: undefined };
  }

  throw(): Promise<IteratorResult<ExecutionResult, void>> {
    return this.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}

function openReader(results: Results): { read(): Promise<string | null>; cancel(): Promise<void>; readonly raw: ReadableStreamDefaultReader<Uint8Array> } {
  const { body } = eventStream(results);
  if (body === null) throw new TypeError('there is no body');
  const raw = body.getReader();
  return {
    raw,
    async read() {
      const { done, value } = await raw.read();
      return done ? null : Buffer.from(value).toString();
    },
    cancel: () => raw.cancel(),
  };
}

describe('a stream of server-sent events', () => {
  it('gives each result with its cursor as id, and the word complete', async () => {
    const results = new ScriptedResults();
    const reader = openReader(results);
    expect(await reader.read()).toBe(':\n\n');
    const first = reader.read();
    await vi.advanceTimersByTimeAsync(0);
    results.give({ a: 'x\ny' }, 'c1');
    expect(await first).toBe('event: next\nid: c1\ndata: {"data":{"a":"x\\ny"}}\n\n');
    const last = reader.read();
    await vi.advanceTimersByTimeAsync(0);
    results.complete();
    expect([await last, await reader.read()]).toEqual(['event: complete\ndata:\n\n', null]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('has the same bytes for everyone who is told the same result with the same cursor', async () => {
    const opened = Array.from({ length: 3 }, () => {
      const results = new ScriptedResults();
      return { results, raw: openReader(results).raw };
    });
    for (const { raw } of opened) await raw.read();
    const value = { data: { a: 1 } };
    const told = opened.map(({ raw }) => raw.read());
    await vi.advanceTimersByTimeAsync(0);
    opened.forEach(({ results }, at) => results.giveResult(value, at < 2 ? 'c1' : 'c0'));
    const [first, second, third] = (await Promise.all(told)).map((read) => read.value);
    expect(second).toBe(first);
    expect([Buffer.from(first ?? []).toString(), Buffer.from(third ?? []).toString()]).toEqual(['event: next\nid: c1\ndata: {"data":{"a":1}}\n\n', 'event: next\nid: c0\ndata: {"data":{"a":1}}\n\n']);
    for (const { raw } of opened) await raw.cancel();
  });

  it('says in its heartbeats how far it has come over what it leaves out, and nothing twice', async () => {
    const results = new ScriptedResults();
    const reader = openReader(results);
    await reader.read();
    const beats = [reader.read(), reader.read(), reader.read()];
    await vi.advanceTimersByTimeAsync(12_000);
    await vi.advanceTimersByTimeAsync(12_000);
    results.place = 'c7';
    await vi.advanceTimersByTimeAsync(12_000);
    expect(await Promise.all(beats)).toEqual(['id: c0\n:\n\n', ':\n\n', 'id: c7\n:\n\n']);
    await reader.cancel();
    expect(results.returned).toBe(1);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('reads no further for a client that does not read', async () => {
    const results = new ScriptedResults();
    const reader = openReader(results);
    await reader.read();
    await vi.advanceTimersByTimeAsync(0);
    results.give({ n: 1 }, 'c1');
    await vi.advanceTimersByTimeAsync(600_000);
    // One result lies ready; neither the next nor a single heartbeat is piled upon it.
    expect(results.taken).toBe(1);
    expect(await reader.read()).toContain('"n":1');
    await reader.cancel();
  });

  it('is cut off when the server ends it and the client does not take the last word', async () => {
    const results = new ScriptedResults();
    const reader = openReader(results);
    await vi.advanceTimersByTimeAsync(0);
    let cut = false;
    reader.raw.closed.catch(() => (cut = true));
    results.end();
    await vi.advanceTimersByTimeAsync(499);
    expect(cut).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([cut, results.returned]).toEqual([true, 1]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
