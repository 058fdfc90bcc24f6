/** The repository that most keys of the tests may read; it holds every canary. */
export const REPO = 'canary-repo/app';
/** A repository that the kind `foreign` may read. */
export const OTHER_REPO = 'elsewhere/theirs';

/** Parts of the world that each have a right of their own to be read: see ZONE_GUARDS of the model. */
export const ZONES = ['repo', 'main', 'session', 'audit', 'key'] as const;
/** One of them. */
export type Zone = (typeof ZONES)[number];

/** The word that stands in every text of a zone (names, contents, messages, prompts, bodies) and in no text of another. */
export const CANARIES: Readonly<Record<Zone, string>> = { repo: 'canary-repo', main: 'canary-main', session: 'canary-session', audit: 'canary-audit', key: 'canary-key' };
