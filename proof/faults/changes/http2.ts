import http2, { type IncomingHttpHeaders, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { ServerInterceptor } from '@grpc/grpc-js';
import { FrameSplitter } from '../../../conformance/wire/reshaped-socket.ts';
import { guardCalls } from '../../../reference-runtime/grpc/signals.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Hooks, RuntimeChange } from '../../harness/fault.ts';

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

/** Changes the options of the HTTP/2 server. */
export function withHttp2Options(changes: http2.ServerOptions): NonNullable<RuntimeChange['process']> {
  return (serve) => {
    const { createServer } = http2;
    http2.createServer = ((options: http2.ServerOptions) =>
      createServer({ ...options, ...changes })) as typeof createServer;
    return serve();
  };
}

/** Changes the HTTP/2 stream of each call before gRPC answers on it. Unlike `onHttp2`, it needs no process of its own. */
export function onCallStreams(change: (stream: ServerHttp2Stream, call: object) => void): Hooks {
  const interceptor: ServerInterceptor = (method, call) => {
    // grpc-js has no public API for the stream of a call.
    change(Reflect.get(call, 'stream') as ServerHttp2Stream, call);
    return guardCalls(method, call);
  };
  return { interceptors: [interceptor] };
}

/** Runs `change` once for each connection, when its first call arrives. It needs no process of its own. */
export function onCallConnections(change: (session: ServerHttp2Session) => void): Hooks {
  const known = new WeakSet<object>();
  return onCallStreams(({ session }) => {
    if (session === undefined || known.has(session)) return;
    known.add(session);
    change(session as ServerHttp2Session);
  });
}

/** Changes the header fields and the trailers of every answer. */
export function onAnswerFields(
  change: (fields: http2.OutgoingHttpHeaders) => http2.OutgoingHttpHeaders,
): Hooks {
  return onCallStreams((stream) => changeFields(stream, change));
}

/** Changes the header fields and the trailers of an answer. */
export function changeFields(
  stream: ServerHttp2Stream,
  change: (fields: http2.OutgoingHttpHeaders) => http2.OutgoingHttpHeaders,
): void {
  const respond = stream.respond.bind(stream);
  const sendTrailers = stream.sendTrailers.bind(stream);
  stream.respond = (fields, options) => respond(change(fields as http2.OutgoingHttpHeaders), options);
  stream.sendTrailers = (fields) => sendTrailers(change(fields));
}

/** Ends a call with a trailers-only response. @param status gRPC status code */
export function refuse(stream: ServerHttp2Stream, status: number): undefined {
  const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': String(status) };
  stream.respond(headers, { endStream: true });
}

/** Changes the gRPC status code of a call. Codes are decimal strings. */
export function changeStatus(stream: ServerHttp2Stream, change: (status: string) => string): void {
  changeFields(stream, (fields) =>
    fields['grpc-status'] === undefined
      ? fields
      : { ...fields, 'grpc-status': change(String(fields['grpc-status'])) },
  );
}

/** Runs `change` once for each connection, when its first call arrives. */
export function onConnections(
  change: (session: ServerHttp2Session) => void,
): NonNullable<RuntimeChange['process']> {
  const known = new WeakSet<ServerHttp2Session>();
  return onHttp2(({ session }, headers) => {
    if (session !== undefined && !known.has(session as ServerHttp2Session)) {
      known.add(session as ServerHttp2Session);
      change(session as ServerHttp2Session);
    }
    return headers;
  });
}

/** A frame that a client sent. The connection preface counts as a frame. */
export interface ReceivedFrame {
  readonly type: number;
  readonly flags: number;
}

/** Destroys a connection when its client sends a frame that `isRefused` selects. Called once for each connection. */
export function refusingFrames(isRefused: () => (frame: ReceivedFrame) => boolean): Hooks {
  return {
    acceptConnection(socket: Socket) {
      const splitter = new FrameSplitter();
      const refuses = isRefused();
      let isFirst = true;
      const accepted = defaultHooks.acceptConnection(socket);
      socket.on('data', (bytes: Buffer) => {
        for (const frame of splitter.push(bytes)) {
          if (!isFirst && refuses({ type: frame.readUInt8(3), flags: frame.readUInt8(4) })) socket.destroy();
          isFirst = false;
        }
      });
      return accepted;
    },
  };
}
