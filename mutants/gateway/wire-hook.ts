import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed, prefixBytes } from '../../conformance/wire/length-prefix.ts';
import { type McpRequest, McpRequestSchema } from '../../proto/index.ts';

/** Carries a call's number through the gateway; taken off again before the wire. */
export const callHeader = 'x-mutant-call';

/** A deadline that stands for none: with it a call goes out without `grpc-timeout`. Milliseconds. */
export const noDeadlineMs = 86_400_000;

/** Changes the message of the call with this number; undefined: it is nobody's. */
export type ChangeMessage = (message: McpRequest, call: string) => McpRequest;

const changes = new Set<ChangeMessage>();
let isInstalled = false;

/** Changes messages on their way to the wire, until disposed of. */
export function hookWire(change: ChangeMessage): Disposable {
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
  const write = stream.write.bind(stream) as (bytes: unknown, ...rest: unknown[]) => boolean;
  stream.write = ((bytes: unknown, ...rest: unknown[]) =>
    write(bytes instanceof Uint8Array ? changed(bytes) : bytes, ...rest)) as typeof stream.write;
}

function changed(bytes: Uint8Array): Uint8Array {
  if (changes.size === 0 || bytes.length <= prefixBytes) return bytes;
  const message = decoded(bytes);
  const call = message?.headers[callHeader];
  if (message === undefined || call === undefined) return bytes;
  delete message.headers[callHeader];
  let next = message;
  for (const change of changes) next = change(next, call);
  return encodeLengthPrefixed(toBinary(McpRequestSchema, next));
}

function decoded(bytes: Uint8Array): McpRequest | undefined {
  try {
    return fromBinary(McpRequestSchema, bytes.subarray(prefixBytes));
  } catch {
    return undefined;
  }
}
