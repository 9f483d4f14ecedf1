import type { HeaderPair } from '../client/index.ts';

/** An HTTP request as the gateway takes it, whatever server it came through. */
export interface GatewayRequest {
  /** As it came: methods are case-sensitive. */
  readonly method: string;
  /** The request target: `/mcp?query`, or a whole URL. */
  readonly url: string;
  /** One pair for each occurrence of a field, in order. */
  readonly headers: readonly HeaderPair[];
  /** The body, read once at most, and not at all where nothing needs it. */
  readonly body: AsyncIterable<Uint8Array>;
  /** The address of the peer. Without it the peer is taken for a remote one. */
  readonly peerAddress: string | undefined;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
}

/** An HTTP response of the gateway. */
export interface GatewayAnswer {
  /** 200 to 599. */
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  /**
   * Bytes, complete; or a stream, which throws where it breaks off: then the HTTP response has to be torn, so that the
   * caller sees it is not whole. A stream has to be read, or left with `return`.
   */
  readonly body: Uint8Array | AsyncIterableIterator<Uint8Array>;
}

/** A body of nothing. */
export const noBody: Uint8Array = new Uint8Array();
