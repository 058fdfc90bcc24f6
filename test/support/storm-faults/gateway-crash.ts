import { NOTHING, type Fault } from './fault.js';

/** The fault points of a write, in order; from the commit on it has happened. */
const POINTS = [
  'pack.written', 'pack.renamed', 'idx.renamed', 'dir.synced',
  'operation.objects-durable', 'operation.claimed', 'operation.applied', 'operation.appended', 'operation.before-commit', 'operation.committed',
  'events.before-commit', 'events.placed',
];
/** How often it comes to one before it dies there, at most: with 32 clients, tenths of a second. */
const TIMES = 4;

/** SIGKILL by its own hand between two steps of a write. */
export const GATEWAY_CRASH: Fault = {
  what: 'the gateway kills itself at one of the points of a write',
  rounds: 600,
  shard: 100,
  smoke: 1,
  async hit(storm, draw) {
    await storm.crash(POINTS[draw(POINTS.length)] ?? '', 1 + draw(TIMES));
    return NOTHING;
  },
};
