import { canRedo, canUndo } from '../../src/operations/reading/history/read-timeline.js';
import { builder } from '../builder.js';
import { Branch } from '../refs.js';

builder.objectFields(Branch, (t) => ({
  canUndo: t.boolean({ description: 'Whether `undo` has a checkpoint to take back.', resolve: (branch, _args, { request }) => canUndo(request, branch) }),
  canRedo: t.boolean({ description: 'Whether `redo` has a checkpoint to bring again; a forward move after an undo leaves none.', resolve: (branch, _args, { request }) => canRedo(request, branch) }),
}));
