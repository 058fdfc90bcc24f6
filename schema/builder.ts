import SchemaBuilder from '@pothos/core';
import ComplexityPlugin, { ComplexityErrorKind } from '@pothos/plugin-complexity';
import RelayPlugin from '@pothos/plugin-relay';
import { QueryError } from '../src/operations/reading/query-error.js';
import type { Context } from './context.js';

/** What each scalar is on the inside, both as input and as output. */
type Scalars = {
  readonly ID: { readonly Input: string; readonly Output: string };
  readonly DateTime: { readonly Input: Date; readonly Output: Date };
  /** Milliseconds. */
  readonly Duration: { readonly Input: number; readonly Output: number };
  readonly GitObjectID: { readonly Input: string; readonly Output: string };
  readonly SafeInt: { readonly Input: number; readonly Output: number };
};

/** The types that every part of the schema is built with: fields are non-null unless they say otherwise. */
export interface WeirTypes {
  readonly Context: Context;
  readonly Scalars: Scalars;
  readonly DefaultFieldNullability: false;
  readonly DefaultEdgesNullability: false;
  readonly DefaultNodeNullability: false;
}

/** The builder of the schema. Every file of this folder adds to it; `index.ts` imports them all and makes the schema. */
export const builder = new SchemaBuilder<WeirTypes>({
  plugins: [ComplexityPlugin, RelayPlugin],
  defaultFieldNullability: false,
  relay: {
    idFieldOptions: { description: 'The node id.' },
    edgesFieldOptions: { nullable: false, description: 'The items of this page, each with its cursor.' },
    nodeFieldOptions: { nullable: false, description: 'The item itself.' },
    nodesOnConnection: { description: 'The items of this page, for whoever needs no cursors.' },
    cursorFieldOptions: { description: 'Where this item stands: pass it as `after` or `before` to continue from here. Opaque.' },
    pageInfoFieldOptions: { description: 'Whether there is more on either side, and the cursors to ask with.' },
    pageInfoTypeOptions: { description: 'Where a page stands within its list, as the Relay connection specification has it.' },
    hasNextPageFieldOptions: { description: 'True when items follow this page.' },
    hasPreviousPageFieldOptions: { description: 'True when items come before this page.' },
    startCursorFieldOptions: { description: 'The cursor of the first item; null on an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last item, or the position that a filtered search has reached; null when there is neither.' },
    nodeTypeOptions: { description: 'Anything with an id of its own that the query `node` finds again. Ids look like `Branch:…`; treat the rest as opaque.' },
    nodeQueryOptions: false,
    nodesQueryOptions: false,
  },
  complexity: {
    defaultComplexity: 1,
    defaultListMultiplier: 1,
    // In fields that would be resolved if every page were full: 2 × 2 × 2 nested connections cost dozens, 50 × 50 with ten
    // fields 25,000, and 100 × 100 × 100 a million.
    limit: ({ request }) => ({ complexity: request.gateway.limits.queryCost, depth: request.gateway.limits.queryDepth }),
    complexityError: (kind, cost) =>
      new QueryError(
        'BUDGET_EXCEEDED',
        kind === ComplexityErrorKind.Depth
          ? `The query nests ${cost.depth} levels deep; at most ${cost.maxDepth ?? 0} are answered.`
          : `The query may resolve ${cost.complexity} fields; at most ${cost.maxComplexity ?? 0} are answered. Ask for smaller pages.`,
      ),
  },
});

builder.queryType({ description: 'Everything that can be read. What a key may not read answers as if it did not exist.' });
builder.mutationType({
  description:
    'Everything that can be done, one field a verb. Each answers a union of its success and the refusals that can happen: ' +
    'a refusal is data, nothing was written, and the next step is in its `hint`.',
});
builder.subscriptionType({
  description:
    'Events as they are committed, in order for each repository and without gaps. `after: cursor` resumes with the next event, ' +
    'across disconnects, restarts and a change of gateway; without it the stream begins now.',
});
