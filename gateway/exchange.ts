import type { Signal } from '../base/signal.ts';
import type { HeaderPair } from '../client/index.ts';

/** An HTTP request to the gateway, independent of the HTTP server. */
export interface GatewayRequest {
  /** The method, unchanged, because methods are case-sensitive. */
  readonly method: string;
  /** The request target: `/mcp?query` or an absolute URL. */
  readonly url: string;
  /** The header fields in order. A repeated field has one pair per occurrence. */
  readonly headers: readonly HeaderPair[];
  /** The body. The gateway reads it at most once, and only if needed. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The address of the peer. Undefined counts as a remote address. */
  readonly peerAddress: string | undefined;
  /** Aborts when the caller disconnects. `toAbortSignal` converts it for APIs that need an `AbortSignal`. */
  readonly signal: Signal;
}

/** An HTTP response from the gateway. */
export interface GatewayAnswer {
  /** 200 to 599. */
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  /**
   * Complete bytes, or a stream. If the stream throws, the server must abort the HTTP response, so that the caller
   * sees that it is incomplete. The server must read the stream to its end or call `return`.
   */
  readonly body: Uint8Array | AsyncIterableIterator<Uint8Array>;
}

/** An empty body. */
export const noBody: Uint8Array = new Uint8Array();
