import type { FormattedExecutionResult, GraphQLError, GraphQLFormattedError } from 'graphql';

/** A result as graphql-js and graphql-ws have it. */
interface Result {
  readonly data?: Record<string, unknown> | null | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly extensions?: Record<string, unknown> | undefined;
}

/** A result as it is sent by transports of our own. */
export function formatted({ data, errors, extensions }: Result): FormattedExecutionResult {
  return {
    ...(data === undefined ? {} : { data }),
    ...(errors === undefined ? {} : { errors: errors.map(withoutHttp) }),
    ...(extensions === undefined ? {} : { extensions }),
  };
}

/** The error as it is sent; `http` is a word between here and Yoga. */
export function withoutHttp(error: GraphQLError): GraphQLFormattedError {
  const { extensions = {}, ...shown } = error.toJSON();
  const { http: _, ...others } = extensions;
  return { ...shown, extensions: others };
}
