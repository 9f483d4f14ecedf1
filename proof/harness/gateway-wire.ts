import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed, LengthPrefixDecoder, prefixBytes } from '../../base/length-prefix.ts';
import { type McpChunk, McpChunkSchema, type McpRequest, McpRequestSchema } from '../../proto/index.ts';

/** Header field that carries the id of a call through the gateway. The patched HTTP/2 client removes it. */
export const callHeader = 'x-fault-call';

/**
 * Placeholder deadline of a call without a deadline, in milliseconds. The patched HTTP/2 client removes its
 * `grpc-timeout`.
 */
export const noDeadlineMs = 86_400_000;

/** Changes to the messages of one call on the wire. */
export interface CallChange {
  readonly message: (message: McpRequest) => McpRequest;
  /** Returns the changed chunk, or undefined to drop it. */
  readonly chunk: ((chunk: McpChunk) => McpChunk | undefined) | undefined;
}

/** Changes by the id of the call, for `hookWire`. */
export const callChanges = new Map<string, CallChange>();

let isHooked = false;

/** Patches the HTTP/2 client of Node below grpc-js. There, a patch can send messages that grpc-js would reject. */
export function hookWire(): void {
  if (isHooked) return;
  isHooked = true;
  const connect = http2.connect.bind(http2);
  http2.connect = ((...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    const request = session.request.bind(session) as ClientHttp2Session['request'];
    session.request = ((headers?: OutgoingHttpHeaders, ...rest: []) => {
      const stream = request(withoutEndlessDeadline(headers ?? {}), ...rest);
      changeWrites(stream);
      return stream;
    }) as ClientHttp2Session['request'];
    return session;
  }) as typeof http2.connect;
}

function withoutEndlessDeadline(headers: OutgoingHttpHeaders): OutgoingHttpHeaders {
  const timeout = String(headers['grpc-timeout'] ?? '');
  const seconds = /^(\d+)S$/.exec(timeout)?.[1];
  const milliseconds = seconds === undefined ? Number.parseInt(timeout, 10) : Number(seconds) * 1000;
  if (!(milliseconds > noDeadlineMs / 2)) return headers;
  const { 'grpc-timeout': _taken, ...others } = headers;
  return others;
}

function changeWrites(stream: ClientHttp2Stream): void {
  let change: CallChange | undefined;
  const write = stream.write.bind(stream) as (bytes: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((bytes: unknown, ...rest: unknown[]) => {
    const message = bytes instanceof Uint8Array ? requestIn(bytes) : undefined;
    change = callChanges.get(message?.headers[callHeader] ?? '');
    if (message === undefined || change === undefined) return write(bytes, ...rest);
    delete message.headers[callHeader];
    return write(encodeLengthPrefixed(toBinary(McpRequestSchema, change.message(message))), ...rest);
  }) as typeof stream.write;
  const on = stream.on.bind(stream) as (event: string, listener: Listener) => ClientHttp2Stream;
  stream.on = ((event: string, listener: Listener) =>
    on(event, event === 'data' ? changedReads(listener, () => change?.chunk) : listener)) as typeof stream.on;
}

type Listener = (...args: unknown[]) => void;

/** Changes the chunks of a response. If the call has no such change, the bytes pass unmodified. */
function changedReads(listener: Listener, changeOf: () => CallChange['chunk']): Listener {
  const decoder = new LengthPrefixDecoder(64 << 20);
  return (bytes) => {
    const change = changeOf();
    if (change === undefined || !Buffer.isBuffer(bytes)) {
      listener(bytes);
      return;
    }
    for (const message of decoder.push(bytes)) {
      const chunk = change(fromBinary(McpChunkSchema, message));
      if (chunk !== undefined) listener(encodeLengthPrefixed(toBinary(McpChunkSchema, chunk)));
    }
  };
}

function requestIn(bytes: Uint8Array): McpRequest | undefined {
  if (callChanges.size === 0 || bytes.length <= prefixBytes) return undefined;
  try {
    return fromBinary(McpRequestSchema, bytes.subarray(prefixBytes));
  } catch {
    return undefined;
  }
}
