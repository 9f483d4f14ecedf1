import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HeaderPair, headerPairs } from '../../client/index.ts';
import type { GatewayAnswer } from '../exchange.ts';
import type { Gateway } from '../gateway.ts';

/** A listener for the event `request` of a `node:http` server. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Returns a `node:http` handler for a gateway. If a stream fails, the handler closes the connection before the end of
 * the response, so that the caller sees that it is incomplete.
 */
export function nodeHandler(gateway: Gateway): NodeHandler {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new Error('the caller disconnected'));
    });
    // The `close` event follows every error. Without a listener for `error`, Node would throw the error.
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    const answer = await gateway.handle({
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: headerPairs(incoming.rawHeaders),
      // An unread body must not destroy the connection, which the answer needs.
      body: incoming.iterator({ destroyOnReturn: false }),
      peerAddress: incoming.socket.remoteAddress,
      signal: gone.signal,
    });
    await send(answer, outgoing, gone.signal).catch(() => abortResponse(outgoing));
  };
}

async function send(
  { status, headers, body }: GatewayAnswer,
  outgoing: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (body instanceof Uint8Array) {
    const isNull = status === 204 || status === 304;
    const length: HeaderPair[] = isNull ? [] : [['content-length', String(body.byteLength)]];
    outgoing.writeHead(status, [...headers, ...length].flat());
    outgoing.end(isNull ? undefined : body);
    return;
  }
  try {
    outgoing.writeHead(status, headers.flat());
    outgoing.flushHeaders();
    for await (const piece of body) {
      if (outgoing.destroyed) break;
      if (!outgoing.write(piece)) await once(outgoing, 'drain', { signal });
    }
    outgoing.end();
  } finally {
    await body.return?.();
  }
}

/** Closes the connection in the middle of a response, after sending the written part. */
function abortResponse(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  // Without the last HTTP chunk, the caller sees an incomplete response. HTTP/1.0 has no chunks, so it needs a reset.
  if (socket === null || outgoing.req.httpVersion === '1.0') socket?.resetAndDestroy();
  else socket.end(() => outgoing.destroy());
}
