/** The MCP revisions with a handshake and sessions that this runtime serves, latest first. */
export const servedRevisions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

/** Whether streams of a revision begin with an event that carries an id and no data. */
export function hasPrimingEvents(revision: string): boolean {
  return revision >= '2025-11-25';
}
