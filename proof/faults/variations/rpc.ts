import { Metadata } from '@grpc/grpc-js';
import { rpcNames, rpcPath } from '../../../proto/index.ts';
import { variations } from '../../harness/fault.ts';
import { onConnections, onHttp2 } from '../changes/http2.ts';
import { channelOptions, onHandlers, onUnary } from '../changes/runtime.ts';

/** The number of bytes before each gRPC message: a compression flag and the length of the message. */
const prefixBytes = 5;

/** Variations of the RPCs and of request fields. */
export const rpcVariations = variations([
  {
    name: 'unknown-methods-have-a-page',
    clause: 'RPC-2',
    about: 'The runtime answers an unknown RPC with a plain HTTP 404, like a Go HTTP server',
    process: onHttp2((stream, headers) => {
      if (rpcNames.some((rpc) => headers[':path'] === rpcPath(rpc))) return headers;
      stream.respond({ ':status': 404, 'content-type': 'text/plain' });
      stream.end('404 page not found\n');
      return undefined;
    }),
  },
  {
    name: 'answers-take-their-time',
    clause: 'RPC-11',
    about: 'The runtime delays every response by 15 ms',
    hooks: onUnary((handler) => (call, callback) => {
      handler(call, (...answer) => {
        setTimeout(() => callback(...answer), 15);
      });
    }),
  },
  {
    name: 'answers-out-of-order',
    clause: 'RPC-11',
    about: 'The runtime delays each response by a random time of up to 20 ms',
    hooks: onUnary((handler) => (call, callback) => {
      handler(call, (...answer) => {
        setTimeout(() => callback(...answer), Math.random() * 20);
      });
    }),
  },
  {
    name: 'hundred-calls-on-a-connection',
    clause: 'RPC-11',
    about: 'The runtime serves at most 100 concurrent calls on a connection',
    hooks: channelOptions({ 'grpc.max_concurrent_streams': 100 }),
  },
  {
    name: 'connections-are-given-up',
    clause: 'RPC-11',
    about: 'The runtime sends GOAWAY after 50 ms and lets in-flight calls finish',
    hooks: channelOptions({ 'grpc.max_connection_age_ms': 50, 'grpc.max_connection_age_grace_ms': 60_000 }),
  },
  {
    name: 'incomplete-calls-wait',
    clause: 'RPC-12',
    about: 'The runtime leaves incomplete calls unanswered, like grpcio with asyncio',
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
    name: 'metadata-and-trailers',
    clause: 'RPC-14',
    about: 'The runtime sends its own metadata and trailers with every call',
    hooks: onHandlers(({ invoke, closeSession, healthCheck, invokeStream }) => {
      const metadata = () => {
        const fields = new Metadata();
        fields.set('x-served-by', 'variation');
        fields.set('x-bytes-bin', Buffer.from([0, 255]));
        return fields;
      };
      return {
        invoke: (call, callback) => {
          call.sendMetadata(metadata());
          invoke(call, (error, value) => callback(error, value, metadata()));
        },
        closeSession: (call, callback) => {
          call.sendMetadata(metadata());
          closeSession(call, (error, value) => callback(error, value, metadata()));
        },
        healthCheck: (call, callback) => {
          call.sendMetadata(metadata());
          healthCheck(call, (error, value) => callback(error, value, metadata()));
        },
        invokeStream: (call) => {
          call.sendMetadata(metadata());
          invokeStream(call);
        },
      };
    }),
  },
  {
    name: 'pings-have-a-limit',
    clause: 'RPC-19',
    about: 'The runtime ends a connection with PINGs less than 200 ms apart',
    process: onConnections((session) => {
      let last = Number.NEGATIVE_INFINITY;
      session.on('ping', () => {
        const now = performance.now();
        if (now - last < 200) session.destroy(undefined, 11);
        last = now;
      });
    }),
  },
  {
    name: 'goaway-after-cancelled-calls',
    clause: 'RPC-21',
    about: 'The runtime sends GOAWAY after 500 cancelled calls and lets open calls finish',
    process: (serve) => {
      const resets = new WeakMap<object, number>();
      return onHttp2((stream, headers) => {
        const { session } = stream;
        stream.once('aborted', () => {
          if (session === undefined) return;
          const count = (resets.get(session) ?? 0) + 1;
          resets.set(session, count);
          if (count === 500) session.close();
        });
        return headers;
      })(serve);
    },
  },
  {
    name: 'requests-with-trailers-reset',
    clause: 'RPC-22',
    about: 'The runtime resets a call whose client sends trailer fields',
    process: onHttp2((stream, headers) => {
      stream.once('trailers', () => stream.close(1));
      return headers;
    }),
  },
]);
