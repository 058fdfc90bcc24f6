import { heldScopes } from '../../src/auth/scopes.js';
import { ApiKey } from '../refs.js';
import { builder } from '../builder.js';
import { Scope } from '../enums/log.js';
import type { Viewer as ViewerRecord } from '../../src/auth/viewer.js';

/** Who asks. */
export const Viewer = builder.objectRef<ViewerRecord>('Viewer').implement({
  description: 'Who asks: the key of this request, and for whom it speaks.',
  fields: (t) => ({
    key: t.field({ type: ApiKey, description: 'The key.', resolve: ({ key }) => key }),
    actor: t.exposeString('actor', { description: 'For whom everything of this request is recorded and judged.' }),
    onBehalfOf: t.exposeString('onBehalfOf', { nullable: true, description: 'The person named by the header `Weir-Actor`; null when the key speaks for itself.' }),
    scopes: t.field({ type: [Scope], description: 'What the key may do; all, when it holds ADMIN.', resolve: ({ key }) => [...heldScopes(key)] }),
  }),
});
