import { builder } from './builder.js';
import { MergeSide } from './enums/diff.js';
import { DeletePath, WriteFile } from './inputs.js';
import { CONTENTS } from './texts.js';

const TakeSide = builder.inputType('TakeSide', {
  description: 'The file of one side, where that side has it; a side without one deletes.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'The path of the conflict.' }),
    side: t.field({ type: MergeSide, required: true, description: 'Whose file to take.' }),
  }),
});

const TakeHunk = builder.inputType('TakeHunk', {
  description: 'Sides of one conflicting place, one after another.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The hunk, by the id that the conflict answers.' }),
    sides: t.field({ type: [MergeSide], required: true, description: 'The sides, joined in this order; none leaves the place empty. BASE only where the hunk has one.' }),
  }),
});

const ReplaceHunk = builder.inputType('ReplaceHunk', {
  description: 'Other text for one conflicting place.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'The hunk, by the id that the conflict answers.' }),
    text: t.string({ extensions: CONTENTS, required: true, description: 'The text, newlines included.' }),
  }),
});

const ResolveHunk = builder.inputType('ResolveHunk', {
  description: 'What stands in the place of one hunk; exactly one member.',
  isOneOf: true,
  fields: (t) => ({
    take: t.field({ type: TakeHunk, description: 'What sides have there.' }),
    replace: t.field({ type: ReplaceHunk, description: 'Something else.' }),
  }),
});

const ResolveHunks = builder.inputType('ResolveHunks', {
  description: 'A file whose conflicting places are settled one by one; what both sides have merged already stays.',
  fields: (t) => ({
    path: t.string({ required: true, description: 'The path of the conflict.' }),
    hunks: t.field({ type: [ResolveHunk], required: true, description: 'Every hunk of the conflict, once.' }),
  }),
});

/** How one conflicting path is settled. */
export const ConflictResolution = builder.inputType('ConflictResolution', {
  description: 'How one conflicting path is settled; exactly one member. What a path is not resolved for stays in conflict.',
  isOneOf: true,
  fields: (t) => ({
    take: t.field({ type: TakeSide, description: 'Take one side’s file.' }),
    content: t.field({ type: WriteFile, description: 'Write this file; its path is that of the conflict.' }),
    hunks: t.field({ type: ResolveHunks, description: 'Settle the hunks one by one.' }),
    delete: t.field({ type: DeletePath, description: 'Delete the path.' }),
  }),
});

/** How arguments that take resolutions are described. */
export const RESOLUTIONS =
  'Settles conflicts, each path once; a path that does not conflict is refused. What is left over is answered as conflicts. A rebase takes them commit by commit: several for one path settle its conflicts in order.';
