/** A server-sent event of a stream. */
export interface StreamEvent {
  readonly id: string;
  /** One JSON-RPC message, or "" for an event that only sets an id. */
  readonly data: string;
  /** Milliseconds after which a reader may resume a closed stream. */
  readonly retryMs?: number;
}

/** Formats one event (STREAM-6). Serialised JSON has no line breaks, so one `data` line is enough. */
export function frameEvent(event: StreamEvent): string {
  const retry = event.retryMs === undefined ? '' : `retry: ${event.retryMs}\n`;
  return `id: ${event.id}\n${retry}data: ${event.data}\n\n`;
}

/** A comment that keeps an idle stream alive (STREAM-7). Readers ignore it. */
export const keepAliveComment = ': keep-alive\n\n';
