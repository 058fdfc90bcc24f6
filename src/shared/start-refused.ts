/**
 * Weir will not start (or a command will not run) for a reason that its operator can act on: a setting, a file, a port, a database.
 * `message` is complete sentences for a person, the last of which says what to do; it never contains a password. The command line
 * prints it without a stack and exits with 1. Anything else that stops a start is a bug and keeps its stack.
 */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}

/** The code of a system or database error (`ENOENT`, `57P03`, …), or `undefined` for values that carry none. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
