import { readdirSync } from 'node:fs';
import type { Fault } from './fault.js';
import { gatewayPid, limited } from './processes.js';

/** EMFILE: neither files nor connections can be opened. */
export const NO_DESCRIPTORS: Fault = {
  what: 'the gateway may open no more files',
  rounds: 50,
  shard: 50,
  smoke: 1,
  hit: async (storm) => limited(storm, 'nofile', readdirSync(`/proc/${await gatewayPid(storm)}/fd`).length),
};
