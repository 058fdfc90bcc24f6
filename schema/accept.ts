import { builder } from './builder.js';

/** A file of a proposal to accept, whole or by hunks. */
export const Accept = builder.inputType('AcceptInput', {
  description: 'A file of a proposal to accept, whole or by hunks.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'Where it is now, or where it was; a file that moved answers to both.' }),
    hunks: t.idList({ description: 'These hunks alone, by id, of a diff of the head with white space shown, whatever its context. Any of them brings the rename or the mode of the file along. The whole file unless given; an empty list is refused.' }),
  }),
});

/** How lists of accepted files are described. */
export const ONLY = 'Accept these files and hunks alone, each file once.';
