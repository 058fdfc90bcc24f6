import { getNamedType, getNullableType, isEnumType, isInputObjectType, isListType, isNonNullType, type GraphQLInputType, type GraphQLSchema } from 'graphql';
import { RandomDocuments } from '../random-documents.js';
import type { Ask } from './asks.js';
import { inputOf, usualValue } from './places.js';
import { routeAsks } from './routes.js';
import { badValues, TEXTS } from './values.js';

/** What leaves nothing to try the others on. */
const ENDS_ALL: ReadonlySet<string> = new Set(['deleteRepo', 'archiveRepo', 'updateRepo']);
/** Characters that mean something to one of the languages that requests are written in. */
const MEANINGFUL = ['"', '\\', '{', '}', '[', ']', '(', ')', ':', ',', '/', '%', '%00', '\0', '$', '@', '!', '...', '&', '|', '#', '"""', '\u{1f600}', '\ud800', '\ufeff', '-', '1e400', '0000', ' ', '\n', '*', '..', '<', '>'] as const;
/** How deep an input is filled; those that hold themselves would go on for ever. */
const DEPTH = 6;

/** Random requests, the same ones for the same draws: documents made from the schema, inputs of mutations, and bodies and addresses that were written over. */
export class Fuzzer {
  readonly #schema: GraphQLSchema;
  readonly #draw: (below: number) => number;
  readonly #documents: RandomDocuments;
  readonly #mutations: readonly string[];
  readonly #routes: readonly Ask[] = routeAsks();
  #count = 0;

  /** `draw` answers whole numbers from 0 up to and without its argument. */
  constructor(schema: GraphQLSchema, draw: (below: number) => number) {
    this.#schema = schema;
    this.#draw = draw;
    this.#mutations = Object.keys(schema.getMutationType()?.getFields() ?? {}).filter((name) => !ENDS_ALL.has(name));
    this.#documents = new RandomDocuments(schema, draw, (argument) => ['repo', 'name'].includes(argument) ? ['fuzz', 'main', 'session/1', 'Repo:1'] : ['fuzz', 'main', 'session/1', 'README.md', ...this.#fewTexts()]);
  }

  /** The next request. */
  next(): Ask {
    const name = `random ${++this.#count}`;
    const kind = this.#draw(10);
    if (kind < 3) return { name, document: this.#documents.next(), variables: {} };
    if (kind < 6) return this.#mutation(name);
    if (kind === 6) return { name, document: this.#writtenOver(this.#documents.next()), variables: {} };
    if (kind === 7) return this.#route(name);
    return this.#body(name);
  }

  #fewTexts(): string[] {
    return Array.from({ length: 3 }, () => this.#one(TEXTS)?.[1] ?? '').filter((text) => text.length < 1_000);
  }

  #one<T>(list: readonly T[]): T | undefined {
    return list[this.#draw(list.length)];
  }

  #mutation(name: string): { readonly name: string; readonly document: string; readonly variables: Record<string, unknown> } {
    const mutation = this.#one(this.#mutations) ?? '';
    const argument = inputOf(this.#schema, mutation);
    const document = `mutation ($input: ${String(argument.type)}) { ${mutation}(input: $input) { __typename ... on Problem { code } } }`;
    return { name: `${name} ${mutation}`, document, variables: { input: this.#value(argument.type, argument.name, 0) } };
  }

  /** Mostly what belongs there: one bad value in each place would be refused for the first. */
  #value(type: GraphQLInputType, name: string, depth: number): unknown {
    const nullable = getNullableType(type);
    const dice = this.#draw(12);
    if (dice === 0) return this.#one(badValues(type))?.[1];
    if (dice === 1 && typeof usualValue(name, nullable) === 'string') return this.#writtenOver(String(usualValue(name, nullable)));
    if (isListType(nullable)) return Array.from({ length: depth >= DEPTH ? 0 : this.#draw(3) }, () => this.#value(nullable.ofType, name, depth + 1));
    if (isEnumType(nullable)) return this.#one(nullable.getValues())?.name;
    if (!isInputObjectType(nullable)) return usualValue(name, getNamedType(nullable));
    const members = Object.values(nullable.getFields());
    const only = nullable.isOneOf ? this.#one(members) : undefined;
    const given = members.filter((field) => (only === undefined ? isNonNullType(field.type) || (depth < DEPTH && this.#draw(4) === 0) : field === only));
    return Object.fromEntries(given.map((field) => [field.name, this.#value(field.type, field.name, depth + 1)]));
  }

  /** A text of which some characters are gone, doubled, or other ones. */
  #writtenOver(text: string): string {
    let result = text;
    for (let times = 1 + this.#draw(3); times > 0; times--) {
      const at = this.#draw(result.length + 1);
      const length = this.#draw(4);
      const between = [this.#one(MEANINGFUL) ?? '', '', result.slice(at, at + 20).repeat(2), this.#one(TEXTS)?.[1].slice(0, 200) ?? ''][this.#draw(4)] ?? '';
      result = result.slice(0, at) + between + result.slice(at + length);
    }
    return result;
  }

  #route(name: string): Ask {
    const route = this.#one(this.#routes);
    if (route === undefined || 'document' in route) return { name, url: '/', init: {} };
    const url = this.#writtenOver(route.url.replaceAll('<head>', 'main')).replaceAll(/[^\x21-\x7e]/gu, (one) => encodeURIComponent(one.replace(/\p{Surrogate}/u, '\u{fffd}')));
    return { name: `${name} ${url}`, url: `/${url.replace(/^\/+/u, '')}`.replaceAll('#', '%23'), init: route.init };
  }

  #body(name: string): Ask {
    const { document, variables } = this.#mutation(name);
    const whole = JSON.stringify({ query: document, variables, ...(this.#draw(4) === 0 ? { operationName: 'a' } : {}), ...(this.#draw(4) === 0 ? { extensions: {} } : {}) });
    const type = this.#one(['application/json', 'application/json', 'application/graphql-response+json', 'text/plain', 'multipart/form-data; boundary=a']) ?? '';
    return { name, url: '/graphql', init: { method: 'POST', body: this.#writtenOver(whole), headers: { 'content-type': type } } };
  }
}
