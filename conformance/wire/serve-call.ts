import type { ServerHttp2Stream } from 'node:http2';
import { LengthPrefixDecoder } from '../../base/length-prefix.ts';

/** Trailers by name. */
export type Trailers = Readonly<Record<string, string>>;

/** Starts the response of a gRPC call that the kit serves. The response ends with these trailers. */
export function beginResponse(stream: ServerHttp2Stream, trailers: Trailers = { 'grpc-status': '0' }): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers(trailers);
  });
}

/** Ends a call with a trailers-only response. */
export function endWithTrailers(stream: ServerHttp2Stream, trailers: Trailers): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
}

/**
 * Reads the first message of a call and ignores further ones.
 * @param limit maximum size of a message in bytes
 * @param then receives the message, or undefined for a call without messages
 */
export function readMessage(
  stream: ServerHttp2Stream,
  limit: number,
  then: (message: Uint8Array | undefined) => void,
): void {
  const decoder = new LengthPrefixDecoder(limit);
  let isDone = false;
  const finish = (message: Uint8Array | undefined): void => {
    if (isDone) return;
    isDone = true;
    then(message);
  };
  stream.on('data', (bytes: Buffer) => {
    try {
      for (const message of decoder.push(bytes)) finish(message);
    } catch {
      stream.close(2);
    }
  });
  stream.on('end', () => finish(undefined));
}
