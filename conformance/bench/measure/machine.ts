import { availableParallelism, cpus, release, totalmem } from 'node:os';
import type { Machine } from '../report.ts';

/** Describes this machine. */
export function machine(): Machine {
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${process.platform} ${release()}`,
    arch: process.arch,
    node: process.versions.node,
  };
}
