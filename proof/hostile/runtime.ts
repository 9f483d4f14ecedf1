import {
  createServer as createHttp2Server,
  type Http2Session,
  type ServerHttp2Stream,
  type Settings,
} from 'node:http2';
import { createServer, type Server, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import { beginResponse, endWithTrailers, readMessage } from '../../conformance/wire/serve-call.ts';
import {
  HealthResponseSchema,
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  McpRequestSchema,
  type McpResponse,
  McpResponseSchema,
} from '../../proto/index.ts';

type Parts<Message> = Partial<Omit<Message, '$typeName' | '$unknown'>>;

/** A call to a hostile target, with its HTTP/2 stream and the underlying socket for raw frames. */
export interface ServedCall {
  readonly rpc: string;
  readonly stream: ServerHttp2Stream;
  readonly socket: Socket;
  readonly request: McpRequest;
}

type Serve = (call: ServedCall) => void;

/** Replacements for RPC handlers and connection behaviour. Without a replacement, the target behaves correctly. */
export interface Faults {
  readonly health?: Serve;
  readonly invoke?: Serve;
  readonly invokeStream?: Serve;
  readonly closeSession?: Serve;
  /** Default for `invoke`, `invokeStream` and `closeSession`. */
  readonly calls?: Serve;
  readonly connection?: (socket: Socket) => void;
  readonly settings?: Settings;
}

/** Serves a minimal runtime on a socket, with some behaviour replaced. */
export function serve(socketPath: string, faults: Faults = {}): Server {
  const http2 = createHttp2Server({ settings: faults.settings ?? {} });
  const sockets = new WeakMap<Http2Session, Socket>();
  http2.on('sessionError', () => undefined);
  http2.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    const socket = stream.session && sockets.get(stream.session);
    if (socket === undefined) return;
    const rpc = String(headers[':path']).split('/').at(-1) ?? '';
    readRequest(stream, (request) => pick(faults, rpc)({ rpc, stream, socket, request }));
  });
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    http2.once('session', (session) => sockets.set(session, socket));
    http2.emit('connection', wrapSocket(socket));
    faults.connection?.(socket);
  });
  server.listen(socketPath);
  return server;
}

/** Wraps the socket in a stream for the HTTP/2 server, so that a target can also write raw frames to the socket. */
function wrapSocket(socket: Socket): Duplex {
  const duplex = new Duplex({
    read: () => socket.resume(),
    write: (bytes: Buffer, _encoding, done) => {
      if (socket.write(bytes)) done();
      else socket.once('drain', () => done());
    },
    final: (done) => socket.end(done),
    destroy: (_error, done) => {
      socket.destroy();
      done(null);
    },
  });
  duplex.on('error', () => undefined);
  socket.on('data', (bytes: Buffer) => {
    if (!duplex.push(bytes)) socket.pause();
  });
  socket.on('close', () => duplex.destroy());
  return duplex;
}

function pick(faults: Faults, rpc: string): Serve {
  switch (rpc) {
    case 'HealthCheck':
      return faults.health ?? answerHealth;
    case 'Invoke':
      return faults.invoke ?? faults.calls ?? answerInvoke;
    case 'InvokeStream':
      return faults.invokeStream ?? faults.calls ?? keepOpen;
    case 'CloseSession':
      return faults.closeSession ?? faults.calls ?? ((call) => answer(call, { status: 200 }));
    default:
      return (call) => fail(call, { 'grpc-status': '12' });
  }
}

/** Sends the response headers of a gRPC call. @param trailers sent when the response ends */
export function begin(
  { stream }: ServedCall,
  trailers: Record<string, string> = { 'grpc-status': '0' },
): void {
  beginResponse(stream, trailers);
}

/** Ends a call with messages and status OK. */
export function reply(call: ServedCall, ...messages: readonly Uint8Array[]): void {
  if (call.stream.destroyed) return;
  begin(call);
  for (const message of messages) call.stream.write(encodeLengthPrefixed(message));
  call.stream.end();
}

/** Ends a call with a trailers-only response. */
export function fail({ stream }: ServedCall, trailers: Record<string, string>): void {
  endWithTrailers(stream, trailers);
}

export function answer(call: ServedCall, response: Parts<McpResponse>): void {
  reply(call, responseBytes(response));
}

export function responseBytes(response: Parts<McpResponse>): Uint8Array {
  return toBinary(McpResponseSchema, create(McpResponseSchema, response));
}

/** Ends a call with a JSON response. */
export function answerJson(call: ServedCall, body: string | Uint8Array): void {
  answer(call, { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) });
}

export function answerHealth(call: ServedCall, parts: Readonly<Record<string, unknown>> = {}): void {
  const health = { status: 'ok', mode: 'full', version: '1', ...parts };
  reply(call, toBinary(HealthResponseSchema, create(HealthResponseSchema, health)));
}

export function chunkBytes(chunk: Parts<McpChunk>): Buffer {
  return encodeLengthPrefixed(toBinary(McpChunkSchema, create(McpChunkSchema, chunk)));
}

/** Opens a stream, sends an empty comment and keeps the stream open. */
export function keepOpen(call: ServedCall): void {
  begin(call);
  call.stream.write(chunkBytes({ data: Buffer.from(':\n\n') }));
}

/** Answers `Invoke` like a minimal runtime with sessions. */
export function answerInvoke(call: ServedCall, session = 'session-of-a-hostile-target'): void {
  const message = parse(call.request.body);
  const { id, method } = message;
  if (method === undefined || id === undefined) {
    answer(call, { status: 202 });
    return;
  }
  if (method === 'initialize') {
    answer(call, {
      status: 200,
      headers: { 'content-type': 'application/json', 'mcp-session-id': session },
      body: Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result: initializeResult })),
    });
    return;
  }
  const result = typeof method === 'string' ? results.get(method) : undefined;
  const error = { code: -32601, message: 'no such method' };
  answerJson(
    call,
    JSON.stringify({ jsonrpc: '2.0', id, ...(result === undefined ? { error } : { result }) }),
  );
}

export const initializeResult = {
  protocolVersion: '2025-11-25',
  capabilities: { tools: {} },
  serverInfo: { name: 'hostile', version: '1' },
};

const results: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['ping', {}],
  ['tools/list', { tools: [] }],
]);

/** Returns the method of the JSON-RPC message in a call. */
export function methodOf(call: ServedCall): unknown {
  return parse(call.request.body)['method'];
}

/** Returns the id of the JSON-RPC message in a call as JSON, or null if missing. */
export function idOf(call: ServedCall): string {
  return JSON.stringify(parse(call.request.body)['id'] ?? null);
}

function parse(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString());
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

function readRequest(stream: ServerHttp2Stream, then: (request: McpRequest) => void): void {
  readMessage(stream, 64 << 20, (bytes = new Uint8Array()) => {
    try {
      then(fromBinary(McpRequestSchema, bytes));
    } catch {
      stream.close(2);
    }
  });
}
