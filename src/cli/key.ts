import { SCOPES, type Scope } from '../domain/api-key.js';
import { everyRow } from '../domain/every-row.js';
import { createApiKey } from '../operations/create-api-key.js';
import { revokeApiKey } from '../operations/revoke-api-key.js';
import { readArguments } from './arguments.js';
import { WrongUsage, type Command, type Terminal } from './command.js';
import { operatorRequest, withApp } from './with-app.js';

/** `weir key`. */
export const keyCommand: Command = {
  help: `Usage: weir key create --name NAME --scope SCOPE… --repo GLOB… --branch GLOB…
                       [--read-branch GLOB…] [--path GLOB…] [--actor ACTOR] [--act-as GLOB…] [--expires DATE]
       weir key list
       weir key revoke ID

Keys of this server. Repeat an option to give several. Scopes: ${SCOPES.join(', ')}.
Globs: * within a segment, ** across. "create" prints the key once; only its hash is kept.
`,
  async run(args, terminal) {
    const [verb, ...rest] = args;
    if (verb === 'create') return create(rest, terminal);
    if (verb === 'list') return list(rest, terminal);
    if (verb === 'revoke') return revoke(rest, terminal);
    throw new WrongUsage(verb === undefined ? 'create, list or revoke is missing.' : `${JSON.stringify(verb)} is none of create, list and revoke.`);
  },
};

async function create(args: readonly string[], terminal: Terminal): Promise<number> {
  const many = { type: 'string', multiple: true } as const;
  const { values } = readArguments(
    args,
    { name: { type: 'string' }, scope: many, repo: many, branch: many, 'read-branch': many, path: many, actor: { type: 'string' }, 'act-as': many, expires: { type: 'string' } },
    [],
  );
  if (values.name === undefined) throw new WrongUsage('--name is missing.');
  const { name, scope = [], repo = [], branch = [] } = values;
  const scopes = scope.map(scopeNamed);
  return withApp(terminal, async (app) => {
    const { outcome, secret } = await createApiKey(operatorRequest(app), {
      name,
      scopes,
      repos: repo,
      branches: branch,
      readBranches: values['read-branch'] ?? null,
      paths: values.path ?? null,
      actor: values.actor ?? null,
      actAs: values['act-as'] ?? null,
      expiresAt: values.expires === undefined ? null : dateOf(values.expires),
    });
    if (outcome.ok && secret !== null) {
      terminal.out(secret);
      return 0;
    }
    if (!outcome.ok) terminal.err(`${outcome.problem.message} ${outcome.problem.hint ?? ''}`.trim());
    return 1;
  });
}

function scopeNamed(text: string): Scope {
  const scope = SCOPES.find((each) => each === text.toUpperCase());
  if (scope === undefined) throw new WrongUsage(`${JSON.stringify(text)} is no scope.`);
  return scope;
}

function dateOf(text: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new WrongUsage(`${JSON.stringify(text)} is no date; write 2030-01-31 or 2030-01-31T12:00:00Z.`);
  return date;
}

async function list(args: readonly string[], terminal: Terminal): Promise<number> {
  readArguments(args, {}, []);
  return withApp(terminal, async (app) => {
    const reader = app.storage.reader();
    for (const key of await everyRow((page) => reader.apiKeys(page))) {
      const expired = key.expiresAt !== null && key.expiresAt <= app.gateway.now();
      const state = key.revokedAt !== null ? 'revoked' : expired ? 'expired' : 'live';
      terminal.out([key.id, state, key.name, key.actor, key.scopes.join(','), `repos=${key.repos.join(',')}`, `branches=${key.branches.join(',')}`, `used=${key.lastUsedAt?.toISOString() ?? 'never'}`].join('\t'));
    }
    return 0;
  });
}

async function revoke(args: readonly string[], terminal: Terminal): Promise<number> {
  const { positionals } = readArguments(args, {}, ['ID']);
  const [id = ''] = positionals;
  return withApp(terminal, async (app) => {
    const outcome = await revokeApiKey(operatorRequest(app), { id });
    if (outcome.ok) terminal.out(`Revoked ${id}.`);
    else terminal.err(outcome.problem.message);
    return outcome.ok ? 0 : 1;
  });
}
