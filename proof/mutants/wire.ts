import { changeStatus, onHttp2, refuse } from './http2-faults.ts';
import type { Mutant } from './mutant.ts';

const common = /^(:|te$|content-type$|user-agent$|grpc-)/;

/** Faults of gRPC itself, between HTTP/2 and the runtime. */
export const wireMutants: readonly Mutant[] = [
  {
    name: 'torn-calls-end-well',
    clause: 'RPC-12',
    about: 'A call that is not whole ends with OK',
    process: onHttp2((stream, headers) => {
      // INTERNAL: what is not whole ends so.
      changeStatus(stream, (status) => (status === '13' ? '0' : status));
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
      changeStatus(stream, (status) => (bytes === 0 ? '0' : status));
      return headers;
    }),
  },
  {
    name: 'media-type-with-format-is-refused',
    clause: 'RPC-13',
    about: 'A call that names the format of its messages is refused',
    process: onHttp2((stream, headers) =>
      headers['content-type'] === 'application/grpc' ? headers : refuse(stream, 3),
    ),
  },
  {
    name: 'every-media-type-is-grpc',
    clause: 'RPC-16',
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
