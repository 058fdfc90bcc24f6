/** Before the second attempt, in milliseconds; each further wait is twice as long. */
const FIRST_WAIT_MS = 2_000;
/** The longest wait, also where a receiver asks for a longer one: 24 h have 30 attempts and more. */
const LONGEST_WAIT_MS = 3_600_000;

/**
 * How long to wait before the next attempt, in milliseconds: doubled with each attempt that has failed (`attempts`, this one included), an hour
 * at most, and of that between a half and the whole, so that what failed at the same moment does not come back at the same moment. `random` is
 * in [0, 1). A wait that the receiver asked for is the least.
 */
export function waitBefore(attempts: number, random: number, askedMs: number | null): number {
  const whole = Math.min(FIRST_WAIT_MS * 2 ** Math.min(attempts - 1, 30), LONGEST_WAIT_MS);
  return Math.max(Math.round(whole * (0.5 + random / 2)), Math.min(askedMs ?? 0, LONGEST_WAIT_MS));
}
