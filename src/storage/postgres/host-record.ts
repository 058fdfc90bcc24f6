import { readFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { StartRefused, errorCode } from '../../shared/start-refused.js';
import { machineFrom, sameKernel, thisMachine } from './machine.js';

/**
 * Refuses a data directory whose database another machine has started and not stopped: on a shared disk Postgres itself cannot see
 * that, and two servers on one cluster destroy it. A record of this machine, also from before a reboot, is no obstacle.
 * Where a container of the same kernel holds it, the socket tells whether its server lives.
 * @throws StartRefused naming the machine and the file to delete once that machine is known to be gone.
 */
export function refuseForeignHost(recordFile: string): void {
  let text: string;
  try {
    text = readFileSync(recordFile, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return;
    throw error;
  }
  const record = parse(text);
  const here = thisMachine();
  if (record === undefined || sameKernel(record, here) || record.host === here.host) return;
  throw new StartRefused(`The database is in use on the machine ${record.host} (says ${recordFile}). Stop Weir there first; if that machine is gone for good, delete that file and start again.`);
}

/** Records that this machine runs the server, before it is started. */
export async function recordHost(recordFile: string): Promise<void> {
  await writeFile(recordFile, `${JSON.stringify({ ...thisMachine(), since: new Date().toISOString() })}\n`, { mode: 0o600, flush: true });
}

/** Records that no machine runs it, after it has stopped. */
export async function forgetHost(recordFile: string): Promise<void> {
  await rm(recordFile, { force: true });
}

function parse(text: string): ReturnType<typeof machineFrom> {
  try {
    return machineFrom(JSON.parse(text));
  } catch {
    return undefined;
  }
}
