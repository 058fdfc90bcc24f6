import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import type { Weir, EventFilter } from '../client/index.js';
import { Changes } from './documents.js';

/** What a view shows: what was read last, and what went wrong with the latest attempt. */
export interface Loaded<T> {
  readonly value: T | null;
  readonly error: string | null;
  readonly busy: boolean;
  reload(): void;
}

/** The sentence of an error. */
export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Reads something when `name` changes and whenever asked to; what came before stays until the next is there. */
export function useLoaded<T>(name: string, read: (signal: AbortSignal) => Promise<T>): Loaded<T> {
  const [state, setState] = useState<{ name: string; value: T | null; error: string | null; busy: boolean }>({ name, value: null, error: null, busy: true });
  const [round, setRound] = useState(0);
  const latest = useRef(read);
  latest.current = read;
  useEffect(() => {
    const stop = new AbortController();
    setState((before) => ({ name, value: before.name === name ? before.value : null, error: null, busy: true }));
    latest.current(stop.signal).then(
      (value) => setState({ name, value, error: null, busy: false }),
      (error: unknown) => stop.signal.aborted || setState((before) => ({ ...before, error: sentenceOf(error), busy: false })),
    );
    return () => stop.abort();
  }, [name, round]);
  const reload = useCallback(() => setRound((before) => before + 1), []);
  return { ...state, reload };
}

/** How the page stands with the events of the gateway. */
export type Liveness = 'LIVE' | 'RECONNECTING' | 'STOPPED';

/**
 * Calls `changed` after every event behind `cursor`, none left out, several at once where they come close together. Does nothing
 * before there is a cursor.
 */
export function useLive(weir: Weir, cursor: string | undefined, filter: EventFilter, changed: () => void): Liveness {
  const [state, setState] = useState<Liveness>('RECONNECTING');
  const latest = useRef(changed);
  latest.current = changed;
  const wanted = JSON.stringify(filter);
  const isReady = cursor !== undefined;
  useEffect(() => {
    if (cursor === undefined) return undefined;
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = async (): Promise<void> => {
      const events = weir.subscribe(Changes, { filter: JSON.parse(wanted) }, { after: cursor, signal: stop.signal, onState: (now) => setState(now === 'OPEN' ? 'LIVE' : now) });
      for await (const _ of events) {
        clearTimeout(timer);
        timer = setTimeout(() => latest.current(), 60);
      }
    };
    listen().catch(() => stop.signal.aborted || setState('STOPPED'));
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
    // From the first cursor on the subscription keeps its own.
  }, [weir, wanted, isReady]);
  return state;
}
