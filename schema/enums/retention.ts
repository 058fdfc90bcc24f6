import { builder } from '../builder.js';

/** The enum RetentionAction: what a rule of retention has done to a branch. */
export const RetentionAction = builder.enumType('RetentionAction', {
  description: 'What a rule of retention has done to a branch.',
  values: {
    KEEP: { description: 'Nothing: it stays, whatever later rules say.' },
    MARK: { description: 'It is marked (`Branch.markedAt`) until it moves.' },
    CLOSE_PROPOSAL: { description: 'The proposals that come from it and have not ended are closed.' },
    DELETE: { description: 'It is deleted, and proposals that come from it are closed. `restoreBranch` brings it back.' },
  },
});
