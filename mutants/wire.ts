import http2, { type IncomingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Mutant } from './mutant.ts';

type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, flags: number) => void;

/** Puts a change between HTTP/2 and gRPC: what it returns are the headers that gRPC sees; undefined ends the matter. */
function onHttp2(
  change: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => IncomingHttpHeaders | undefined,
): NonNullable<Mutant['process']> {
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

function refuse(stream: ServerHttp2Stream, status: number): undefined {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond(headers, { endStream: true });
}

/** Turns a status that gRPC ends a call with into OK. */
function endWell(stream: ServerHttp2Stream, when: (status: string) => boolean): void {
  const mend = (headers: http2.OutgoingHttpHeaders | undefined) =>
    headers?.['grpc-status'] !== undefined && when(String(headers['grpc-status']))
      ? { ...headers, 'grpc-status': '0' }
      : headers;
  const respond = stream.respond.bind(stream);
  const sendTrailers = stream.sendTrailers.bind(stream);
  stream.respond = (headers, options) => respond(mend(headers as http2.OutgoingHttpHeaders), options);
  stream.sendTrailers = (headers) => sendTrailers(mend(headers) ?? {});
}

const common = /^(:|te$|content-type$|user-agent$|grpc-)/;

/** Faults of gRPC itself, between HTTP/2 and the runtime. */
export const wireMutants: readonly Mutant[] = [
  {
    name: 'torn-calls-end-well',
    clause: 'RPC-12',
    about: 'A call that is not whole ends with OK',
    process: onHttp2((stream, headers) => {
      // INTERNAL: what is not whole ends so.
      endWell(stream, (status) => status === '13');
      return headers;
    }),
  },
  {
    name: 'calls-without-message-end-well',
    clause: 'RPC-12',
    about: 'A call without a message ends with OK, but for Invoke',
    process: onHttp2((stream, headers) => {
      if (String(headers[':path']).endsWith('/Invoke')) return headers;
      let bytes = 0;
      stream.on('data', (data: Buffer) => {
        bytes += data.length;
      });
      endWell(stream, () => bytes === 0);
      return headers;
    }),
  },
  {
    name: 'every-media-type-is-grpc',
    clause: 'RPC-13',
    about: 'A request of another media type is taken as gRPC',
    process: onHttp2((_, headers) => ({ ...headers, 'content-type': 'application/grpc' })),
  },
  {
    name: 'metadata-is-refused',
    clause: 'RPC-14',
    about: 'A call with metadata that the runtime does not know is refused',
    process: onHttp2((stream, headers) =>
      Object.keys(headers).every((name) => common.test(name)) ? headers : refuse(stream, 3),
    ),
  },
  {
    name: 'every-timeout-in-hours',
    clause: 'RPC-15',
    about: 'Every timeout counts in hours',
    process: onHttp2((_, headers) => {
      const timeout = headers['grpc-timeout'];
      return typeof timeout === 'string'
        ? { ...headers, 'grpc-timeout': timeout.replace(/[MSmun]$/, 'H') }
        : headers;
    }),
  },
];
