import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Storm } from '../storm.js';
import { FAILING_MS } from './fault.js';
import { gatewayPid } from './processes.js';

/** Has a system call of the running gateway fail for a while, by a tracer that lets go of it again. */
export async function failing(storm: Storm, call: string, error: string): Promise<() => Promise<void>> {
  const tracer = spawn('strace', ['-f', '-q', '-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:error=${error}`, '-p', String(await gatewayPid(storm))], { stdio: 'ignore' });
  await sleep(2 * FAILING_MS);
  return async () => {
    const gone = once(tracer, 'exit');
    tracer.kill('SIGINT');
    await gone;
  };
}
