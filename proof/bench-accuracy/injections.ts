/** The injected delay in milliseconds. */
export const delayMs = 10;

/**
 * One of this many calls is delayed. With exactly one of 100, the 99th percentile would lie between a fast call and a
 * slow one, so slightly more calls are delayed.
 */
export const delayedCallsIn = 96;
