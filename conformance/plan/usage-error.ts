/** The command line cannot be carried out. The message is one line for each mistake. Exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
  readonly code = 'usage';
}
