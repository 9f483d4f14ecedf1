import type { Address } from '../../../runners/runner.ts';
import { ConnectError, connectSocket, describeAddress } from '../connect-socket.ts';
import {
  type CallOptions,
  NotExpressibleError,
  type RuntimeCall,
  type RuntimeConnection,
} from '../runtime-call.ts';
import type { WireLog } from '../wire-log.ts';
import { HttpCall } from './http-call.ts';
import { HttpSocket } from './http-socket.ts';

/** Options of a connection. */
export interface HttpConnectionOptions {
  readonly address: Address;
  readonly name: string;
  readonly log: WireLog;
  /** Aborts the attempt to connect. */
  readonly signal: AbortSignal;
}

/** The connection of a case. It is a pool of sockets, because an HTTP/1.1 socket carries one call at a time. */
export class HttpConnection implements RuntimeConnection {
  readonly name: string;
  readonly isGivenUp = false;
  readonly #options: HttpConnectionOptions;
  readonly #idle: HttpSocket[] = [];
  readonly #busy = new Set<HttpSocket>();
  #calls = 0;
  #destroyed = false;

  private constructor(options: HttpConnectionOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** @throws ConnectError */
  static async open(options: HttpConnectionOptions): Promise<HttpConnection> {
    const connection = new HttpConnection(options);
    connection.#idle.push(new HttpSocket(await connectSocket(options.address, options.signal)));
    options.log.add(options.name, 'local', `connected to ${describeAddress(options.address)}`);
    return connection;
  }

  /** Whether at least one socket is open. Without one, the target may be gone. */
  get usable(): boolean {
    return !this.#destroyed && (this.#busy.size > 0 || this.#idle.some(({ isIdle }) => isIdle));
  }

  call(options: CallOptions): RuntimeCall {
    this.#calls += 1;
    if (!this.usable) throw new ConnectError('CLOSED', 'the connection ended before the call');
    const socket = this.#socket();
    this.#busy.add(socket);
    return new HttpCall({
      name: `${this.name}#${this.#calls}`,
      log: this.#options.log,
      options,
      socket,
      release: (reusable) => this.#release(socket, reusable),
    });
  }

  async ping(): Promise<never> {
    throw new NotExpressibleError('HTTP/1.1 has no PING');
  }

  async changeSettings(): Promise<never> {
    throw new NotExpressibleError('HTTP/1.1 has no SETTINGS');
  }

  destroy(): void {
    this.#destroyed = true;
    for (const socket of [...this.#busy, ...this.#idle]) socket.destroy();
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  #socket(): HttpSocket {
    for (let socket = this.#idle.pop(); socket !== undefined; socket = this.#idle.pop()) {
      if (socket.isIdle) return socket;
    }
    return HttpSocket.open(this.#options.address);
  }

  #release(socket: HttpSocket, reusable: boolean): void {
    this.#busy.delete(socket);
    if (reusable && !this.#destroyed && socket.isIdle && socket.isFlushed) {
      socket.resume();
      this.#idle.push(socket);
    } else socket.destroy();
  }
}
