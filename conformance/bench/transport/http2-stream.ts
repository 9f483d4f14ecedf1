/** Receives the response to a request. */
export interface Http2Listener {
  /** Called for the response headers and for the trailers. */
  headers(fields: ReadonlyMap<string, string>): void;
  /** @param bytes valid only during the call */
  data(bytes: Buffer): void;
  /** Called once. @param failure the reason, unless the peer ended the stream regularly */
  end(failure: string | undefined): void;
}

/** A request that has begun and not ended. */
export interface Http2Stream {
  readonly id: number;
  readonly listener: Http2Listener;
  /** Number of bytes that may be sent. */
  window: number;
  /** The part of the body that has not been sent yet. */
  unsent: Buffer;
  /** Number of received bytes that have not been returned to the window. */
  received: number;
}
