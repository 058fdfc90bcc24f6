import { describe, expect, test } from 'vitest';
import { noArguments, readArguments } from '../../src/cli/arguments.js';
import { type Command, WrongUsage } from '../../src/cli/command.js';
import { type Commands, runCommandLine } from '../../src/cli/run.js';
import { StartRefused } from '../../src/shared/start-refused.js';

const GREET: Command = {
  help: 'Usage: weir greet NAME\n',
  async run(args, terminal) {
    const { positionals, values } = readArguments(args, { loud: { type: 'boolean' } }, ['NAME']);
    if (positionals[0] === 'nobody') throw new StartRefused('Nobody is here. Name somebody.');
    if (positionals[0] === 'bug') throw new RangeError('a bug');
    terminal.out(`hello ${positionals.join()}${values.loud === true ? '!' : ''}`);
    return Promise.resolve(0);
  },
};
const COMMANDS: Commands = new Map([['greet', { summary: 'say hello', load: () => Promise.resolve(GREET) }]]);

async function run(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(args, COMMANDS, '1.2.3', { out: (line) => out.push(line), err: (line) => err.push(line) });
  return { code, out: out.join('\n'), err: err.join('\n') };
}

describe('the command line', () => {
  test('runs the named command on its arguments', async () => {
    expect(await run('greet', 'Ann', '--loud')).toEqual({ code: 0, out: 'hello Ann!', err: '' });
  });

  test.each([['--help'], ['-h'], ['help']])('%s lists the commands on standard output', async (flag) => {
    const { code, out, err } = await run(flag);
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('  greet  say hello');
  });

  test('without arguments it lists the commands on standard error and fails', async () => {
    const { code, out, err } = await run();
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('  greet  say hello');
  });

  test.each([[['greet', '--help']], [['greet', 'Ann', '-h']], [['help', 'greet']]])('%j prints the help of the command without running it', async (args) => {
    expect(await run(...args)).toEqual({ code: 0, out: 'Usage: weir greet NAME', err: '' });
  });

  test('--version prints the version', async () => {
    expect(await run('--version')).toEqual({ code: 0, out: '1.2.3', err: '' });
  });

  test('an unknown command is wrong usage', async () => {
    expect(await run('grete')).toEqual({ code: 2, out: '', err: '"grete" is no command of weir. See: weir --help' });
    expect((await run('help', 'grete')).code).toBe(2);
  });

  test.each<[string[], string]>([
    [['greet'], 'NAME is missing.'],
    [['greet', 'Ann', 'Bob'], '"Bob" is one argument too many.'],
    [['greet', 'Ann', '--shout'], "Unknown option '--shout'."],
  ])('%j is wrong usage and says where the help is', async (args, sentence) => {
    const { code, out, err } = await run(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(sentence);
    expect(err).toMatch(/ See: weir greet --help$/);
  });

  test('a refusal is one sentence without a stack', async () => {
    expect(await run('greet', 'nobody')).toEqual({ code: 1, out: '', err: 'Nobody is here. Name somebody.' });
  });

  test('a bug keeps its stack', async () => {
    await expect(run('greet', 'bug')).rejects.toThrow(RangeError);
  });

  test('a command without arguments refuses any', () => {
    expect(() => noArguments('serve', ['4000'])).toThrow(new WrongUsage('weir serve takes no arguments, and was given "4000".'));
    noArguments('serve', []);
  });
});
