import { constants, type ServerHttp2Stream } from 'node:http2';
import { gzipSync } from 'node:zlib';
import { variations } from '../../harness/fault.ts';
import { changeFields, onHttp2, refuse, withHttp2Options } from '../changes/http2.ts';

/** The number of bytes before each gRPC message: a compression flag and the length of the message. */
const prefixBytes = 5;

/** Length of a message from which compression pays off. */
const worthCompressing = 100;

/** Compresses a long message with its prefix. */
function compressed(message: Buffer): Buffer {
  if (message.length < worthCompressing) return message;
  const body = gzipSync(message.subarray(prefixBytes));
  const prefix = Buffer.from([1, 0, 0, 0, 0]);
  prefix.writeUInt32BE(body.length, 1);
  return Buffer.concat([prefix, body]);
}

type Listener = (bytes: Buffer) => void;

/** Passes on the first message of a call, and drops the bytes after it. */
function firstMessage(listener: Listener): Listener {
  let head = Buffer.alloc(0);
  let left: number | undefined;
  return (bytes) => {
    let given = bytes;
    if (left === undefined) {
      head = Buffer.concat([head, bytes]);
      if (head.length < prefixBytes) return;
      left = prefixBytes + head.readUInt32BE(1);
      given = head;
    }
    const passed = given.subarray(0, left);
    left -= passed.length;
    if (passed.length > 0) listener(passed);
  };
}

/** Calls `onTorn` in place of an answer to a call whose message is missing or incomplete. */
function onTornCall(stream: ServerHttp2Stream, onTorn: () => void): void {
  const { respond } = stream;
  let bytes = Buffer.alloc(0);
  let isTorn = false;
  stream.on('data', (more: Buffer) => {
    bytes = Buffer.concat([bytes, more]);
  });
  stream.on('end', () => {
    isTorn = bytes.length < prefixBytes || bytes.length < prefixBytes + bytes.readUInt32BE(1);
  });
  stream.respond = (...response) => {
    if (isTorn) onTorn();
    else respond.apply(stream, response);
  };
}

/** Variations of how the runtime reads the gRPC call around a message. Each needs a process of its own. */
export const rpcCallsVariations = variations([
  {
    name: 'frames-have-padding',
    clause: 'RPC-1',
    about: 'The runtime sends HTTP/2 frames with padding',
    process: withHttp2Options({ paddingStrategy: constants.PADDING_STRATEGY_MAX }),
  },
  {
    name: 'answers-are-compressed',
    clause: 'RPC-1',
    about: 'The runtime compresses its longer messages with gzip for clients that accept it',
    process: onHttp2((stream, headers) => {
      if (!String(headers['grpc-accept-encoding']).includes('gzip')) return headers;
      changeFields(stream, (fields) =>
        fields['grpc-encoding'] === undefined ? fields : { ...fields, 'grpc-encoding': 'gzip' },
      );
      const write = stream.write.bind(stream) as (message: Buffer, written?: () => void) => boolean;
      const replacement = (message: Buffer, written?: () => void) => write(compressed(message), written);
      Object.assign(stream, { write: replacement });
      return headers;
    }),
  },
  {
    name: 'paths-that-name-nothing-are-bad-requests',
    clause: 'RPC-2',
    about: 'The runtime answers a path that names no method of a service with a plain HTTP 400',
    process: onHttp2((stream, headers) => {
      if (/^\/[^/]+\/[^/]+$/.test(String(headers[':path']))) return headers;
      stream.respond({ ':status': 400, 'content-type': 'text/plain' });
      stream.end('Bad request\n');
      return undefined;
    }),
  },
  {
    name: 'incomplete-calls-are-reset',
    clause: 'RPC-12',
    about: 'The runtime resets calls whose message is incomplete',
    process: onHttp2((stream, headers) => {
      if (headers[':method'] === 'POST')
        onTornCall(stream, () => stream.close(constants.NGHTTP2_INTERNAL_ERROR));
      return headers;
    }),
  },
  {
    name: 'first-of-several-messages-is-served',
    clause: 'RPC-12',
    about: 'The runtime carries out the first message of a call and ignores all bytes after it',
    process: onHttp2((stream, headers) => {
      const on = stream.on.bind(stream);
      const replacement = (event: string, listener: Listener) =>
        on(event, event === 'data' ? firstMessage(listener) : listener);
      Object.assign(stream, { on: replacement });
      return headers;
    }),
  },
  {
    name: 'calls-without-te-are-refused',
    clause: 'RPC-13',
    about: 'The runtime refuses calls without the header field te',
    process: onHttp2((stream, headers) =>
      headers.te === undefined && headers[':method'] === 'POST' ? refuse(stream, 13) : headers,
    ),
  },
  {
    name: 'invalid-timeouts-are-no-deadline',
    clause: 'RPC-15',
    about: 'The runtime treats an invalid grpc-timeout as no deadline',
    process: onHttp2((_stream, { 'grpc-timeout': timeout, ...others }) =>
      timeout === undefined || !/^\d{1,8}[HMSmun]$/.test(String(timeout))
        ? others
        : { ...others, 'grpc-timeout': timeout },
    ),
  },
  {
    name: 'other-media-types-have-a-status',
    clause: 'RPC-16',
    about: 'The runtime refuses calls with another media type on the layer of gRPC',
    process: onHttp2((stream, headers) =>
      /^application\/grpc(?:\+proto)?$/.test(String(headers['content-type'])) ? headers : refuse(stream, 3),
    ),
  },
]);
