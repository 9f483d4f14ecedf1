import type { ServerHttp2Stream } from 'node:http2';
import { LengthPrefixDecoder } from './length-prefix.ts';

/** Trailers by name. */
export type Trailers = Readonly<Record<string, string>>;

/** Where the kit is the server: begins the response of a gRPC call, which ends with these trailers. */
export function beginResponse(stream: ServerHttp2Stream, trailers: Trailers = { 'grpc-status': '0' }): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => {
    if (!stream.destroyed) stream.sendTrailers(trailers);
  });
}

/** Ends a call by trailers alone. */
export function endWithTrailers(stream: ServerHttp2Stream, trailers: Trailers): void {
  if (stream.destroyed || stream.headersSent) return;
  stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...trailers }, { endStream: true });
}

/**
 * Reads the first message of a call; further ones are passed over.
 * @param limit the largest message taken, in bytes
 * @param then told of it, or of undefined where the call has none
 */
export function readMessage(
  stream: ServerHttp2Stream,
  limit: number,
  then: (message: Uint8Array | undefined) => void,
): void {
  const decoder = new LengthPrefixDecoder(limit);
  let told = false;
  const tell = (message: Uint8Array | undefined): void => {
    if (told) return;
    told = true;
    then(message);
  };
  stream.on('data', (bytes: Buffer) => {
    try {
      for (const message of decoder.push(bytes)) tell(message);
    } catch {
      stream.close(2);
    }
  });
  stream.on('end', () => tell(undefined));
}
