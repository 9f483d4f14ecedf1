/** The benchmark cannot run as requested. The message is one line. Leads to exit code 2. */
export class BenchUsageError extends Error {
  override readonly name = 'BenchUsageError';
  readonly code = 'usage';
}
