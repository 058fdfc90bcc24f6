import type { Scope } from '../../src/domain/api-key.js';
import { matchesGlob } from '../../src/domain/glob.js';
import { keyWith, type KeyTraits } from './key-kinds.js';
import { CANARIES, REPO, ZONES, type Zone } from './names.js';

/**
 * What must hold for a field to be answered; several are joined by `+`. `read`, `auditor` and `admin` ask for a scope alone; `repo` and `audit` for READ
 * and AUDIT within the repository of the world; `main` and `session` for READ of its branches. `open` is for everyone.
 */
export type Atom = 'open' | 'read' | 'auditor' | 'admin' | 'repo' | 'audit' | 'main' | 'session';

const within = (globs: readonly string[], name: string): boolean => globs.some((glob) => matchesGlob(glob, name));
const holds = (traits: KeyTraits, scope: Scope): boolean => keyWith(traits).scopes.some((held) => held === scope || held === 'ADMIN');

/** The whole of reading, in ten lines, written without looking at the gateway's own rules: true when such a key may be answered. */
export function mayRead(traits: KeyTraits, guard: string): boolean {
  const key = keyWith(traits);
  const reached = within(key.repos, REPO);
  const repo = holds(traits, 'READ') && reached;
  const atoms: Readonly<Record<string, boolean>> = {
    open: true, read: holds(traits, 'READ'), auditor: holds(traits, 'AUDIT'), admin: holds(traits, 'ADMIN'), repo, audit: holds(traits, 'AUDIT') && reached,
    main: repo && within(key.readBranches, 'main'), session: repo && within(key.readBranches, 'session/1'),
  };
  return guard.split('+').every((atom) => atoms[atom] ?? false);
}

const ZONE_GUARDS: Readonly<Record<Zone, Atom>> = { repo: 'repo', main: 'main', session: 'session', audit: 'audit', key: 'admin' };

/** The words that must occur in nothing that such a key is answered. */
export function forbiddenWords(traits: KeyTraits): readonly string[] {
  return ZONES.flatMap((zone) => (mayRead(traits, ZONE_GUARDS[zone]) ? [] : [CANARIES[zone]]));
}

/** What a mutation does, as far as authorization is concerned. */
export interface Demand {
  readonly scope: Scope;
  /** A scope that does as well. */
  readonly or?: Scope;
  /** In a repository that exists (the default), making one, or on the server. */
  readonly where?: 'repo' | 'new-repo' | 'server';
  /** Branches that are read beside what the scope itself reaches; they ask for READ. */
  readonly reads?: readonly string[];
  /** A branch that the scope itself reaches without writing it. */
  readonly reaches?: string;
  readonly writes?: string;
  readonly makes?: string;
  readonly paths?: readonly string[];
}

/** The whole of writing: how far such a key gets with a mutation, PASSED when authorization is behind it. */
export function verdict(traits: KeyTraits, demand: Demand, repoName = REPO): 'NOT_FOUND' | 'FORBIDDEN' | 'PASSED' {
  const key = keyWith(traits);
  const { where = 'repo', reads = [], reaches = demand.writes, writes, makes, paths = [] } = demand;
  const named = writes ?? makes;
  const isHeld = [demand.scope, demand.or].some((scope) => scope !== undefined && holds(traits, scope));
  if (where === 'repo' && (!within(key.repos, repoName) || !(isHeld || holds(traits, 'READ')))) return 'NOT_FOUND';
  if (!isHeld || (where === 'new-repo' && !within(key.repos, repoName))) return 'FORBIDDEN';
  if (reads.some((branch) => !holds(traits, 'READ') || !within(key.readBranches, branch))) return 'NOT_FOUND';
  if (reaches !== undefined && !within(key.readBranches, reaches)) return 'NOT_FOUND';
  if (named !== undefined && !(within(key.branches, named) && within(key.readBranches, named))) return 'FORBIDDEN';
  return paths.every((path) => within(key.paths, path)) ? 'PASSED' : 'FORBIDDEN';
}
