import { builder } from '../builder.js';

/** The enum ImportState: how far an import is. */
export const ImportState = builder.enumType('ImportState', {
  description: 'How far an import is.',
  values: {
    RUNNING: { description: 'It waits for its turn, or is worked on.' },
    DONE: { description: 'The repository is there, with every branch and tag.' },
    FAILED: { description: 'There is no repository; `problem` says why.' },
    CANCELLED: { description: 'It was called off with `cancelImport`; there is no repository.' },
  },
});
