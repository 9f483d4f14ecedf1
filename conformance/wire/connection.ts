import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { createConnection, type NetConnectOpts, type Socket } from 'node:net';
import { errorMessage } from '../../base/error-message.ts';
import type { Address } from '../../runners/runner.ts';
import { type BegunStream, Call, type CallOptions } from './call.ts';
import type { WireLog } from './wire-log.ts';

/**
 * The address could not be connected to, or the connection has ended. `code` is that of the system (ENOENT,
 * ECONNREFUSED, EACCES…), or ABORTED, PROTOCOL or CLOSED.
 */
export class ConnectError extends Error {
  override readonly name = 'ConnectError';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export interface ConnectionOptions {
  readonly address: Address;
  readonly name: string;
  readonly log: WireLog;
  /** Ends the attempt to connect. */
  readonly signal: AbortSignal;
  /** Gives the connection for calls that this one refuses before they begin. Default: this one. */
  readonly successor?: () => Promise<Connection>;
}

/** Bytes that an unread call may have in flight, and those of a whole connection. */
const windowBytes = 1 << 18;
const connectionWindowBytes = 4 << 20;
/** The largest header block accepted, as RFC 9113 counts it. */
const headerListBytes = 1 << 16;

/**
 * Native parts of sessions that are never collected. Node aborts the process ("current_nghttp2_memory_ == 0",
 * nodejs/node#39951) when it collects one that had a stream whose header block never ended: a target could end the kit
 * at will. A few kilobytes each are the lesser evil, and hundreds at most.
 */
const neverCollected = new Set<unknown>();

/** A session has no public access to its native part, and lets go of it when it is destroyed. */
function nativePart(session: ClientHttp2Session): unknown {
  const key = Object.getOwnPropertySymbols(session).find(({ description }) => description === 'kHandle');
  return key === undefined ? undefined : Reflect.get(session, key);
}

/** One HTTP/2 connection to a target. Its owner closes it. */
export class Connection implements Disposable {
  readonly name: string;
  readonly #session: ClientHttp2Session;
  readonly #log: WireLog;
  readonly #successor: () => Promise<Connection>;
  #calls = 0;
  #native: unknown;

  private constructor(session: ClientHttp2Session, options: ConnectionOptions) {
    this.#session = session;
    this.name = options.name;
    this.#log = options.log;
    this.#successor = options.successor ?? (async () => this);
    session.on('goaway', (code) => this.#log.add(this.name, 'received', `GOAWAY error code ${code}`));
    session.on('close', () => this.#log.add(this.name, 'local', 'connection closed'));
    // Errors of the session reach its streams too, where they are judged.
    session.on('error', (error) => this.#log.add(this.name, 'local', `connection error: ${error.message}`));
  }

  /** @throws ConnectError */
  static async open(options: ConnectionOptions): Promise<Connection> {
    const socket = await connectSocket(options.address, options.signal);
    const session = connect('http://localhost', {
      createConnection: () => socket,
      settings: { initialWindowSize: windowBytes, enablePush: false, maxHeaderListSize: headerListBytes },
      // A target that sends headers without end must not fill this process.
      maxSessionMemory: 16,
    });
    const connection = new Connection(session, options);
    connection.#log.add(options.name, 'local', `connected to ${describeAddress(options.address)}`);
    await connected(session);
    if (session.destroyed) throw new ConnectError('CLOSED', 'closed at once');
    session.setLocalWindowSize(connectionWindowBytes);
    return connection;
  }

  get usable(): boolean {
    return !this.#session.destroyed && !this.#session.closed;
  }

  /** Starts a call. The caller sends its messages and half-closes it. @throws ConnectError where it has ended */
  call(options: CallOptions): Call {
    this.#calls += 1;
    const name = `${this.name}#${this.#calls}`;
    if (!this.usable) throw new ConnectError('CLOSED', 'the connection ended before the call');
    const begun = this.#begin(options);
    const timeout = options.deadlineMs === undefined ? '' : ` grpc-timeout ${options.deadlineMs}m`;
    this.#log.add(name, 'sent', `HEADERS ${options.path}${timeout}`);
    let carrier: Connection = this;
    const elsewhere = async () => {
      carrier.#keepNative();
      // A connection without a successor carries the call again itself.
      const next = await this.#successor();
      carrier = next;
      return (deadlineMs: number | undefined) => next.#begin({ ...options, deadlineMs });
    };
    const call = new Call({ begun, name, log: this.#log, options, elsewhere });
    void call.ended.then(({ answered }) => {
      if (!answered) carrier.#keepNative();
    });
    return call;
  }

  #begin(options: CallOptions): BegunStream {
    const stream = this.#session.request(requestHeaders(options), { endStream: false });
    this.#native ??= nativePart(this.#session);
    return { session: this.#session, stream };
  }

  #keepNative(): void {
    neverCollected.add(this.#native);
  }

  /** Destroys the connection at once, as a crashed peer would. */
  destroy(): void {
    this.#session.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }
}

/** `unix:/run/x.sock` or `127.0.0.1:5000`. */
export function describeAddress(address: Address): string {
  return address.kind === 'unix' ? `unix:${address.path}` : `${address.host}:${address.port}`;
}

/** What `net.createConnection` takes for an address. */
export function socketOptions(address: Address): NetConnectOpts {
  return address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
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

async function connectSocket(address: Address, signal: AbortSignal): Promise<Socket> {
  const aborted = () => new ConnectError('ABORTED', 'the attempt to connect was given up');
  if (signal.aborted) throw aborted();
  const socket = createConnection(socketOptions(address));
  try {
    await once(socket, 'connect', { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw aborted();
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'UNKNOWN';
    throw new ConnectError(code, errorMessage(error));
  }
}

function connected(session: ClientHttp2Session): Promise<void> {
  return new Promise((resolve, reject) => {
    if (!session.connecting) return resolve();
    session.once('connect', () => resolve());
    session.once('error', (error) => reject(new ConnectError('PROTOCOL', error.message)));
    session.once('close', () => reject(new ConnectError('CLOSED', 'closed at once')));
  });
}
