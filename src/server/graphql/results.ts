import { GraphQLError, type ExecutionResult } from 'graphql';
import type { Context } from '../../../schema/context.js';
import type { LoggedEvent } from '../../domain/ports/event-log.js';
import { cursorText } from './cursor-text.js';

/** A stream of results that ends for good when it is returned or thrown into. Each says in `extensions.cursor` where to resume behind it. */
export interface Results extends AsyncGenerator<ExecutionResult, void, void> {
  /** The cursor to resume from: behind the last result, and behind what was left out since. Null before the stream has begun. */
  cursor(): string | null;
  /** Aborted when the server ends the stream, which then has one last result. */
  readonly ended: AbortSignal;
}

/** What results are made from. */
export interface ResultsOptions {
  /** The events that the subscription is told of. */
  readonly source: AsyncIterator<unknown>;
  /** The result of an event, masked and with its cursor. */
  readonly tell: (event: LoggedEvent) => Promise<ExecutionResult>;
  /** Of the subscription: where it stands. */
  readonly context: Context;
  readonly mask: (result: ExecutionResult) => ExecutionResult;
  /** Aborted when the client has gone. */
  readonly gone: AbortSignal;
  /** Aborted when the server ends the subscription. */
  readonly ended: AbortSignal;
  /** Ends the source: an async generator that waits for its next event would otherwise answer only after that event. */
  readonly end: () => void;
  /** Gives the subscription's place back. Idempotent. */
  readonly release: () => void;
}

/**
 * The results of a source, each with its cursor. When it is the server that ends the stream, or the source rejects, there
 * is one last result that says why, with the cursor from which the client may come again.
 */
export function openResults({ source, tell, context, mask, gone, ended, end, release }: ResultsOptions): Results {
  let over = false;
  const finish = (): IteratorResult<ExecutionResult, void> => {
    over = true;
    release();
    return { done: true, value: undefined };
  };
  const cursor = (): string | null => (context.place === undefined ? null : cursorText(context.place));
  const lastWord = (error: GraphQLError): IteratorResult<ExecutionResult, void> => {
    const told = { done: false, value: withCursor(mask({ errors: [error] }), cursor()) } as const;
    return gone.aborted || over ? finish() : (finish(), told);
  };
  const stop = async (): Promise<IteratorResult<ExecutionResult, void>> => {
    end();
    if (!over) await source.return?.().catch(() => undefined);
    return finish();
  };
  return {
    cursor,
    ended,
    async next() {
      if (over) return finish();
      try {
        const next = await source.next();
        if (next.done === true) return lastWord(endingError(ended.reason === 'STOPPING'));
        const event = eventOf(next.value);
        const value = await tell(event);
        // Only now: a heartbeat that named an event which is still being resolved would make its client leave that out.
        context.place = event.cursor;
        return { done: false, value };
      } catch (error) {
        if (ended.aborted) return lastWord(endingError(ended.reason === 'STOPPING'));
        return lastWord(error instanceof GraphQLError ? error : new GraphQLError('The stream broke.', { originalError: error instanceof Error ? error : null }));
      }
    },
    return: stop,
    throw: stop,
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Every subscription field streams the log; the types of graphql-js do not say what. */
function eventOf(value: unknown): LoggedEvent {
  if (isEvent(value)) return value;
  throw new GraphQLError('The stream has something that is no event.');
}

function isEvent(value: unknown): value is LoggedEvent {
  return typeof value === 'object' && value !== null && 'cursor' in value && 'payload' in value;
}

function withCursor(result: ExecutionResult, cursor: string | null): ExecutionResult {
  return cursor === null ? result : { ...result, extensions: { ...result.extensions, cursor } };
}

/** A source that ends by itself does so because its key was refused. */
function endingError(stopping: boolean): GraphQLError {
  return stopping
    ? new GraphQLError('The server is stopping; subscribe again after "extensions.cursor" of this result in a moment.', { extensions: { code: 'UNAVAILABLE' } })
    : new GraphQLError('The key has expired or was revoked.', { extensions: { code: 'UNAUTHENTICATED' } });
}
