import http2, { type ClientHttp2Session, type ClientHttp2Stream, type OutgoingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import { maxCalls, maxCancelled } from '../../../base/connection-limits.ts';

/** Time in milliseconds after which an additional connection without calls is closed. */
const idleMs = 5000;

/** The connections to a runtime. It opens one for the first call, and more when all others are busy. */
export class SessionPool {
  readonly #socketPath: string;
  readonly #sessions: PooledSession[] = [];

  /** @param socketPath the path of a Unix domain socket */
  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Whether the connection that the next calls use is open. */
  get connected(): boolean {
    return this.#sessions.find((session) => session.isUsable)?.connected === true;
  }

  /** Returns the connection for a call. */
  lease(): PooledSession {
    const free = this.#sessions.find((session) => session.isUsable && session.calls < maxCalls);
    const session = free ?? this.#open();
    session.begin();
    return session;
  }

  /** Called once at the end of a call. @param isCancelled whether this side ended the call */
  release(session: PooledSession, isCancelled: boolean): void {
    session.end(isCancelled);
    if (session.calls > 0) return;
    // The first usable connection stays open for the next calls.
    const isNext = session === this.#sessions.find((each) => each.isUsable);
    if (isNext) return;
    if (session.isUsable) session.closeWhenIdle();
    else session.close();
  }

  close(): void {
    for (const session of this.#sessions.splice(0)) session.destroy();
  }

  #open(): PooledSession {
    const session = new PooledSession(this.#socketPath, () => {
      const at = this.#sessions.indexOf(session);
      if (at >= 0) this.#sessions.splice(at, 1);
    });
    this.#sessions.push(session);
    return session;
  }
}

/** One HTTP/2 connection, which counts its calls. */
export class PooledSession {
  readonly #session: ClientHttp2Session;
  #idleTimer: NodeJS.Timeout | undefined;
  #isConnected = false;
  #calls = 0;
  #cancelled = 0;

  constructor(socketPath: string, onClose: () => void) {
    this.#session = http2.connect('http://localhost', {
      createConnection: () => connect(socketPath),
      settings: { enablePush: false },
    });
    this.#session.on('connect', () => {
      this.#isConnected = true;
    });
    // The streams of a failed connection report the failure.
    this.#session.on('error', () => {});
    this.#session.on('close', () => {
      clearTimeout(this.#idleTimer);
      onClose();
    });
  }

  /** The number of open calls. */
  get calls(): number {
    return this.#calls;
  }

  get connected(): boolean {
    return this.#isConnected && !this.#session.closed;
  }

  /** Whether the connection accepts more calls. After GOAWAY, Node counts it as closed. */
  get isUsable(): boolean {
    return !this.#session.closed && !this.#session.destroyed && this.#cancelled < maxCancelled;
  }

  begin(): void {
    this.#calls += 1;
    if (this.#calls === 1) this.#session.ref();
  }

  end(isCancelled: boolean): void {
    this.#calls -= 1;
    if (isCancelled) this.#cancelled += 1;
    // An idle connection does not keep the process alive.
    if (this.#calls === 0) this.#session.unref();
  }

  /** Starts a call. @throws Error if the connection has ended */
  request(headers: OutgoingHttpHeaders): ClientHttp2Stream {
    return this.#session.request(headers);
  }

  /**
   * Closes the connection if it has no call for a while. If it closed at once, the pool would keep opening connections
   * while the number of calls varies around the limit of the other connections.
   */
  closeWhenIdle(): void {
    if (this.#idleTimer !== undefined) {
      this.#idleTimer.refresh();
      return;
    }
    this.#idleTimer = setTimeout(() => {
      this.#idleTimer = undefined;
      if (this.#calls === 0) this.close();
    }, idleMs).unref();
  }

  /** Closes the connection after its calls. */
  close(): void {
    if (!this.#session.closed) this.#session.close();
  }

  destroy(): void {
    this.#session.destroy();
  }
}
