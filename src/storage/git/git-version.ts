/** The oldest version that is used: 2.34 is what long-supported systems carry. */
const OLDEST = { major: 2, minor: 34 } as const;

/** Why a program that printed this after `--version` is not used, in one sentence; null when it is. */
export function versionFault(printed: string): string | null {
  const [, major, minor] = /^git version (\d+)\.(\d+)/u.exec(printed) ?? [];
  const needed = `git ${OLDEST.major}.${OLDEST.minor} or newer is needed on the server for clones, fetches and archives`;
  if (major === undefined || minor === undefined) return `${needed}, and its git program does not tell its version.`;
  const isOld = Number(major) < OLDEST.major || (Number(major) === OLDEST.major && Number(minor) < OLDEST.minor);
  return isOld ? `${needed}, and it has ${major}.${minor}.` : null;
}

/** The sentence where there is no program at all. */
export const NO_GIT = `git ${OLDEST.major}.${OLDEST.minor} or newer is needed on the server for clones, fetches and archives, and there is none. Everything else works.`;
