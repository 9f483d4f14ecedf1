/** How often a property is checked, for `fc.assert`. */
export interface FuzzRuns {
  readonly numRuns: number;
  readonly interruptAfterTimeLimit?: number;
  readonly markInterruptAsFailure?: boolean;
}

/**
 * Returns how often to check a property of a fuzzer: a fixed number of times, or for the seconds in FUZZ_SECONDS, which
 * `npm run fuzz` sets.
 */
export function fuzzRuns(numRuns: number): FuzzRuns {
  const seconds = Number(process.env['FUZZ_SECONDS'] ?? 0);
  if (!(seconds > 0)) return { numRuns };
  // A property that stops because its time is over has not failed.
  return {
    numRuns: Number.MAX_SAFE_INTEGER,
    interruptAfterTimeLimit: seconds * 1_000,
    markInterruptAsFailure: false,
  };
}
