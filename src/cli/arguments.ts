import { type ParseArgsConfig, parseArgs } from 'node:util';
import { WrongUsage } from './command.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * Reads the arguments of one command: its options, and exactly the positional arguments that `positionals` names.
 * @throws WrongUsage for an unknown option, a missing value, a missing or a surplus argument.
 */
export function readArguments<const O extends Options>(args: readonly string[], options: O, positionals: readonly string[]) {
  try {
    const { values, positionals: given } = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const missing = positionals[given.length];
    if (missing !== undefined) throw new WrongUsage(`${missing} is missing.`);
    const surplus = given[positionals.length];
    if (surplus !== undefined) throw new WrongUsage(`${JSON.stringify(surplus)} is one argument too many.`);
    return { values, positionals: given };
  } catch (error) {
    // node:util marks its refusals by code; its messages are sentences that name the option.
    if (error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')) throw new WrongUsage(error.message, { cause: error });
    throw error;
  }
}

/** For commands that take none. @throws WrongUsage for any argument. */
export function noArguments(command: string, args: readonly string[]): void {
  const [first] = args;
  if (first !== undefined) throw new WrongUsage(`weir ${command} takes no arguments, and was given ${JSON.stringify(first)}.`);
}
