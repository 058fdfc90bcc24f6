import { deltas } from './deltas.js';
import type { HostilePush } from './hostile-push.js';
import { faultyObjects } from './objects.js';
import { packShapes } from './pack-shapes.js';
import { requests } from './requests.js';

/** Every crafted push, each of a name of its own. */
export function hostilePushes(): HostilePush[] {
  return [...packShapes(), ...deltas(), ...faultyObjects(), ...requests()];
}
