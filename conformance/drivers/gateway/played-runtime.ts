import { type EventEmitter, once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, lstat, rename, rm } from 'node:fs/promises';
import {
  constants,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { create, fromBinary, toBinary, type UnknownField } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { errorMessage } from '../../../base/error-message.ts';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { HealthResponseSchema, McpRequestSchema, McpRuntime, requestRpcs } from '../../../proto/index.ts';
import { inspectSocket } from '../../../runners/socket-state.ts';
import { contractReleases } from '../../case/release.ts';
import { beginResponse, endWithTrailers, readMessage } from '../../wire/serve-call.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { PlayedCall, timeoutOf } from './played-call.ts';

/**
 * The state of the socket path while the runtime is away: no file, a stale socket file, or a server that closes every
 * connection immediately (`closing`), sends bytes that are not HTTP/2 (`garbage`), or never responds (`silent`).
 */
export type Absence = 'absent' | 'stale' | 'closing' | 'garbage' | 'silent';

/** Thrown if the socket path cannot be used. The message is one line. */
export class SocketTakenError extends Error {
  override readonly name = 'SocketTakenError';
  readonly code = 'socket-taken';

  constructor(path: string, reason: string) {
    super(`cannot listen on ${path}: ${reason}`);
  }
}

/** Connection handlers of the servers that replace an absent runtime. */
const unresponsive: Readonly<Partial<Record<Absence, (socket: Socket) => void>>> = {
  closing: (socket) => socket.destroy(),
  garbage: (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'),
  silent: (socket) => socket.resume(),
};

/** A varint field that no release has, for a runtime of a later release. */
const unknownField: UnknownField = { no: 2000, wireType: WireType.Varint, data: Uint8Array.of(1) };

/** Larger than any message that a case makes a gateway send. */
const receiveLimit = 64 << 20;

/**
 * The runtime that the kit plays on a socket. It answers HealthCheck and passes every other call to a listener. It can
 * be stopped and restarted at the same path.
 */
export class PlayedRuntime implements AsyncDisposable {
  readonly path: string;
  /** Called with every incoming call. */
  onCall: (call: PlayedCall) => void = () => undefined;
  /** The log that receives the wire events of calls. */
  log = new WireLog();
  /** HealthCheck calls since the last start, oldest first. */
  healthChecks: { readonly timeoutMs: number | undefined }[] = [];
  /** Declared capabilities. Undefined while the runtime is away. */
  capabilities: readonly string[] | undefined;
  #server: Http2Server | Server | undefined;
  readonly #connections = new Set<ServerHttp2Session | Socket>();
  #calls = 0;
  #hasListened = false;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Starts listening like a fresh runtime.
   * @param maxCalls concurrent calls that it permits on a connection. Default: no limit
   * @throws SocketTakenError
   */
  async start(capabilities: readonly string[], maxCalls?: number): Promise<void> {
    await this.stop('absent');
    this.healthChecks = [];
    const server = createServer(
      maxCalls === undefined ? {} : { settings: { maxConcurrentStreams: maxCalls } },
    );
    server.on('session', (session) => this.#keep(session));
    server.on('sessionError', () => undefined);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#serve(stream, headers);
    });
    await this.#listen(server);
    this.capabilities = capabilities;
    this.log.add('runtime', 'local', `listening, capabilities ${capabilities.join(', ') || 'none'}`);
  }

  /** Stops serving, closes every connection, and leaves the socket path in the given state. @throws SocketTakenError */
  async stop(absence: Absence): Promise<void> {
    this.capabilities = undefined;
    await this.#close(absence === 'stale');
    const onConnection = unresponsive[absence];
    if (onConnection !== undefined) {
      const server = createNetServer((socket) => {
        this.#keep(socket);
        onConnection(socket);
      });
      await this.#listen(server);
    }
    this.log.add('runtime', 'local', `stopped: ${absence}`);
  }

  /** Sends GOAWAY on every connection. Open calls continue, and new calls need another connection. */
  retireConnections(): void {
    for (const connection of this.#connections) {
      if (!('goaway' in connection)) continue;
      connection.goaway(constants.NGHTTP2_NO_ERROR);
      connection.close();
    }
    this.log.add('runtime', 'sent', 'GOAWAY');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.onCall = () => undefined;
    await this.#close(false);
    // Never remove a file that this runtime did not create.
    if (this.#hasListened) await rm(this.path, { force: true });
  }

  async #listen(server: Http2Server | Server): Promise<void> {
    const state = await inspectSocket(this.path);
    if (state.kind === 'listening') {
      throw new SocketTakenError(
        this.path,
        'another process is already listening there; stop that runtime first',
      );
    }
    if (state.kind === 'not-a-socket') throw new SocketTakenError(this.path, `it is ${state.what}`);
    // A stale socket is safe to remove. Other files are not.
    await rm(this.path, { force: true });
    const folder = dirname(this.path);
    if (!existsSync(folder)) throw new SocketTakenError(this.path, `the folder ${folder} does not exist`);
    server.on('error', () => undefined);
    try {
      await once(server.listen(this.path), 'listening');
      await chmod(this.path, 0o600);
    } catch (error) {
      throw new SocketTakenError(this.path, errorMessage(error));
    }
    this.#server = server;
    this.#hasListened = true;
  }

  #keep(connection: ServerHttp2Session | Socket): void {
    this.#connections.add(connection);
    const emitter: EventEmitter = connection;
    emitter.on('error', () => undefined);
    emitter.once('close', () => this.#connections.delete(connection));
  }

  async #close(keepFile: boolean): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    // A closing server removes its socket file. Move the file aside first to leave it stale, as a killed runtime does.
    const aside = `${this.path}~`;
    if (keepFile) await rename(this.path, aside);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of this.#connections) connection.destroy();
    await closed;
    if (keepFile && (await lstat(aside)).isSocket()) await rename(aside, this.path);
  }

  #serve(stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void {
    const path = String(headers[':path']);
    const known = [...requestRpcs, 'HealthCheck' as const];
    const rpc = known.find((each) => path === `/${McpRuntime.typeName}/${each}`);
    const timeout = `grpc-timeout ${headers['grpc-timeout'] ?? 'none'}`;
    this.#calls += 1;
    const name = `rpc#${this.#calls}`;
    const note = (text: string): void => this.log.add(name, 'received', text);
    if (rpc === undefined) {
      note(`call of ${path}`);
      refuse(stream, 12);
    } else if (rpc === 'HealthCheck') {
      this.healthChecks.push({ timeoutMs: timeoutOf(headers['grpc-timeout']) });
      note(`HealthCheck, ${timeout}`);
      this.#answerHealth(stream);
    } else {
      readMessage(stream, receiveLimit, (bytes) => {
        try {
          if (bytes === undefined) throw new Error('the call has no message');
          const message = fromBinary(McpRequestSchema, bytes);
          note(`${rpc} ${message.method} ${message.path}, ${message.body.length} bytes, ${timeout}`);
          this.onCall(new PlayedCall({ name, rpc, message, stream, headers, log: this.log }));
        } catch (error) {
          note(`${rpc}, invalid McpRequest: ${errorMessage(error)}`);
          refuse(stream, 13);
        }
      });
    }
  }

  #answerHealth(stream: ServerHttp2Stream): void {
    const capabilities = [...(this.capabilities ?? [])];
    const health = create(HealthResponseSchema, {
      status: 'ok',
      mode: 'full',
      version: 'played',
      capabilities,
    });
    if (capabilities.some(announcesLaterRelease)) health.$unknown = [unknownField];
    stream.resume();
    beginResponse(stream);
    stream.end(encodeLengthPrefixed(toBinary(HealthResponseSchema, health)));
  }
}

/** Returns whether a capability names a release of the contract that is newer than the newest one. */
function announcesLaterRelease(capability: string): boolean {
  const [, release] = /^contract-(.+)$/.exec(capability) ?? [];
  return release !== undefined && !contractReleases.some((known) => known === release);
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  endWithTrailers(stream, { 'grpc-status': String(status) });
}
