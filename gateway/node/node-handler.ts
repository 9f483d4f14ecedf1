import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PlainSignal, type Signal, toAbortSignal } from '../../base/signal.ts';
import { type HeaderPair, headerPairs } from '../../client/index.ts';
import type { GatewayAnswer } from '../exchange.ts';
import type { Gateway } from '../gateway.ts';
import { IncomingBody } from './incoming-body.ts';
import { TurnCork } from './turn-cork.ts';

/** Time for the rest of a body after the answer, in milliseconds. A caller that sends more loses its connection. */
const lingerMs = 2000;

/** Options of {@link nodeHandler}. */
export interface NodeHandlerOptions {
  /** Whether the server leaves `100 Continue` to the handler, as for the event `checkContinue`. Default: false. */
  readonly awaitsContinue?: boolean | undefined;
}

/** A listener for the event `request` of a `node:http` server. */
export type NodeHandler = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

/**
 * Returns a `node:http` handler for a gateway. If a stream fails, the handler closes the connection before the end of
 * the response, so that the caller sees that it is incomplete.
 */
export function nodeHandler(
  gateway: Gateway,
  { awaitsContinue = false }: NodeHandlerOptions = {},
): NodeHandler {
  return async (incoming, outgoing) => {
    let isContinued = !awaitsContinue;
    const body = new IncomingBody(incoming, () => {
      // A refused request gets its refusal instead, so that the caller need not send the body.
      if (!isContinued) outgoing.writeContinue();
      isContinued = true;
    });
    closeUnfinished(incoming, outgoing);
    const gone = new PlainSignal();
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
      body,
      peerAddress: incoming.socket.remoteAddress,
      signal: gone,
    });
    // The caller may still send the body, or not, so the connection cannot carry another request.
    if (!isContinued) outgoing.shouldKeepAlive = false;
    await send(answer, outgoing, gone).catch(() => abortResponse(outgoing));
  };
}

/** Closes the connection if the body has not ended some time after the answer. */
function closeUnfinished(incoming: IncomingMessage, outgoing: ServerResponse): void {
  outgoing.once('finish', () => {
    if (incoming.complete) return;
    const timer = setTimeout(() => incoming.socket.destroy(), lingerMs).unref();
    incoming.once('close', () => clearTimeout(timer));
  });
}

async function send(
  { status, headers, body }: GatewayAnswer,
  outgoing: ServerResponse,
  gone: Signal,
): Promise<void> {
  if (body instanceof Uint8Array) {
    const isNull = status === 204 || status === 304;
    const length: HeaderPair[] = isNull ? [] : [['content-length', String(body.byteLength)]];
    outgoing.writeHead(status, [...headers, ...length].flat());
    outgoing.end(isNull ? undefined : body);
    return;
  }
  const cork = new TurnCork(outgoing);
  // Shared by all pauses, because each conversion adds a listener to `gone`.
  let signal: AbortSignal | undefined;
  try {
    cork.hold();
    outgoing.writeHead(status, headers.flat());
    outgoing.flushHeaders();
    for await (const piece of body) {
      if (outgoing.destroyed) break;
      cork.hold();
      if (outgoing.write(piece)) continue;
      cork.release();
      // The joined pieces may exceed the limit of the response, but not that of the socket. No `drain` follows then.
      if (outgoing.socket?.writableNeedDrain === false) continue;
      signal ??= toAbortSignal(gone);
      await once(outgoing, 'drain', { signal });
    }
    outgoing.end();
  } finally {
    cork.release();
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
