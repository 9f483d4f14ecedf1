import type { Call } from '../http/call.ts';
import type { Session } from '../session/session.ts';
import type { Exchange } from './connection.ts';
import type { RequestMessage } from './envelope.ts';

/** A request that was begun. */
export interface BegunRequest {
  /** Stops its work. */
  cancel(): void;
  /** Lets it outlive its call, which ended in the regular way. */
  release(): void;
}

/** Begins a request, which ends with its call (DEADLINE-1, DEADLINE-2, POST-5). */
export function beginRequest(session: Session, { signal }: Call, exchange: Exchange): BegunRequest {
  const cancel = session.connection.request(exchange);
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  const release = () => {
    if (!signal.aborted) signal.removeEventListener('abort', cancel);
  };
  return { cancel, release };
}

/** Whether a request is the handshake that opens a session (INIT-1, SESSION-1). */
export function isHandshake(call: Call, message: RequestMessage): boolean {
  return message.method === 'initialize' && call.sessionId === '';
}
