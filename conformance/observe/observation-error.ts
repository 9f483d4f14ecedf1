/** What of a response could not be read. Its message names the clause. */
export class ObservationError extends Error {
  readonly code = 'unreadable-response';

  constructor(message: string) {
    super(message);
    this.name = 'ObservationError';
  }
}
