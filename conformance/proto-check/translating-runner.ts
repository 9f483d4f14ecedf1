import { once } from 'node:events';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createConnection } from 'node:net';
import { grpcStatusCode } from '../../base/grpc-status.ts';
import {
  type Address,
  type Instance,
  type LaunchOptions,
  type Runner,
  RunnerError,
} from '../../runners/runner.ts';
import { makeFolderPlace } from '../../runners/socket-place.ts';
import { socketOptions } from '../wire/connect-socket.ts';
import { endWithTrailers } from '../wire/serve-call.ts';
import { Reframing } from './reframing.ts';
import type { TranslatedCall } from './translation.ts';

/** Returns the translation of a call by its path. */
type Translate = (path: string) => TranslatedCall;

/**
 * Makes a runner whose targets are reached through a translating proxy. It supports no process control, because cases
 * that start, end or inspect targets do not check the content of calls.
 * @param inner runner that starts the targets. The caller disposes of it
 */
export function createTranslatingRunner(inner: Runner, translate: Translate): Runner {
  return {
    label: inner.label,
    kind: inner.kind,
    controls: new Set(),
    sessionsOutliveRun: inner.sessionsOutliveRun,
    launch: async (options: LaunchOptions): Promise<Instance> => {
      const instance = await inner.launch(options);
      const end = () => instance[Symbol.asyncDispose]();
      const proxy = await openProxy(instance.address, translate).catch(async (error) => {
        await end();
        throw error;
      });
      return {
        address: proxy.address,
        place: undefined,
        logs: instance.logs,
        exit: instance.exit,
        signal: (name) => instance.signal(name),
        mainProcess: () => instance.mainProcess(),
        diagnose: () => instance.diagnose(),
        [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose]().finally(end),
      };
    },
    makePlace: async () => {
      throw new RunnerError(
        'unsupported',
        'A translated target does not support other socket places.',
        'Run it directly.',
      );
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

/**
 * Translates every call between the engine and a target. Each incoming connection gets its own connection to the
 * target. Resets, headers and trailers pass in both directions. The proxy listens on a socket in a temporary folder.
 * Disposing of it closes all connections.
 */
async function openProxy(target: Address, translate: Translate) {
  const place = await makeFolderPlace();
  const sessions = new Set<ServerHttp2Session | ClientHttp2Session>();
  const server = createServer({ maxSessionMemory: 64 });
  // An error closes its connection, which the engine notices.
  server.on('sessionError', () => {});
  server.on('session', (session) => {
    const upstream = connect('http://localhost', {
      createConnection: () => createConnection(socketOptions(target)),
      settings: { enablePush: false },
      maxSessionMemory: 64,
    });
    for (const each of [session, upstream]) {
      sessions.add(each);
      each.on('error', () => {});
      each.on('close', () => sessions.delete(each));
    }
    session.on('close', () => upstream.destroy());
    upstream.on('close', () => session.destroy());
    upstream.on('goaway', () => session.close());
    session.on('stream', (stream, headers) => {
      forward(stream, headers, { upstream, call: translate(String(headers[':path'])) });
    });
  });
  try {
    server.listen(place.hostPath);
    await once(server, 'listening');
  } catch (error) {
    await place[Symbol.asyncDispose]();
    throw error;
  }
  return {
    address: { kind: 'unix', path: place.hostPath } as const,
    [Symbol.asyncDispose]: async () => {
      for (const session of sessions) session.destroy();
      await new Promise((resolve) => server.close(resolve));
      await place[Symbol.asyncDispose]();
    },
  };
}

function forward(
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  { upstream, call }: { readonly upstream: ClientHttp2Session; readonly call: TranslatedCall },
): void {
  stream.on('error', () => {});
  if (call.kind === 'gone') {
    endWithTrailers(stream, { 'grpc-status': String(grpcStatusCode('UNIMPLEMENTED')) });
    return;
  }
  if (upstream.destroyed || upstream.closed) {
    stream.close(constants.NGHTTP2_REFUSED_STREAM);
    return;
  }
  const fields = { ...passedOn(headers), ':path': call.path };
  const request = upstream.request(fields, { endStream: false, waitForTrailers: false });
  request.on('error', () => {});
  stream.on('aborted', () => request.close(stream.rstCode || constants.NGHTTP2_CANCEL));
  stream.pipe(new Reframing(call.request)).pipe(request);
  answer(stream, request, call.response);
}

function answer(
  stream: ServerHttp2Stream,
  request: ClientHttp2Stream,
  translate: (bytes: Uint8Array) => Uint8Array,
): void {
  let trailers: IncomingHttpHeaders = {};
  request.on('trailers', (received) => {
    trailers = received;
  });
  request.on('response', (headers, flags) => {
    if (stream.destroyed || stream.headersSent) return;
    if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
      stream.respond(passedOn(headers), { endStream: true });
      return;
    }
    stream.on('wantTrailers', () => {
      if (!stream.destroyed) stream.sendTrailers(passedOn(trailers));
    });
    stream.respond(passedOn(headers), { waitForTrailers: true });
    request.pipe(new Reframing(translate)).pipe(stream);
  });
  request.on('close', () => {
    if (stream.destroyed || stream.closed) return;
    const { rstCode } = request;
    if (rstCode !== constants.NGHTTP2_NO_ERROR || !stream.headersSent) {
      stream.close(rstCode === constants.NGHTTP2_NO_ERROR ? constants.NGHTTP2_INTERNAL_ERROR : rstCode);
    }
  });
}

/** Returns the header fields to forward, without hop-by-hop fields. */
function passedOn(headers: IncomingHttpHeaders): OutgoingHttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).filter(
      ([name, value]) => value !== undefined && name !== 'connection' && name !== 'host',
    ),
  );
}
