/** A server-sent event of a stream. */
export interface StreamEvent {
  readonly id: string;
  /** One JSON-RPC message, or nothing: an event that only gives an id. */
  readonly data: string;
  /** Milliseconds after which a reader whose stream was closed may come back. */
  readonly retryMs?: number;
}

/** Frames one event (STREAM-6). JSON has no line ends of its own, so one `data` line is enough. */
export function frameEvent(event: StreamEvent): string {
  const retry = event.retryMs === undefined ? '' : `retry: ${event.retryMs}\n`;
  return `id: ${event.id}\n${retry}data: ${event.data}\n\n`;
}

/** A comment, which readers ignore: it keeps an idle stream alive (STREAM-7). */
export const keepAliveComment = ': keep-alive\n\n';
