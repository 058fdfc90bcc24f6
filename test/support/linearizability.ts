/** One call of one client: when it began and when its answer was there, by a clock that all clients share. */
export interface Call<Asked, Answer> {
  readonly asked: Asked;
  readonly answer: Answer;
  readonly began: number;
  readonly ended: number;
}

/** What one client at a time would see: the state after a call, or null where such an answer cannot be in this state. */
export type Sequential<State, Asked, Answer> = (state: State, asked: Asked, answer: Answer) => State | null;

/**
 * An order of the calls in which one client at a time would have got these answers, each call at a moment between its beginning and its
 * end; null when there is none, and what was seen is no single thing. A depth-first search over the calls that may be next: those that
 * began before every other open one had ended (Wing and Gong 1993), without what was tried before (Lowe 2017). `key` names a state.
 */
export function linearOrder<State, Asked, Answer>(
  history: readonly Call<Asked, Answer>[],
  initial: State,
  sequential: Sequential<State, Asked, Answer>,
  key: (state: State) => string,
): Call<Asked, Answer>[] | null {
  const calls = [...history].sort((a, b) => a.began - b.began);
  const done = new Set<number>();
  const tried = new Set<string>();
  const order: Call<Asked, Answer>[] = [];
  const search = (state: State): boolean => {
    if (done.size === calls.length) return true;
    const place = `${key(state)} ${[...done].sort((a, b) => a - b).join(',')}`;
    if (tried.has(place)) return false;
    tried.add(place);
    const open = calls.flatMap((call, index) => (done.has(index) ? [] : [{ call, index }]));
    const firstEnd = Math.min(...open.map(({ call }) => call.ended));
    for (const { call, index } of open) {
      if (call.began > firstEnd) break;
      const next = sequential(state, call.asked, call.answer);
      if (next === null) continue;
      done.add(index);
      order.push(call);
      if (search(next)) return true;
      done.delete(index);
      order.pop();
    }
    return false;
  };
  return search(initial) ? order : null;
}
