/** A request that asks too much, or what nobody may ask. Each is refused: no data, a code of the closed set, no 5xx. */
export interface Attack {
  readonly name: string;
  readonly request: AttackRequest;
}

/** How an attack is sent. */
export interface AttackRequest {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

const JSON_BODY = { 'content-type': 'application/json' };

/** A body sent as JSON, whatever it holds. */
export function sent(name: string, body: string, headers: Readonly<Record<string, string>> = JSON_BODY): Attack {
  return { name, request: { method: 'POST', path: '/graphql', headers, body } };
}

/** A document with its variables. */
export function asked(name: string, query: string, variables?: unknown): Attack {
  return sent(name, JSON.stringify(variables === undefined ? { query } : { query, variables }));
}

/** The same attack in several sizes or places. */
export function each<T extends string | number>(name: string, cases: readonly T[], attack: (one: T) => string): Attack[] {
  return cases.map((one) => asked(`${name}: ${one}`, attack(one)));
}

/** A text for each number below `count`, separated by spaces. */
export function many(count: number, text: (at: number) => string): string {
  return Array.from({ length: count }, (_, at) => text(at)).join(' ');
}
