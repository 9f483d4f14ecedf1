/** Thrown for an invalid command line. The message has a line for each mistake. Leads to exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}
