import { NOTHING, type Fault } from './fault.js';

/** The fault points of a write, in order; the last one lies behind the commit. */
const POINTS = ['pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced', 'operation.objects-durable', 'operation.applied', 'operation.before-commit', 'operation.committed'];

/** SIGKILL by its own hand between two steps of a write. */
export const GATEWAY_CRASH: Fault = {
  what: 'the gateway kills itself at one of the points of a write',
  rounds: 600,
  shard: 40,
  smoke: 0,
  async hit(storm, draw) {
    const aim = `${POINTS[draw(POINTS.length)] ?? ''}:${1 + draw(4)}`;
    await storm.replace((gateway) => gateway.kill(), { CRASH_AT: aim });
    // Clients go on asking the one that is to die, or it would never come to the point.
    await (await storm.gateway()).exited;
    await storm.replace(NOTHING);
    return NOTHING;
  },
};
