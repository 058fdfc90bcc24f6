import { diffBetween, previewBetween } from '../../src/operations/reading/comparing/between-revs.js';
import { builder } from '../builder.js';
import { REV } from '../descriptions.js';
import { MergeStrategy } from '../enums/diff.js';
import { DiffOptions } from '../inputs.js';
import { ConflictResolution, RESOLUTIONS } from '../resolutions.js';
import { Diff, MergePreview, Repo } from '../refs.js';

builder.objectFields(Repo, (t) => ({
  diff: t.field({
    type: Diff,
    nullable: true,
    description: 'The diff between two revs: what `to` added since it left `from`, unless the options compare them directly.',
    args: {
      from: t.arg.string({ required: true, description: `The old side. ${REV}` }),
      to: t.arg.string({ required: true, description: `The new side. ${REV}` }),
      options: t.arg({ type: DiffOptions, description: 'How the diff is made.' }),
    },
    resolve: (repo, { from, to, options }, { request }) => diffBetween(request, repo, from, to, options),
  }),
  mergePreview: t.field({
    type: MergePreview,
    nullable: true,
    description: 'What merging one rev into another would give, without writing anything.',
    args: {
      from: t.arg.string({ required: true, description: `THEIRS: what comes in. ${REV}` }),
      into: t.arg.string({ required: true, description: `OURS: what would be written. ${REV}` }),
      strategy: t.arg({ type: MergeStrategy, description: 'How it would be written; MERGE unless given.' }),
      resolutions: t.arg({ type: [ConflictResolution], description: RESOLUTIONS }),
    },
    resolve: (repo, { from, into, strategy, resolutions }, { request }) => previewBetween(request, repo, from, into, strategy ?? 'MERGE', resolutions ?? []),
  }),
}));
