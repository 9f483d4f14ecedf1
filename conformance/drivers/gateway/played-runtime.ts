import { existsSync } from 'node:fs';
import { chmod, lstat, rename, rm } from 'node:fs/promises';
import { createServer, type Http2Server, type ServerHttp2Session, type ServerHttp2Stream } from 'node:http2';
import { createServer as createNetServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../../base/error-message.ts';
import {
  HealthResponseSchema,
  McpRequestSchema,
  McpRuntime,
  type RequestRpc,
  requestRpcs,
} from '../../../proto/index.ts';
import { inspectSocket } from '../../../runners/socket-state.ts';
import { encodeLengthPrefixed } from '../../wire/length-prefix.ts';
import { beginResponse, endWithTrailers, readMessage } from '../../wire/serve-call.ts';
import { WireLog } from '../../wire/wire-log.ts';
import { PlayedCall, timeoutOf } from './played-call.ts';

/** In what a runtime is found at its socket's path, when it is not served. */
export type Absence =
  /** There is no socket file. */
  | 'absent'
  /** A socket file on which nobody listens. */
  | 'stale'
  /** Every connection is closed at once. */
  | 'closing'
  /** Every connection is answered with bytes that are no HTTP/2. */
  | 'garbage'
  /** Every connection is taken, and nothing is ever said on it. */
  | 'silent';

/** The socket's path cannot be used. The message is one line. */
export class SocketTakenError extends Error {
  override readonly name = 'SocketTakenError';
  readonly code = 'socket-taken';

  constructor(path: string, reason: string) {
    super(`${path} cannot be listened on: ${reason}`);
  }
}

/** More than any message that a case lets a gateway send. */
const receiveLimit = 64 << 20;

/** A HealthCheck that was answered. */
export interface SeenHealthCheck {
  readonly timeoutMs: number | undefined;
}

/**
 * The runtime that the kit plays on a socket: it answers HealthCheck, and hands every other call to whoever listens. It can
 * be taken away and brought back, at the same path.
 */
export class PlayedRuntime implements AsyncDisposable {
  readonly path: string;
  /** Told of every call as it comes. */
  onCall: (call: PlayedCall) => void = () => undefined;
  /** Where calls are logged. */
  log = new WireLog();
  /** The HealthChecks of the current start, oldest first. */
  healthChecks: SeenHealthCheck[] = [];
  #capabilities: readonly string[] = [];
  #server: Http2Server | Server | undefined;
  readonly #sessions = new Set<ServerHttp2Session>();
  readonly #sockets = new Set<Socket>();
  #calls = 0;
  #isServing = false;
  #hasListened = false;

  constructor(path: string) {
    this.path = path;
  }

  get capabilities(): readonly string[] {
    return this.#capabilities;
  }

  /** Whether calls are served, and not one of the absences played. */
  get isServing(): boolean {
    return this.#isServing;
  }

  /** Listens, as a runtime that has just started. @throws SocketTakenError */
  async start(capabilities: readonly string[]): Promise<void> {
    await this.stop('absent');
    this.#capabilities = capabilities;
    this.healthChecks = [];
    const server = createServer();
    server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('error', () => undefined);
      session.once('close', () => this.#sessions.delete(session));
    });
    server.on('sessionError', () => undefined);
    server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      this.#serve(stream, headers);
    });
    await this.#listen(server);
    this.#isServing = true;
    this.log.add('runtime', 'local', `listens, capabilities ${capabilities.join(', ') || 'none'}`);
  }

  /** Is not served any more, with every connection ended. @throws SocketTakenError */
  async stop(absence: Absence): Promise<void> {
    this.#isServing = false;
    await this.#close(absence === 'stale');
    if (absence === 'closing') await this.#listen(createNetServer((socket) => socket.destroy()));
    if (absence === 'garbage') {
      await this.#listen(this.#netServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
    }
    if (absence === 'silent') await this.#listen(this.#netServer((socket) => socket.resume()));
    this.log.add('runtime', 'local', `is gone: ${absence}`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.onCall = () => undefined;
    await this.#close(false);
    // What is there otherwise is somebody's.
    if (this.#hasListened) await rm(this.path, { force: true });
  }

  #netServer(onConnection: (socket: Socket) => void): Server {
    return createNetServer((socket) => {
      this.#sockets.add(socket);
      socket.on('error', () => undefined);
      socket.once('close', () => this.#sockets.delete(socket));
      onConnection(socket);
    });
  }

  async #listen(server: Http2Server | Server): Promise<void> {
    await this.#removeSocket();
    const folder = dirname(this.path);
    if (!existsSync(folder)) throw new SocketTakenError(this.path, `there is no folder ${folder}`);
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(this.path, resolve);
      });
      await chmod(this.path, 0o600);
    } catch (error) {
      throw new SocketTakenError(this.path, reasonOf(error));
    }
    this.#server = server;
    this.#hasListened = true;
  }

  /** Removes a socket that nobody listens on; whatever else is there belongs to somebody. */
  async #removeSocket(): Promise<void> {
    const state = await inspectSocket(this.path);
    if (state.kind === 'listening') {
      throw new SocketTakenError(this.path, 'another process listens there; stop that runtime first');
    }
    if (state.kind === 'not-a-socket') throw new SocketTakenError(this.path, `${state.what} is there`);
    await rm(this.path, { force: true });
  }

  async #close(keepFile: boolean): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (server === undefined) return;
    // Closing a server removes its file: to stay behind, as after a kill, the file has to be elsewhere meanwhile.
    const aside = `${this.path}~`;
    if (keepFile) await rename(this.path, aside);
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const session of this.#sessions) session.destroy();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    if (keepFile && (await lstat(aside)).isSocket()) await rename(aside, this.path);
  }

  #serve(stream: ServerHttp2Stream, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const path = String(headers[':path']);
    const rpc = path.slice(path.lastIndexOf('/') + 1);
    this.#calls += 1;
    const name = `rpc#${this.#calls}`;
    if (!path.startsWith(`/${McpRuntime.typeName}/`)) {
      this.log.add(name, 'received', `a call of ${path}`);
      refuse(stream, 12);
      return;
    }
    if (rpc === 'HealthCheck') {
      this.healthChecks.push({ timeoutMs: timeoutOf(headers['grpc-timeout']) });
      this.log.add(name, 'received', `HealthCheck, grpc-timeout ${headers['grpc-timeout'] ?? 'none'}`);
      this.#answerHealth(stream);
    } else if (isRequestRpc(rpc)) {
      readMessage(stream, receiveLimit, (bytes) => {
        if (bytes === undefined) refuse(stream, 13);
        else this.#receive(bytes, { name, rpc, stream, headers });
      });
    } else {
      this.log.add(name, 'received', `a call of ${path}`);
      refuse(stream, 12);
    }
  }

  #receive(
    bytes: Uint8Array,
    parts: {
      readonly name: string;
      readonly rpc: RequestRpc;
      readonly stream: ServerHttp2Stream;
      readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    },
  ): void {
    const { name, rpc, stream, headers } = parts;
    try {
      const message = fromBinary(McpRequestSchema, bytes);
      const timeout = headers['grpc-timeout'] ?? 'none';
      const text = `${rpc} ${message.method} ${message.path}, ${message.body.length} bytes, grpc-timeout ${timeout}`;
      this.log.add(name, 'received', text);
      this.onCall(new PlayedCall({ name, rpc, message, stream, metadata: headers, log: this.log }));
    } catch (error) {
      this.log.add(name, 'received', `${rpc}, no McpRequest: ${reasonOf(error)}`);
      refuse(stream, 13);
    }
  }

  #answerHealth(stream: ServerHttp2Stream): void {
    const health = create(HealthResponseSchema, {
      status: 'ok',
      mode: 'full',
      version: 'played',
      capabilities: [...this.#capabilities],
    });
    stream.resume();
    beginResponse(stream);
    stream.end(encodeLengthPrefixed(toBinary(HealthResponseSchema, health)));
  }
}

function isRequestRpc(rpc: string): rpc is RequestRpc {
  return requestRpcs.some((known) => known === rpc);
}

function refuse(stream: ServerHttp2Stream, status: number): void {
  endWithTrailers(stream, { 'grpc-status': String(status) });
}

function reasonOf(error: unknown): string {
  return errorMessage(error);
}
