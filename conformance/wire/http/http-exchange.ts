import { once } from 'node:events';
import type { Socket } from 'node:net';
import { errorMessage } from '../../../base/error-message.ts';
import type { Address } from '../../../runners/runner.ts';
import { connectSocket } from '../connect-socket.ts';
import type { WireLog } from '../wire-log.ts';
import { invalidResponse, type ResponseHead, ResponseParser } from './response-parser.ts';

/** One complete response. */
export interface HttpReply {
  readonly head: ResponseHead;
  readonly body: Buffer;
  /** How the end of the body was marked. */
  readonly framing: 'length' | 'chunked' | 'connection' | 'none';
}

/** Options of an exchange. */
export interface ExchangeOptions {
  readonly log: WireLog;
  /** Aborts the attempt to connect. */
  readonly signal: AbortSignal;
}

/** How to send the pieces of an exchange. */
export interface Sending {
  /** Sends each piece after the system has accepted the previous one. */
  readonly separately?: boolean;
  /** Half-closes the connection after the pieces. */
  readonly end?: boolean;
}

/** The name of these connections in the wire log. */
const logName = 'http';

/** Sends arbitrary bytes on one HTTP/1.1 connection and reads the responses. Disposing of it closes the connection. */
export class HttpExchange implements AsyncDisposable {
  readonly replies: HttpReply[] = [];
  /** Resolves when the target has closed the connection. */
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #log: WireLog;
  readonly #parser = new ResponseParser();
  readonly #waiting = new Set<() => void>();
  #isHead = false;
  #isClosed = false;
  /** Why the bytes from the target are not a valid response. Undefined if they are. */
  problem: string | undefined;

  private constructor(socket: Socket, log: WireLog) {
    this.#socket = socket;
    this.#log = log;
    socket.on('data', (bytes: Buffer) => this.#onData(bytes));
    socket.on('error', () => undefined);
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        if (this.#parser.isOpen) this.#parser.end();
        this.#log.add(logName, 'local', 'connection closed');
        this.#wake();
        resolve();
      });
    });
  }

  /** @throws ConnectError */
  static async open(address: Address, { log, signal }: ExchangeOptions): Promise<HttpExchange> {
    return new HttpExchange(await connectSocket(address, signal), log);
  }

  get statuses(): readonly number[] {
    return this.replies.map(({ head }) => head.status);
  }

  /** Whether the target has neither closed the connection nor announced that it will. */
  get isOpen(): boolean {
    return !this.#isClosed && (this.replies.at(-1)?.head.keepAlive ?? true);
  }

  /** Sends bytes. Settles when the system has accepted them, or the connection is closed. */
  async send(pieces: readonly Buffer[], { separately = false, end = false }: Sending): Promise<void> {
    this.#isHead = pieces[0]?.subarray(0, 5).toString('latin1') === 'HEAD ';
    this.#expect();
    for (const piece of separately ? pieces : [Buffer.concat(pieces)]) {
      this.#log.add(logName, 'sent', JSON.stringify(piece.toString('latin1', 0, 400)));
      const written = new Promise<void>((resolve) => this.#socket.write(piece, () => resolve()));
      await Promise.race([written, this.closed]);
    }
    if (end) this.#socket.end();
  }

  /** Resolves when this number of responses is complete, or no further one can arrive. */
  async replied(count: number): Promise<void> {
    while (this.replies.length < count && !this.#isClosed && this.problem === undefined) {
      await new Promise<void>((resolve) => this.#waiting.add(resolve));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    const closed = once(this.#socket, 'close');
    this.#socket.destroy();
    await closed;
  }

  #expect(): void {
    let head: ResponseHead | undefined;
    const pieces: Buffer[] = [];
    this.#parser.expect(this.#isHead ? 'HEAD' : 'GET', {
      head: (received) => {
        head = received;
        this.#log.add(logName, 'received', `HTTP/1.1 ${received.status}`);
      },
      data: (bytes) => pieces.push(bytes),
      end: () => {
        if (head === undefined) return;
        this.replies.push({ head, body: Buffer.concat(pieces), framing: framingOf(head) });
        this.#wake();
        this.#expect();
      },
    });
  }

  #onData(bytes: Buffer): void {
    try {
      this.#parser.push(bytes);
    } catch (error) {
      this.problem = `${invalidResponse}: ${errorMessage(error)}`;
      this.#socket.destroy();
      this.#wake();
    }
  }

  #wake(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const wake of waiting) wake();
  }
}

function framingOf({ fields, endsWithConnection }: ResponseHead): HttpReply['framing'] {
  if (endsWithConnection) return 'connection';
  const has = (name: string) => fields.some(([each]) => each === name);
  if (has('transfer-encoding')) return 'chunked';
  return has('content-length') ? 'length' : 'none';
}
