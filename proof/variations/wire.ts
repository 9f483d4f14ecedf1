import { changeStatus, onHttp2 } from '../mutants/http2-faults.ts';
import type { Variation } from './variation.ts';

/** Bytes before the message: a flag and its length. */
const prefixBytes = 5;

/** What libraries of gRPC do differently, below the runtimes that stand on them. */
export const wireVariations: readonly Variation[] = [
  {
    name: 'grpc-js-by-itself',
    clause: 'DEADLINE-1',
    about: 'Deadlines are as grpc-js has them: of months pass at once, and some calls outlast theirs',
    hooks: { interceptors: [] },
    options: { limits: { chunkBytes: 128 } },
  },
  {
    name: 'incomplete-calls-wait',
    clause: 'RPC-12',
    about: 'A call without a whole message is never answered, as asyncio has it in grpcio',
    process: onHttp2((stream, headers) => {
      if (headers[':method'] !== 'POST') return headers;
      const { respond } = stream;
      let bytes = Buffer.alloc(0);
      let torn = false;
      stream.on('data', (more: Buffer) => {
        bytes = Buffer.concat([bytes, more]);
      });
      stream.on('end', () => {
        torn = bytes.length < prefixBytes || bytes.length < prefixBytes + bytes.readUInt32BE(1);
      });
      stream.respond = (...response) => {
        if (!torn) respond.apply(stream, response);
      };
      return headers;
    }),
  },
  {
    name: 'unknown-methods-have-a-page',
    clause: 'RPC-2',
    about: 'What is no method is answered by HTTP alone, 404 and a page, as an HTTP server in Go has it',
    process: onHttp2((stream, headers) => {
      const names =
        /^\/contextforge\.mcp\.runtime\.v1\.McpRuntime\/(Invoke|InvokeStream|CloseSession|HealthCheck)$/;
      if (names.test(String(headers[':path']))) return headers;
      stream.respond({ ':status': 404, 'content-type': 'text/plain' });
      stream.end('404 page not found\n');
      return undefined;
    }),
  },
  {
    name: 'compression-has-other-statuses',
    clause: 'LIMIT-4',
    about: 'An unknown compression is INTERNAL as in grpcio, too large a message UNKNOWN as in grpc-java',
    process: onHttp2((stream, headers) => {
      const other: Record<string, string> = { '12': '13', '8': '2' };
      if (headers['grpc-encoding'] !== undefined) changeStatus(stream, (status) => other[status] ?? status);
      return headers;
    }),
  },
];
