import { availableParallelism } from 'node:os';

export { configFile } from '../case/config-file-name.ts';

/** Time limit for a target to become ready, in milliseconds. */
export const defaultReadyMs = 30_000;

/** Number of targets that run concurrently. Each keeps two processes busy. */
export const defaultTogether = Math.max(1, Math.floor(availableParallelism() / 2));
