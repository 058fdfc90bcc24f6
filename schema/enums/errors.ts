import { builder } from '../builder.js';

// No field answers it: it stands in the schema for programs that read `extensions.code`.
builder.enumType('QueryErrorCode', {
  description: 'What `extensions.code` of an error says. The set is closed.',
  values: {
    UNKNOWN_REV: { description: 'The rev names nothing that this key can read.' },
    AMBIGUOUS_REV: { description: 'The abbreviation fits several commits.' },
    NO_MERGE_BASE: { description: 'The two commits have no common history.' },
    OBJECT_CORRUPT: { description: 'A stored object is damaged; it is never served as good.' },
    OBJECT_MISSING: { description: 'A stored object is missing.' },
    BUDGET_EXCEEDED: { description: 'The query would cost more than is allowed.' },
    CURSOR_INVALID: { description: 'The cursor is damaged, or belongs to another list.' },
    INVALID_ARGUMENT: { description: 'An argument is out of range.' },
    UNAUTHENTICATED: { description: 'There is no key, or it is not a live one.' },
    FORBIDDEN: { description: 'The key may not read this list.' },
    RATE_LIMITED: { description: 'Too many requests; see the header `Retry-After`.' },
    BUSY: { description: 'More requests wait than can be answered soon. Nothing was done; come back after `extensions.retryAfterMs` milliseconds, which the header `Retry-After` tells in whole seconds.' },
    TIMEOUT: { description: 'It took too long.' },
    UNAVAILABLE: { description: 'Something the server depends on does not answer; try again.' },
    INTERNAL: { description: 'A fault of the server; the error has an id to quote.' },
    GRAPHQL_PARSE_FAILED: { description: 'The document is not GraphQL.' },
    GRAPHQL_VALIDATION_FAILED: { description: 'The document does not fit the schema.' },
  },
});
