import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type HeaderPair, headerPairs } from '../../client/index.ts';
import type { GatewayAnswer } from '../exchange.ts';
import type { Gateway } from '../gateway.ts';

/** A listener for the event `request` of a server of `node:http`. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * A gateway as a handler for `node:http`. Where a stream breaks off, the connection ends without the end of the
 * response, so that the caller sees that it is not whole.
 */
export function nodeHandler(gateway: Gateway): NodeHandler {
  return async (incoming, outgoing) => {
    const gone = new AbortController();
    outgoing.once('close', () => {
      if (!outgoing.writableFinished) gone.abort(new Error('the caller went away'));
    });
    // The response reports these errors, too; without a listener they would be thrown.
    outgoing.on('error', () => {});
    incoming.on('error', () => {});
    const answer = await gateway.handle({
      method: incoming.method ?? '',
      url: incoming.url ?? '',
      headers: headerPairs(incoming.rawHeaders),
      // Leaving the body unread has to leave the connection for the answer.
      body: incoming.iterator({ destroyOnReturn: false }),
      peerAddress: incoming.socket.remoteAddress,
      signal: gone.signal,
    });
    await send(answer, outgoing, gone.signal).catch(() => tear(outgoing));
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

/** Ends the connection in the middle of a response, after what has been written of it. */
function tear(outgoing: ServerResponse): void {
  const { socket } = outgoing;
  // Without the last chunk of the chunked coding the response is not whole; HTTP/1.0 has no such mark.
  if (socket === null || outgoing.req.httpVersion === '1.0') socket?.resetAndDestroy();
  else socket.end(() => outgoing.destroy());
}
