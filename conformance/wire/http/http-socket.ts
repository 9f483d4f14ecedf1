import { createConnection, type Socket } from 'node:net';
import { errorMessage } from '../../../base/error-message.ts';
import type { Address } from '../../../runners/runner.ts';
import { socketOptions } from '../connect-socket.ts';
import type { PausableStream } from '../receive-buffer.ts';
import { invalidResponse, type ResponseHead, ResponseParser } from './response-parser.ts';

/** Receives the response to one request. */
export interface HttpListener {
  head(head: ResponseHead): void;
  data(bytes: Buffer): void;
  end(): void;
  /**
   * Called if the response cannot be completed.
   * @param isProtocol whether the response violates HTTP. False: the connection was lost
   */
  lost(problem: string, isProtocol: boolean): void;
}

/** An HTTP/1.1 socket, which carries one request at a time. */
export class HttpSocket implements PausableStream {
  readonly #socket: Socket;
  readonly #parser = new ResponseParser();
  #listener: HttpListener | undefined;
  #flushed: Promise<void> = Promise.resolve();
  #error: string | undefined;

  /** @param socket a socket that is connected or still connecting */
  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', (error) => {
      this.#error = errorMessage(error);
    });
    socket.on('close', () => this.#onClose());
  }

  /** Opens a socket. An error ends the request on it. */
  static open(address: Address): HttpSocket {
    return new HttpSocket(createConnection(socketOptions(address)));
  }

  /** Whether another request may use the socket. */
  get isIdle(): boolean {
    return this.#listener === undefined && !this.#socket.destroyed && this.#socket.readable;
  }

  get closed(): boolean {
    return this.#socket.closed;
  }

  isPaused(): boolean {
    return this.#socket.isPaused();
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Sends a request. @param method its method */
  request(method: string, bytes: Uint8Array, listener: HttpListener): void {
    this.#listener = listener;
    if (this.#socket.destroyed) {
      this.#onClose();
      return;
    }
    this.#parser.expect(method, {
      head: (head) => listener.head(head),
      data: (piece) => listener.data(piece),
      end: () => {
        this.#listener = undefined;
        listener.end();
      },
    });
    this.#flushed = new Promise((resolve) => this.#socket.write(bytes, () => resolve()));
  }

  /** Settles when the system has accepted the bytes of the request. Stays pending if the socket is destroyed first. */
  flushed(): Promise<void> {
    return this.#flushed;
  }

  /** Whether the system has accepted all bytes of the request. */
  get isFlushed(): boolean {
    return this.#socket.writableLength === 0;
  }

  /** Destroys the socket. A request on it is lost. */
  destroy(): void {
    this.#socket.destroy();
  }

  #onData(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      const problem = `${invalidResponse}: ${errorMessage(error)}`;
      this.#take()?.lost(problem, true);
      this.#socket.destroy();
    }
  }

  #onClose(): void {
    const cause = this.#error === undefined ? '' : `: ${this.#error}`;
    if (this.#parser.isOpen) this.#parser.end();
    this.#take()?.lost(`the connection ended during the call${cause}`, false);
  }

  #take(): HttpListener | undefined {
    const listener = this.#listener;
    this.#listener = undefined;
    return listener;
  }
}
