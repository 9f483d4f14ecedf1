import type { HeaderPair } from '../client/index.ts';
import type { GatewayAnswer } from './exchange.ts';
import type { Gateway } from './gateway.ts';

/** What a `Request` does not say about where it came from. */
export interface PeerInfo {
  /** The address of the peer, if the server tells it. Without it the peer is taken for a remote one. */
  readonly peerAddress?: string | undefined;
}

/** Answers a request, as servers that speak fetch's types want it. */
export type FetchHandler = (request: Request, peer?: PeerInfo) => Promise<Response>;

/**
 * A gateway as a fetch-style handler. The caller goes away with the request's `signal` or by cancelling the response's
 * body; a stream that breaks off is an error of that body.
 */
export function fetchHandler(gateway: Gateway): FetchHandler {
  return async (request, peer = {}) => {
    const answer = await gateway.handle({
      method: request.method,
      url: request.url,
      headers: headersOf(request),
      body: request.body ?? nothing(),
      peerAddress: peer.peerAddress,
      signal: request.signal,
    });
    return responseOf(answer);
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

/** `Headers` joins what occurs twice with ", ", `cookie` with "; ". Some servers keep `host` in the URL alone. */
function headersOf(request: Request): HeaderPair[] {
  const pairs = [...request.headers];
  return request.headers.has('host') ? pairs : [['host', new URL(request.url).host], ...pairs];
}

function responseOf({ status, headers, body }: GatewayAnswer): Response {
  // A Response with these is not allowed a body, not even an empty one.
  const isNull = [204, 205, 304].includes(status);
  if (isNull && !(body instanceof Uint8Array)) void body.return?.();
  const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  if (isNull) return new Response(null, init);
  return new Response(body instanceof Uint8Array ? body : streamOf(body), init);
}

/** A stream that takes a piece when one is asked for, and not before. */
function streamOf(body: AsyncIterableIterator<Uint8Array>): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await body.next();
        if (done === true) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await body.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
