import type { HeaderPair } from '../client/index.ts';
import type { GatewayAnswer } from './exchange.ts';
import type { Gateway } from './gateway.ts';

/** Information about the peer that a `Request` lacks. */
export interface PeerInfo {
  /** The address of the peer. Undefined counts as a remote address. */
  readonly peerAddress?: string | undefined;
}

/** A request handler with the types of the Fetch API. */
export type FetchHandler = (request: Request, peer?: PeerInfo) => Promise<Response>;

/**
 * Returns a Fetch handler for a gateway. An abort of the request's `signal` or a cancellation of the response body
 * cancels the call. A failed stream becomes an error of the body.
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

/** Returns the header fields. `Headers` has already joined repeated fields. Adds `host`, which some servers omit. */
function headersOf(request: Request): HeaderPair[] {
  const pairs = [...request.headers];
  return request.headers.has('host') ? pairs : [['host', new URL(request.url).host], ...pairs];
}

function responseOf({ status, headers, body }: GatewayAnswer): Response {
  // A Response with one of these statuses must not have a body, not even an empty one.
  const isNull = [204, 205, 304].includes(status);
  if (isNull && !(body instanceof Uint8Array)) void body.return?.();
  const init = { status, headers: headers.map(([name, value]): [string, string] => [name, value]) };
  if (isNull) return new Response(null, init);
  return new Response(body instanceof Uint8Array ? body : streamOf(body), init);
}

/** Returns a stream that reads a piece only on demand. */
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
