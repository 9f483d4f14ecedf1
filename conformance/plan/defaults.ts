import { availableParallelism } from 'node:os';

/** The configuration that is read from the working folder where none is named. */
export const configFile = 'mcp-runtime-conformance.yaml';

/** How long a target may take until it is ready, in milliseconds. */
export const defaultReadyMs = 30_000;

/** How many targets run side by side: each keeps two processes busy. */
export const defaultTogether = Math.max(1, Math.floor(availableParallelism() / 2));
