/** What the cases of every run are made from unless told otherwise. */
const USUAL_SEED = 20_260_101;

/**
 * The seed of every generated case of a run. `npm test` asks the same each time, so that a failure is of the change and not of the day;
 * `WEIR_TEST_SEED=random` explores, and `WEIR_TEST_SEED=<number>` asks again what a run that failed has printed.
 */
export const SEED = seedFrom(process.env['WEIR_TEST_SEED']);

/** The seed that a setting names: the usual one unless given, one of 2^31 for `random`. Throws a RangeError for what is neither. */
export function seedFrom(setting: string | undefined): number {
  if (setting === undefined || setting === '') return USUAL_SEED;
  if (setting === 'random') return Math.floor(Math.random() * 2 ** 31);
  const seed = Number(setting);
  if (!Number.isSafeInteger(seed) || Math.abs(seed) > 2 ** 31) throw new RangeError(`WEIR_TEST_SEED is a whole number or "random", not ${JSON.stringify(setting)}`);
  return seed;
}
