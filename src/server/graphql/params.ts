import { GraphQLError } from 'graphql';
import type { GraphQLParams } from 'graphql-yoga';
import type { Limits } from '../../domain/limits.js';
import { bodyRefusal, jsonRefusal } from './body-limits.js';

/** What bodies are held to; the limits of a gateway are one. */
export type BodyLimits = Pick<Limits, 'requestBytes' | 'changesPerCheckpoint'>;

/**
 * The operation that a request carries (GraphQL over HTTP, 5): JSON by POST, parameters by GET, nothing else. JSON is no type that a
 * foreign page's form can send, so no request that does something comes without the browser asking this server first (CSRF).
 * `body` is null where it was too long to be taken. Throws a GraphQLError that has a code and a status.
 */
export function readParams(request: Request, body: Buffer | null, limits: BodyLimits): GraphQLParams {
  if (request.method === 'GET') return paramsOfUrl(new URL(request.url).searchParams);
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/json *(?:;|$)/iu.test(type)) throw refusal(415, 'Send the operation as application/json.');
  if (/charset *= *"?(?!utf-?8\b)/iu.test(type)) throw refusal(415, 'Send the operation in UTF-8.');
  if (body === null) throw tooLong(limits.requestBytes);
  // Told by its first bytes: a batch is not read to its end to be refused.
  if (/^\s*\[/u.test(body.toString('latin1', 0, 64))) throw refusal(400, 'Batches are not answered: send one operation in a request, with as many fields as you like.');
  const refused = bodyRefusal(body, 1, limits.changesPerCheckpoint);
  if (refused !== null) throw refused;
  return paramsOf(parseJson(body.toString('utf8'), 'The body'), 'The body');
}

function tooLong(maximum: number): GraphQLError {
  return new GraphQLError(`The limit "requestBytes" is ${maximum}, and the body is longer. Files of any size go to POST /blobs/REPO.`, {
    extensions: { code: 'BUDGET_EXCEEDED', http: { status: 413 } },
  });
}

function paramsOfUrl(parameters: URLSearchParams): GraphQLParams {
  const operation: Record<string, unknown> = {};
  for (const name of ['query', 'operationName']) {
    const value = parameters.get(name);
    if (value !== null && value !== '') operation[name] = value;
  }
  for (const name of ['variables', 'extensions']) {
    const value = parameters.get(name);
    if (value === null || value === '') continue;
    const refused = jsonRefusal(value, `The parameter "${name}"`);
    if (refused !== null) throw refused;
    operation[name] = parseJson(value, `The parameter "${name}"`);
  }
  return paramsOf(operation, 'The address');
}

/** Takes the four members of the specification and leaves others be, as it says. */
function paramsOf(body: unknown, place: string): GraphQLParams {
  if (!isObject(body)) throw refusal(400, `${place} must be an object with a member "query".`);
  const { query, operationName, variables, extensions } = body;
  if (typeof query !== 'string') throw refusal(400, `${place} needs the operation as text in "query".`);
  if (!isAbsent(operationName) && typeof operationName !== 'string') throw refusal(400, '"operationName" must be text.');
  if (!isAbsent(variables) && !isObject(variables)) throw refusal(400, '"variables" must be an object.');
  if (!isAbsent(extensions) && !isObject(extensions)) throw refusal(400, '"extensions" must be an object.');
  return {
    query,
    ...(isAbsent(operationName) ? {} : { operationName }),
    ...(isAbsent(variables) ? {} : { variables }),
    ...(isAbsent(extensions) ? {} : { extensions }),
  };
}

function parseJson(text: string, place: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal(400, `${place} is not JSON.`);
  }
}

function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Where nothing of GraphQL has been understood yet, the status says so to every client. */
function refusal(status: number, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'INVALID_ARGUMENT', http: { status, headers: { allow: 'GET, POST' } } } });
}
