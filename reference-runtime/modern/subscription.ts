import { atExpiry } from '../identity/at-expiry.ts';
import type { EventSink } from '../session/event-stream.ts';

/** The method that opens a subscription. */
export const listenMethod = 'subscriptions/listen';

/**
 * Ends a subscription with its result when the credentials of its caller expire.
 * @param id the id of the request as a JSON token
 * @param expiresAt milliseconds since the epoch, or 0 for credentials that do not expire
 */
export function endAtExpiry(sink: EventSink, id: string, expiresAt: bigint): void {
  const end = () => {
    void sink.write(`data: ${resultOf(id)}\n\n`);
    sink.end();
  };
  sink.onClose(atExpiry(expiresAt, end));
}

function resultOf(id: string): string {
  const meta = `{"io.modelcontextprotocol/subscriptionId":${id}}`;
  return `{"jsonrpc":"2.0","id":${id},"result":{"resultType":"complete","_meta":${meta}}}`;
}
