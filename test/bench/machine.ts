import { availableParallelism, cpus, release, totalmem, type as systemName } from 'node:os';
import { runGit } from './native-git.js';

/** What a run was measured on: ratios travel between machines, milliseconds do not. */
export interface Machine {
  readonly cpu: string;
  /** How many this process may use. */
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  readonly git: string;
}

/** This machine. */
export function describeMachine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown processor',
    cores: availableParallelism(),
    memoryGb: Math.round(totalmem() / 2 ** 30),
    system: `${systemName()} ${release()}`,
    node: process.versions.node,
    git: runGit('.', ['version']).trim(),
  };
}
