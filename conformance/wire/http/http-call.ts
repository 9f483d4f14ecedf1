import { errorMessage } from '../../../base/error-message.ts';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { type RequestRpc, type RpcName, rpcNames, rpcPath } from '../../../proto/index.ts';
import type { CallEnd } from '../call-end.ts';
import { ReceiveBuffer } from '../receive-buffer.ts';
import { type CallOptions, NotExpressibleError, type RuntimeCall } from '../runtime-call.ts';
import type { WireLog } from '../wire-log.ts';
import { type AnswerMessages, answerMessages, UnavailableError } from './answer-messages.ts';
import type { HttpSocket } from './http-socket.ts';
import { healthRequest, httpRequestOf } from './request-bytes.ts';
import type { ResponseHead } from './response-parser.ts';

/** Inputs of a call, provided by its connection. */
export interface HttpCallParts {
  readonly name: string;
  readonly log: WireLog;
  readonly options: CallOptions;
  /** A socket of the connection that no other call uses. */
  readonly socket: HttpSocket;
  /** Called when the call has ended. `reusable`: another call may use the socket. */
  readonly release: (reusable: boolean) => void;
}

/** The reason for which the client gave up a call. */
type Abandonment = Pick<CallEnd, 'grpc' | 'grpcMessage'> & { readonly protocolProblem?: string };

/** One call over HTTP/1.1. It has a socket of its own, and converts the answer to messages of the proto module. */
export class HttpCall implements RuntimeCall {
  readonly name: string;
  readonly ended: Promise<CallEnd>;
  readonly #parts: HttpCallParts;
  readonly #rpc: RpcName;
  readonly #received: ReceiveBuffer;
  readonly #settle: (end: CallEnd) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #messages: AnswerMessages | undefined;
  #head: ResponseHead | undefined;
  #isOver = false;

  constructor(parts: HttpCallParts) {
    const { name, options, socket } = parts;
    this.name = name;
    this.#parts = parts;
    this.#rpc = rpcOf(options.path);
    this.#received = new ReceiveBuffer(socket, { receiveLimit: options.receiveLimit, acceptsGzip: false });
    let settle: (end: CallEnd) => void = () => undefined;
    this.ended = new Promise((resolve) => {
      settle = resolve;
    });
    this.#settle = settle;
    const { deadlineMs } = options;
    if (deadlineMs !== undefined) this.#timer = setTimeout(() => this.#onDeadline(deadlineMs), deadlineMs);
  }

  get firstMessageAt(): number | undefined {
    return this.#received.firstMessageAt;
  }

  send(message: Uint8Array): void {
    if (this.#messages !== undefined) throw new NotExpressibleError('a call over HTTP has one message');
    const { name, log, socket, options } = this.#parts;
    const request =
      this.#rpc === 'HealthCheck' ? healthRequest() : httpRequestOf(this.#rpc as RequestRpc, message);
    const { method, line, bytes } = request;
    this.#messages = answerMessages(this.#rpc, method, options.receiveLimit);
    log.add(name, 'sent', line);
    if (this.#isOver) return;
    socket.request(request.method, bytes, {
      head: (head) => this.#onHead(head),
      data: (piece) => this.#take((messages) => messages.data(piece)),
      end: () => this.#onResponseEnd(),
      lost: (problem, isProtocol) => this.#onLost(problem, isProtocol),
    });
  }

  sendBytes(): never {
    throw new NotExpressibleError('HTTP cannot carry the bytes of a gRPC message');
  }

  async flushed(): Promise<void> {
    await Promise.race([this.#parts.socket.flushed(), this.ended]);
  }

  /** Does nothing, because the request ends with its message. */
  sendEnd(): void {}

  cancel(): void {
    this.#abandon({ grpc: 'CANCELLED', grpcMessage: 'cancelled by this side' });
  }

  refuse(problem: string): void {
    this.#abandon({ grpc: 'INTERNAL', grpcMessage: problem, protocolProblem: problem });
  }

  next(): Promise<Buffer | undefined> {
    return this.#received.next();
  }

  #onHead(head: ResponseHead): void {
    this.#head = head;
    const { name, log } = this.#parts;
    const type = head.fields.find(([field]) => field === 'content-type')?.[1] ?? '(none)';
    log.add(name, 'received', `HTTP/1.1 ${head.status} content-type ${type}`);
    if (head.endsWithConnection)
      this.refuse('the response has neither content-length nor chunked coding (HTTP-5)');
    else this.#take((messages) => messages.head(head));
  }

  #onResponseEnd(): void {
    this.#take((messages) => messages.end());
    this.#finish(
      { grpc: 'OK', grpcMessage: '' },
      { answered: true, reusable: this.#head?.keepAlive ?? false },
    );
  }

  #onLost(problem: string, isProtocol: boolean): void {
    const { name, log } = this.#parts;
    if (this.#isOver) return;
    log.add(name, 'local', problem);
    if (isProtocol) this.refuse(problem);
    else this.#finish({ grpc: 'UNAVAILABLE', grpcMessage: problem }, { answered: false, reusable: false });
  }

  #onDeadline(deadlineMs: number): void {
    this.#parts.log.add(this.name, 'local', `the deadline of ${deadlineMs} ms passed`);
    this.#abandon({ grpc: 'DEADLINE_EXCEEDED', grpcMessage: 'the deadline passed' });
  }

  #abandon(end: Abandonment): void {
    if (this.#isOver) return;
    this.#parts.log.add(this.name, 'sent', 'connection closed');
    this.#finish(end, { answered: false, reusable: false });
  }

  #take(messagesOf: (messages: AnswerMessages) => readonly Uint8Array[]): void {
    if (this.#messages === undefined || this.#isOver) return;
    try {
      for (const message of messagesOf(this.#messages)) this.#received.push(encodeLengthPrefixed(message));
    } catch (error) {
      const grpcMessage = errorMessage(error);
      if (error instanceof UnavailableError)
        this.#finish({ grpc: 'UNAVAILABLE', grpcMessage }, { answered: true, reusable: false });
      else this.refuse(grpcMessage);
    }
  }

  #finish(
    end: Abandonment,
    { answered, reusable }: { readonly answered: boolean; readonly reusable: boolean },
  ): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#received.end();
    this.#parts.release(reusable);
    this.#settle({
      protocolProblem: undefined,
      ...end,
      answered,
      transport: 'http',
      httpStatus: this.#head?.status,
    });
  }
}

function rpcOf(path: string): RpcName {
  const rpc = rpcNames.find((name) => rpcPath(name) === path);
  if (rpc === undefined) throw new NotExpressibleError(`the gRPC method ${path} has no form over HTTP`);
  return rpc;
}
