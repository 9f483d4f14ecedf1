/** What of a response could not be read. Its message names the clause. */
export class ObservationError extends Error {
  override readonly name = 'ObservationError';
  readonly code = 'unreadable-response';
}
