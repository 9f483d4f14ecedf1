import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { RuntimeChange } from '../../harness/fault.ts';

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void;

/**
 * Inserts `change` between HTTP/2 and gRPC. `change` returns the headers for gRPC, or undefined if it has handled the
 * stream itself.
 */
export function onHttp2(
  change: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => IncomingHttpHeaders | undefined,
): NonNullable<RuntimeChange['process']> {
  return (serve) => {
    const { createServer } = http2;
    http2.createServer = ((options: http2.ServerOptions) => {
      const server = createServer(options);
      const on = server.on.bind(server);
      server.on = ((event: string, listener: StreamListener) =>
        event === 'stream'
          ? on('stream', (stream, headers, flags) => {
              const changed = change(stream, headers);
              if (changed !== undefined) listener(stream, changed, flags);
            })
          : on(event, listener)) as typeof server.on;
      return server;
    }) as typeof createServer;
    return serve();
  };
}

/** Ends a call with a trailers-only response. @param status gRPC status code */
export function refuse(stream: ServerHttp2Stream, status: number): undefined {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond(headers, { endStream: true });
}

/** Changes the gRPC status code of a call. Codes are decimal strings. */
export function changeStatus(stream: ServerHttp2Stream, change: (status: string) => string): void {
  const changed = (headers: http2.OutgoingHttpHeaders | undefined) =>
    headers?.['grpc-status'] === undefined
      ? headers
      : { ...headers, 'grpc-status': change(String(headers['grpc-status'])) };
  const respond = stream.respond.bind(stream);
  const sendTrailers = stream.sendTrailers.bind(stream);
  stream.respond = (headers, options) => respond(changed(headers as http2.OutgoingHttpHeaders), options);
  stream.sendTrailers = (headers) => sendTrailers(changed(headers) ?? {});
}
