import { SCOPES, type ApiKeyRecord, type Scope } from '../domain/api-key.js';
import { everyRow } from '../domain/every-row.js';
import type { Label } from '../domain/label.js';
import { createApiKey } from '../operations/api-key/create-api-key.js';
import type { Outcome } from '../operations/outcome.js';
import type { ApiKeyReceipt } from '../operations/receipts.js';
import { revokeApiKey } from '../operations/api-key/revoke-api-key.js';
import { rotateApiKey } from '../operations/api-key/rotate-api-key.js';
import { readArguments } from './arguments.js';
import { WrongUsage, type Command, type Terminal } from './command.js';
import { operatorRequest, withApp } from './with-app.js';

/** `weir key`. */
export const keyCommand: Command = {
  help: `Usage: weir key create --name NAME --scope SCOPE… --repo GLOB… --branch GLOB…
                       [--read-branch GLOB…] [--path GLOB…] [--actor ACTOR] [--act-as GLOB…]
                       [--label KEY=VALUE…] [--expires DATE]
       weir key list
       weir key rotate ID [--grace SECONDS]
       weir key revoke ID

Keys of this server. Repeat an option to give several. Scopes: ${SCOPES.join(', ')}.
Globs: * within a segment, ** across. "create" and "rotate" print the key once; only its hash is kept.
After "rotate" the old secret works on for WEIR_KEY_ROTATION, or --grace: 0 ends it at once.
"revoke" ends the keys that were derived from it, too.
`,
  async run(args, terminal) {
    const [verb, ...rest] = args;
    if (verb === 'create') return create(rest, terminal);
    if (verb === 'list') return list(rest, terminal);
    if (verb === 'rotate') return rotate(rest, terminal);
    if (verb === 'revoke') return revoke(rest, terminal);
    throw new WrongUsage(verb === undefined ? 'create, list, rotate or revoke is missing.' : `${JSON.stringify(verb)} is none of create, list, rotate and revoke.`);
  },
};

async function create(args: readonly string[], terminal: Terminal): Promise<number> {
  const many = { type: 'string', multiple: true } as const;
  const { values } = readArguments(
    args,
    { name: { type: 'string' }, scope: many, repo: many, branch: many, 'read-branch': many, path: many, actor: { type: 'string' }, 'act-as': many, label: many, expires: { type: 'string' } },
    [],
  );
  if (values.name === undefined) throw new WrongUsage('--name is missing.');
  const { name, scope = [], repo = [], branch = [] } = values;
  const [scopes, labels] = [scope.map(scopeNamed), (values.label ?? []).map(labelOf)];
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
      labels,
      expiresAt: values.expires === undefined ? null : dateOf(values.expires),
    });
    return printed(outcome, secret, terminal);
  });
}

/** Prints the key of a verb that made a secret, or why there is none; answers the exit code. */
function printed(outcome: Outcome<ApiKeyReceipt>, secret: string | null, terminal: Terminal): number {
  if (outcome.ok && secret !== null) {
    terminal.out(secret);
    return 0;
  }
  if (!outcome.ok) terminal.err(`${outcome.problem.message} ${outcome.problem.hint ?? ''}`.trim());
  return 1;
}

function labelOf(text: string): Label {
  const at = text.indexOf('=');
  if (at <= 0) throw new WrongUsage(`${JSON.stringify(text)} is no label; write KEY=VALUE.`);
  return { key: text.slice(0, at), value: text.slice(at + 1) };
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
      terminal.out(lineOf(key, app.gateway.now()));
    }
    return 0;
  });
}

/** One key on a line: columns between tabs, and of the rest what it has. */
function lineOf(key: ApiKeyRecord, now: Date): string {
  const state = key.revokedAt !== null ? 'revoked' : key.expiresAt !== null && key.expiresAt <= now ? 'expired' : 'live';
  const rest: readonly (readonly [string, string | undefined])[] = [
    ['labels', key.labels.map(({ key: name, value }) => `${name}=${value}`).join(',') || undefined],
    ['expires', key.expiresAt?.toISOString()],
    ['old-secret-until', key.previousUntil !== null && key.previousUntil > now ? key.previousUntil.toISOString() : undefined],
    ['derived-from', key.lineage.at(-1)],
  ];
  const columns = [key.id, state, key.name, key.actor, key.scopes.join(','), `repos=${key.repos.join(',')}`, `branches=${key.branches.join(',')}`, `used=${key.lastUsedAt?.toISOString() ?? 'never'}`];
  return [...columns, ...rest.flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${value}`]))].join('\t');
}

async function rotate(args: readonly string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readArguments(args, { grace: { type: 'string' } }, ['ID']);
  const [id = ''] = positionals;
  const grace = values.grace === undefined ? {} : { graceMs: graceOf(values.grace) };
  return withApp(terminal, async (app) => {
    const { outcome, secret } = await rotateApiKey(operatorRequest(app), { id, ...grace });
    return printed(outcome, secret, terminal);
  });
}

function graceOf(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new WrongUsage(`--grace must be whole seconds, and ${JSON.stringify(text)} is not.`);
  return Number(text) * 1000;
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
