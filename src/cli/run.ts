import { StartRefused } from '../shared/start-refused.js';
import { type Command, type Terminal, WrongUsage } from './command.js';

/** The commands by name, each with the line that `weir --help` shows; loaded only when run, so that `--help` needs no database driver. */
export type Commands = ReadonlyMap<string, { readonly summary: string; load(): Promise<Command> }>;

/**
 * Runs one command line (without node and script) and answers the exit code: that of the command; 1 with one sentence on standard
 * error when it was refused; 2 when the usage was wrong. Bugs are thrown, with their stack.
 */
export async function runCommandLine(args: readonly string[], commands: Commands, version: string, terminal: Terminal): Promise<number> {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || (name === 'help' && rest.length === 0)) {
    for (const line of overview(commands)) (name === undefined ? terminal.err : terminal.out)(line);
    return name === undefined ? 2 : 0;
  }
  if (name === '--version' || name === '-v') {
    terminal.out(version);
    return 0;
  }
  const [wanted, ...given] = name === 'help' ? [...rest, '--help'] : args;
  const entry = commands.get(wanted ?? '');
  if (entry === undefined) {
    terminal.err(`${JSON.stringify(wanted)} is no command of weir. See: weir --help`);
    return 2;
  }
  const command = await entry.load();
  if (given.some((argument) => argument === '--help' || argument === '-h')) {
    terminal.out(command.help.trimEnd());
    return 0;
  }
  return runOne(command, wanted ?? '', given, terminal);
}

async function runOne(command: Command, name: string, args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await command.run(args, terminal);
  } catch (error) {
    if (error instanceof StartRefused) {
      terminal.err(error.message);
      return 1;
    }
    if (error instanceof WrongUsage) {
      terminal.err(`${error.message} See: weir ${name} --help`);
      return 2;
    }
    throw error;
  }
}

function overview(commands: Commands): string[] {
  const width = Math.max(...[...commands.keys()].map((name) => name.length));
  return [
    'Weir, a GraphQL gateway over git for software that writes.',
    '',
    'Usage: weir COMMAND [ARGUMENTS]',
    '',
    ...[...commands].map(([name, { summary }]) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    'weir COMMAND --help says more. Settings come from the environment: PORT, HOST, WEIR_DATA, DATABASE_URL, …',
  ];
}
