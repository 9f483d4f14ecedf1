import { availableParallelism } from 'node:os';

/** The name of the default configuration file, in the working folder. */
export const configFile = 'mcp-runtime-conformance.yaml';

/** Time limit for a target to become ready, in milliseconds. */
export const defaultReadyMs = 30_000;

/** Number of targets that run concurrently. Each keeps two processes busy. */
export const defaultTogether = Math.max(1, Math.floor(availableParallelism() / 2));
