import { graphql, type ExecutionResult } from 'graphql';
import { schema, type Context } from '../../schema/index.js';
import type { ApiKeyRecord } from '../../src/domain/api-key.js';
import { openOperations, type OperationsFixture } from '../support/operations.js';

/** What a document answered, read without ceremony: a missing member fails the test by name. */
export class Answer {
  constructor(
    readonly result: ExecutionResult,
    readonly value: unknown = result.data,
    readonly where = 'data',
  ) {}

  /** The member or item at a dotted path; throws when there is none, with the errors of the answer. */
  at(path: string): unknown {
    let value: unknown = this.value;
    for (const step of path.split('.')) {
      if (typeof value !== 'object' || value === null) throw new TypeError(`${this.where}.${path}: nothing at ${step} in ${JSON.stringify(this.result)}`);
      value = Reflect.get(value, step);
    }
    return value;
  }

  /** The text at a path. */
  text(path: string): string {
    const value = this.at(path);
    if (typeof value !== 'string') throw new TypeError(`${path} is ${JSON.stringify(value)} in ${JSON.stringify(this.result)}`);
    return value;
  }

  /** The code of the first error, or null. */
  get code(): unknown {
    return this.result.errors?.[0]?.extensions['code'] ?? null;
  }
}

/** A gateway that answers documents without any transport. */
export interface SchemaGateway extends OperationsFixture {
  /** Runs a document by this actor, whose key allows everything unless told; throws on any error. */
  run(actor: string, source: string, variables?: Readonly<Record<string, unknown>>, key?: Partial<ApiKeyRecord>): Promise<Answer>;
  /** The same, errors included in the answer. */
  tryRun(actor: string, source: string, variables?: Readonly<Record<string, unknown>>, key?: Partial<ApiKeyRecord>): Promise<Answer>;
  context(actor: string, key?: Partial<ApiKeyRecord>): Context;
}

/** Opens one; call `close` at the end. */
export async function openSchemaGateway(): Promise<SchemaGateway> {
  const fixture = await openOperations();
  const context = (actor: string, key?: Partial<ApiKeyRecord>): Context => ({ request: fixture.as(actor, key) });
  const tryRun: SchemaGateway['tryRun'] = async (actor, source, variables = {}, key = {}) =>
    new Answer(await graphql({ schema, source, variableValues: { ...variables }, contextValue: context(actor, key) }));
  return {
    ...fixture,
    context,
    tryRun,
    async run(actor, source, variables, key) {
      const answer = await tryRun(actor, source, variables, key);
      if (answer.result.errors !== undefined) throw new TypeError(answer.result.errors.map((error) => `${String(error.path?.join('.'))}: ${error.message}${error.originalError?.stack ?? ''}`).join('\n'));
      return answer;
    },
  };
}
