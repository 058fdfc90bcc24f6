import { setMaxListeners } from 'node:events';
import { execute, getOperationAST, Kind, visit, type DocumentNode, type ExecutionResult, type GraphQLSchema, type OperationDefinitionNode } from 'graphql';
import type { Context } from '../../../schema/context.js';
import type { Viewer } from '../../auth/viewer.js';
import type { Reader } from '../../domain/ports/reader.js';
import type { LoggedEvent } from '../../domain/ports/event-log.js';
import type { Gateway } from '../../operations/gateway.js';
import { cursorText } from './cursor-text.js';
import type { Operation } from './operation.js';

/**
 * Tellings that are remembered at once, for all audiences. They are also bound to one reader, which is shared for a quarter of a second:
 * what they hold is what this process could resolve in that time.
 */
const REMEMBERED = 1024;

/** What telling an event needs. */
export interface AudiencesOptions {
  readonly schema: GraphQLSchema;
  readonly gateway: Gateway;
  /** Whether errors suggest names of the schema. */
  readonly introspection: boolean;
  readonly mask: (result: ExecutionResult, requestId: string) => ExecutionResult;
}

/** One subscription's seat among those who are told the same. */
export interface Seat {
  /**
   * The result of an event, masked and with its cursor in `extensions.cursor`: the same object for everyone of the audience who is told
   * of it with the same reader, so that what is made of it can be shared as well. Whether this subscriber may see the event is not asked here.
   */
  tell(event: LoggedEvent): Promise<ExecutionResult>;
  /** Gives the seat back. Idempotent. The last one to leave stops what is still being resolved. */
  leave(): void;
}

/** Subscriptions that ask the same with the same rights. */
interface Audience {
  readonly id: number;
  readonly operation: Operation;
  readonly viewer: Viewer;
  readonly requestId: string;
  readonly gone: AbortController;
  members: number;
}

/**
 * Who is told an event in the same words. One execution serves all subscriptions with the same document, operation, variables of the
 * selection and viewer: ten thousand open review pages are one execution an event, and not ten thousand.
 *
 * Arguments of the root field do not count, since they choose events and have no say in what is told of one (a test holds every
 * subscription field to that): clients that resume each after a cursor of their own are one audience.
 */
export class Audiences {
  readonly #options: AudiencesOptions;
  readonly #byDocument = new WeakMap<DocumentNode, Map<string, Audience>>();
  /** By audience and event, oldest first; all made with `#reader`. */
  readonly #told = new Map<string, Promise<ExecutionResult>>();
  #reader: Reader | null = null;
  #lastId = 0;

  constructor(options: AudiencesOptions) {
    this.#options = options;
  }

  /** A seat in the audience of this operation and viewer. The operation is validated; `requestId` is of the request that carries it. */
  join(operation: Operation, viewer: Viewer, requestId: string): Seat {
    const { document } = operation;
    const audiences = this.#byDocument.get(document) ?? new Map<string, Audience>();
    this.#byDocument.set(document, audiences);
    const words = wordsOf(operation, viewer);
    const audience = audiences.get(words) ?? { id: ++this.#lastId, operation, viewer, requestId, gone: new AbortController(), members: 0 };
    // Each read of each event that is under way may listen for its end.
    setMaxListeners(0, audience.gone.signal);
    audiences.set(words, audience);
    audience.members += 1;
    let seated = true;
    return {
      tell: (event) => this.#tell(audience, event),
      leave() {
        if (!seated) return;
        seated = false;
        audience.members -= 1;
        if (audience.members > 0) return;
        audiences.delete(words);
        audience.gone.abort();
      },
    };
  }

  /** Never a telling of another reader: readers move forward only, so nobody sees an older state with a later event. */
  #tell(audience: Audience, event: LoggedEvent): Promise<ExecutionResult> {
    const reader = this.#options.gateway.events.readerFor(event);
    if (audience.members === 1) return this.#resolve(audience, event, reader);
    if (reader !== this.#reader) {
      this.#told.clear();
      this.#reader = reader;
    }
    const key = `${audience.id}:${event.cursor.position}:${event.cursor.index}`;
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    const result = this.#resolve(audience, event, reader);
    this.#told.set(key, result);
    for (const oldest of this.#told.keys()) {
      if (this.#told.size <= REMEMBERED) break;
      this.#told.delete(oldest);
    }
    return result;
  }

  async #resolve({ operation: { document, operationName, variableValues }, viewer, requestId, gone }: Audience, event: LoggedEvent, reader: Reader): Promise<ExecutionResult> {
    const { schema, gateway, introspection, mask } = this.#options;
    const context: Context = { request: { gateway, viewer, reader, requestId, signal: gone.signal }, telling: event.cursor };
    const result = await execute({ schema, document, operationName: operationName ?? null, variableValues: variableValues ?? null, rootValue: event, contextValue: context, hideSuggestions: !introspection });
    const masked = mask(result, requestId);
    return { ...masked, extensions: { ...masked.extensions, cursor: cursorText(event.cursor) } };
  }
}

/** All that the result of an event depends on besides document and event: the operation's name, variables, and for whom it is resolved. */
function wordsOf(operation: Operation, { key, actor, onBehalfOf }: Viewer): string {
  const { id, name, scopes, repos, branches, readBranches, paths, actor: own, actAs, labels } = key;
  return JSON.stringify([operation.operationName ?? null, variablesOfSelection(operation), actor, onBehalfOf, id, name, scopes, repos, branches, readBranches, paths, own, actAs, labels]);
}

/** The variables that are used anywhere but in arguments of the operation's own root fields, with their values. */
function variablesOfSelection({ document, operationName, variableValues }: Operation): readonly (readonly [string, unknown])[] {
  const operation = getOperationAST(document, operationName);
  if (operation === null || operation === undefined) return Object.entries(variableValues ?? {});
  const used = usedBelow(document, operation);
  return Object.entries(variableValues ?? {}).filter(([name]) => used.has(name)).sort(([a], [b]) => (a < b ? -1 : 1));
}

/** Remembered for as long as its document is: looking through a document costs more than opening a stream. */
const usedVariables = new WeakMap<OperationDefinitionNode, ReadonlySet<string>>();

function usedBelow(document: DocumentNode, operation: OperationDefinitionNode): ReadonlySet<string> {
  const known = usedVariables.get(operation);
  if (known !== undefined) return known;
  const used = new Set<string>();
  const collect = { Variable: ({ name }: { readonly name: { readonly value: string } }) => void used.add(name.value) };
  for (const directive of operation.directives ?? []) visit(directive, collect);
  for (const selection of operation.selectionSet.selections) visit(selection.kind === Kind.FIELD ? { ...selection, arguments: [] } : selection, collect);
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) visit(definition, collect);
  usedVariables.set(operation, used);
  return used;
}
