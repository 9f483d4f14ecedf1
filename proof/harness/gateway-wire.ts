import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import {
  encodeLengthPrefixed,
  LengthPrefixDecoder,
  prefixBytes,
} from '../../conformance/wire/length-prefix.ts';
import { type McpChunk, McpChunkSchema, type McpRequest, McpRequestSchema } from '../../proto/index.ts';

/** Carries a call's number through the gateway; taken off again before the wire. */
export const callHeader = 'x-mutant-call';

/** A deadline that stands for none: with it a call goes out without `grpc-timeout`. Milliseconds. */
export const noDeadlineMs = 86_400_000;

/** What is changed of the calls of one gateway, which are known by their number. */
export interface WireChanges {
  readonly message: (message: McpRequest, call: string) => McpRequest;
  /** undefined: the chunk gets lost. */
  readonly chunk: (chunk: McpChunk, call: string) => McpChunk | undefined;
}

const changes = new Set<WireChanges>();
let isInstalled = false;

/** Changes messages on their way to the wire, until disposed of. */
export function hookWire(change: WireChanges): Disposable {
  install();
  changes.add(change);
  return { [Symbol.dispose]: () => changes.delete(change) };
}

/** gRPC's client takes node's own HTTP/2, where calls can be changed that the client itself would not let through. */
function install(): void {
  if (isInstalled) return;
  isInstalled = true;
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
  let call: string | undefined;
  const write = stream.write.bind(stream) as (bytes: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((bytes: unknown, ...rest: unknown[]) => {
    const message = bytes instanceof Uint8Array ? requestIn(bytes) : undefined;
    call = message?.headers[callHeader];
    return write(
      message === undefined || call === undefined ? bytes : changedRequest(message, call),
      ...rest,
    );
  }) as typeof stream.write;
  const on = stream.on.bind(stream) as (event: string, listener: Listener) => ClientHttp2Stream;
  stream.on = ((event: string, listener: Listener) =>
    event === 'data'
      ? on(
          event,
          changedReads(listener, () => call),
        )
      : on(event, listener)) as typeof stream.on;
}

type Listener = (...args: unknown[]) => void;

/** Cuts what comes into messages, so that those that are chunks can be changed. What is none comes as it is. */
function changedReads(listener: Listener, callOf: () => string | undefined): Listener {
  const decoder = new LengthPrefixDecoder(64 << 20);
  return (bytes) => {
    const call = callOf();
    if (!call?.startsWith('chunks:') || !Buffer.isBuffer(bytes)) {
      listener(bytes);
      return;
    }
    for (const message of decoder.push(bytes)) {
      let chunk: McpChunk | undefined = fromBinary(McpChunkSchema, message);
      for (const change of changes) chunk = chunk && change.chunk(chunk, call);
      if (chunk !== undefined) listener(encodeLengthPrefixed(toBinary(McpChunkSchema, chunk)));
    }
  };
}

function changedRequest(message: McpRequest, call: string): Uint8Array {
  delete message.headers[callHeader];
  let next = message;
  for (const change of changes) next = change.message(next, call);
  return encodeLengthPrefixed(toBinary(McpRequestSchema, next));
}

function requestIn(bytes: Uint8Array): McpRequest | undefined {
  if (changes.size === 0 || bytes.length <= prefixBytes) return undefined;
  try {
    return fromBinary(McpRequestSchema, bytes.subarray(prefixBytes));
  } catch {
    return undefined;
  }
}
