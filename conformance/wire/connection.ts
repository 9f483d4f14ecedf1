import { type ClientHttp2Session, connect, constants, type Settings } from 'node:http2';
import type { Address } from '../../runners/runner.ts';
import { Call, type StartedStream } from './call.ts';
import { ConnectError, connectSocket, describeAddress } from './connect-socket.ts';
import { type FrameForms, ReshapedSocket } from './reshaped-socket.ts';
import type { CallOptions, RuntimeConnection } from './runtime-call.ts';
import type { WireLog } from './wire-log.ts';

/** Options of a connection. */
export interface ConnectionOptions {
  /** Default: frames without padding, and header blocks in one frame each. */
  readonly frames?: FrameForms;
  /** Settings of this side that differ from those of the kit. */
  readonly settings?: Settings;
  readonly address: Address;
  readonly name: string;
  readonly log: WireLog;
  /** Aborts the attempt to connect. */
  readonly signal: AbortSignal;
  /** Returns the connection for resending calls that the target refused before processing them. Default: this one. */
  readonly successor?: () => Promise<Connection>;
}

/** Flow-control windows in bytes: of an unread call, and of a whole connection. */
const windowBytes = 1 << 18;
const connectionWindowBytes = 4 << 20;
/** Maximum size of a header block, as RFC 9113 counts it. */
const headerListBytes = 1 << 16;
const ownSettings: Settings = {
  initialWindowSize: windowBytes,
  enablePush: false,
  maxHeaderListSize: headerListBytes,
};

/**
 * Native handles of sessions, kept from garbage collection. Node aborts the process ("current_nghttp2_memory_ == 0",
 * nodejs/node#39951) when it collects the handle of a session with a stream whose header block never ended, so a
 * target could crash the kit. Leaking a few kilobytes per session, for a few hundred sessions at most, is
 * acceptable.
 */
const leakedHandles = new Set<unknown>();

/** Returns the native handle of a session, which has no public accessor. A destroyed session no longer has it. */
function nativeHandle(session: ClientHttp2Session): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'kHandle');
  return key === undefined ? undefined : Reflect.get(session, key);
}

/** One HTTP/2 connection to a target. Its owner closes it. */
export class Connection implements RuntimeConnection {
  readonly name: string;
  readonly #session: ClientHttp2Session;
  readonly #log: WireLog;
  readonly #successor: () => Promise<Connection>;
  #calls = 0;
  #native: unknown;
  #isGivenUp = false;

  private constructor(session: ClientHttp2Session, options: ConnectionOptions) {
    this.#session = session;
    this.name = options.name;
    this.#log = options.log;
    this.#successor = options.successor ?? (async () => this);
    session.on('goaway', (code) => {
      this.#isGivenUp ||= code === constants.NGHTTP2_NO_ERROR;
      this.#log.add(this.name, 'received', `GOAWAY error code ${code}`);
    });
    session.on('close', () => this.#log.add(this.name, 'local', 'connection closed'));
    // Node also passes the session's errors to its streams, which end their calls.
    session.on('error', (error) => this.#log.add(this.name, 'local', `connection error: ${error.message}`));
  }

  /** @throws ConnectError */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const socket = await connectSocket(options.address, options.signal);
    const { frames } = options;
    const session = connect('http://localhost', {
      createConnection: () => (frames === undefined ? socket : new ReshapedSocket(socket, frames)),
      settings: { ...ownSettings, ...options.settings },
      // Bounds the memory that a target can fill with endless headers.
      maxSessionMemory: 16,
    });
    const connection = new Connection(session, options);
    connection.#log.add(options.name, 'local', `connected to ${describeAddress(options.address)}`);
    await connected(session);
    if (session.destroyed) throw new ConnectError('CLOSED', 'the target closed the connection immediately');
    session.setLocalWindowSize(connectionWindowBytes);
    return connection;
  }

  get usable(): boolean {
    return !this.#session.destroyed && !this.#session.closed;
  }

  /** Whether the target has ended the connection normally, so that further calls need another one. */
  get isGivenUp(): boolean {
    return this.#isGivenUp;
  }

  /**
   * Starts a call. The caller sends its messages and half-closes it.
   * @throws ConnectError if the connection has ended
   */
  call(options: CallOptions): Call {
    this.#calls += 1;
    const name = `${this.name}#${this.#calls}`;
    if (!this.usable) throw new ConnectError('CLOSED', 'the connection ended before the call');
    const started = this.#start(options);
    const timeout = options.deadlineMs === undefined ? '' : ` grpc-timeout ${options.deadlineMs}m`;
    this.#log.add(name, 'sent', `HEADERS ${options.path}${timeout}`);
    let carrier: Connection = this;
    const prepareRetry = async () => {
      carrier.#keepNative();
      // Without a successor, this connection carries the call again.
      const next = await this.#successor();
      carrier = next;
      return (deadlineMs: number | undefined) => next.#start({ ...options, deadlineMs });
    };
    const call = new Call({ started, name, log: this.#log, options, prepareRetry });
    void call.ended.then(({ answered }) => {
      if (!answered) carrier.#keepNative();
    });
    return call;
  }

  /** Sends a PING. Resolves to false if the connection ended before its acknowledgement. */
  async ping(): Promise<boolean> {
    if (this.#session.destroyed) return false;
    this.#log.add(this.name, 'sent', 'PING');
    return new Promise((resolve) => {
      const isSent = this.#session.ping((error) => resolve(error === null));
      if (!isSent) resolve(false);
    });
  }

  /**
   * Changes the settings of the connection.
   * @returns whether the target acknowledged them before the connection ended
   */
  async changeSettings(settings: Settings): Promise<boolean> {
    if (this.#session.destroyed) return false;
    this.#log.add(this.name, 'sent', `SETTINGS ${JSON.stringify(settings)}`);
    return new Promise((resolve) => {
      const onClose = () => resolve(false);
      this.#session.once('close', onClose);
      this.#session.settings(settings, (error) => {
        this.#session.off('close', onClose);
        resolve(error === null);
      });
    });
  }

  #start(options: CallOptions): StartedStream {
    const { trailers } = options;
    const stream = this.#session.request(requestHeaders(options), {
      endStream: false,
      waitForTrailers: trailers !== undefined,
    });
    if (trailers !== undefined) stream.once('wantTrailers', () => stream.sendTrailers(trailers));
    this.#native ??= nativeHandle(this.#session);
    return { session: this.#session, stream };
  }

  #keepNative(): void {
    leakedHandles.add(this.#native);
  }

  /** Destroys the connection immediately, like a crashed peer. */
  destroy(): void {
    this.#session.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

function requestHeaders({ path, deadlineMs, headers }: CallOptions): Record<string, string> {
  const all: Record<string, string | null> = {
    ':method': 'POST',
    ':scheme': 'http',
    ':path': path,
    ':authority': 'localhost',
    te: 'trailers',
    'content-type': 'application/grpc',
    'user-agent': 'mcp-runtime-conformance',
    'grpc-timeout': deadlineMs === undefined ? null : `${deadlineMs}m`,
    ...headers,
  };
  return Object.fromEntries(
    Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== null),
  );
}

function connected(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!session.connecting) return resolve();
    session.once('connect', () => resolve());
    session.once('error', (error) => reject(new ConnectError('PROTOCOL', error.message)));
    session.once('close', () =>
      reject(new ConnectError('CLOSED', 'the target closed the connection immediately')),
    );
  });
}
