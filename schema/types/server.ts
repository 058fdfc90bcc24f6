import { branchKind } from '../../src/domain/branch.js';
import type { Gateway } from '../../src/operations/gateway.js';
import { VERSION } from '../../src/shared/version.js';
import { builder } from '../builder.js';
import { BranchKind } from '../enums/branch.js';
import { BranchNaming } from './repo-settings.js';

const NamingRule = builder.objectRef<{ readonly subject: string; readonly rule: string; readonly pattern: string | null }>('NamingRule').implement({
  description: 'How one kind of thing may be named.',
  fields: (t) => ({
    subject: t.exposeString('subject', { description: 'What is named: `repository`, `branch` or `path`.' }),
    rule: t.exposeString('rule', { description: 'The rule in words.' }),
    pattern: t.exposeString('pattern', { nullable: true, description: 'A regular expression that every name must match, where the deployment or the rule has one. Matching it is not all of the rule.' }),
  }),
});

const ServerLimit = builder.objectRef<{ readonly name: string; readonly value: number }>('ServerLimit').implement({
  description: 'One limit of this server.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name, as LimitExceeded quotes it. Names ending in `Bytes` and `Ms` are bytes and milliseconds.' }),
    value: t.expose('value', { type: 'SafeInt', description: 'The most that is allowed.' }),
  }),
});

const REPO_RULE =
  'One to three segments joined by "/", each of lowercase letters, digits, ".", "_" and "-", beginning with a letter or digit; 100 bytes at most, not ending in ".git".';
const BRANCH_RULE =
  'Components of letters, digits, ".", "_" and "-" joined by "/", each beginning with a letter, digit or "_" and not ending in "." or ".lock"; no ".."; ' +
  '100 bytes a component, 200 in all; not 40 or 64 hexadecimal digits; not beginning with "refs/" or "heads/"; no clash with another branch by case or as its directory. ' +
  '"session/<id>" is a working branch of a session, "proposal/<feature>-<run-id>" carries a proposal.';
const PATH_RULE =
  'Relative, components joined by "/": none empty, "." or "..", none that a file system could take for ".git", no backslash or control character, no "." or space at the end, ' +
  'no clash with a sibling by case or by the form of accents; 255 bytes a component, 1024 in all.';

/** What this server is and allows. */
export const Server = builder.objectRef<Gateway>('Server').implement({
  description: 'What this server is and allows: all that a refusal can quote.',
  fields: (t) => ({
    version: t.string({ description: 'The version of the gateway.', resolve: () => VERSION }),
    now: t.field({ type: 'DateTime', description: 'The server’s clock, which times everything.', resolve: (gateway) => gateway.now() }),
    namingRules: t.field({
      type: [NamingRule],
      description: 'How repositories, branches and paths may be named.',
      resolve: ({ repoNamePattern }) => [
        { subject: 'repository', rule: REPO_RULE, pattern: repoNamePattern?.source ?? null },
        { subject: 'branch', rule: BRANCH_RULE, pattern: null },
        { subject: 'path', rule: PATH_RULE, pattern: null },
      ],
    }),
    branchNaming: t.field({ type: BranchNaming, description: 'How new branches may be named in every repository; a repository can only ask for more.', resolve: ({ branchNaming }) => branchNaming }),
    branchKind: t.field({
      type: BranchKind,
      description: 'The kind that a branch of this name would be of.',
      args: {
        name: t.arg.string({ required: true, description: 'The name.' }),
        defaultBranch: t.arg.string({ defaultValue: 'main', description: 'The name of the default branch.' }),
      },
      resolve: (_gateway, { name, defaultBranch }) => branchKind(name, defaultBranch ?? 'main'),
    }),
    limits: t.field({
      type: [ServerLimit],
      description: 'Every limit, by name.',
      resolve: ({ limits }) => Object.entries(limits).filter((entry): entry is [string, number] => typeof entry[1] === 'number').map(([name, value]) => ({ name, value })),
    }),
  }),
});
