import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import {
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  type McpResponse,
  McpResponseSchema,
  type RequestRpc,
} from '../../../proto/index.ts';
import { endWithTrailers, type Trailers } from '../../wire/serve-call.ts';
import type { WireLog } from '../../wire/wire-log.ts';

type Members<Message> = Partial<Omit<Message, '$typeName' | '$unknown'>>;

/** The end of a call. */
export type CallClosing =
  /** The played runtime ended the call. */
  | { readonly kind: 'ended' }
  /** The gateway cancelled the call `afterMs` milliseconds after it arrived. */
  | { readonly kind: 'cancelled'; readonly afterMs: number };

/** An incoming call. */
export interface PlayedCallOptions {
  /** Name in the wire log, such as `rpc#3`. */
  readonly name: string;
  readonly rpc: RequestRpc;
  readonly message: McpRequest;
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly log: WireLog;
}

/** A call from the gateway. A case decides whether the response is correct, incorrect or absent. */
export class PlayedCall {
  readonly rpc: RequestRpc;
  readonly message: McpRequest;
  /** `:authority`. Empty if absent. */
  readonly authority: string;
  /** `grpc-timeout` in milliseconds. Undefined if absent. */
  readonly timeoutMs: number | undefined;
  /** Resolves when the call is over. Never rejects. */
  readonly closed: Promise<CallClosing>;
  /** Whether no further message can be sent on this call. */
  over = false;
  readonly #stream: ServerHttp2Stream;
  readonly #log: (text: string) => void;
  #begun = false;
  /** Whether the played runtime has ended the call. */
  #said = false;
  #trailers: Trailers = { 'grpc-status': '0' };

  constructor({ name, rpc, message, stream, headers, log }: PlayedCallOptions) {
    this.rpc = rpc;
    this.message = message;
    this.authority = headers[':authority'] ?? '';
    this.timeoutMs = timeoutOf(headers['grpc-timeout']);
    this.#stream = stream;
    this.#log = (text) => log.add(name, 'sent', text);
    const arrivedAt = performance.now();
    this.closed = new Promise((resolve) => {
      stream.once('close', () => {
        this.over = true;
        const cancelled = !this.#said;
        if (cancelled) log.add(name, 'received', `call cancelled, code ${stream.rstCode}`);
        const afterMs = performance.now() - arrivedAt;
        resolve(cancelled ? { kind: 'cancelled', afterMs } : { kind: 'ended' });
      });
    });
  }

  /** Responds to a unary call with OK. */
  answer(response: Members<McpResponse>): void {
    const message = create(McpResponseSchema, response);
    this.#log(`MESSAGE McpResponse ${message.status}, ${message.body.length} bytes`);
    this.write(encodeLengthPrefixed(toBinary(McpResponseSchema, message)));
    this.end();
  }

  /** Sends a chunk. @returns whether more can be written immediately */
  chunk(members: Members<McpChunk>): boolean {
    const message = create(McpChunkSchema, members);
    const { status, errorStatus, data, done } = message;
    const head = status === 0 ? '' : `status ${status}, `;
    const error = errorStatus === 0 ? '' : `error_status ${errorStatus}, `;
    this.#log(`MESSAGE McpChunk ${head}${error}${data.length} bytes${done ? ', done' : ''}`);
    return this.write(encodeLengthPrefixed(toBinary(McpChunkSchema, message)));
  }

  /** Writes raw bytes after the response headers. @returns whether more can be written immediately */
  write(bytes: Uint8Array): boolean {
    this.begin({ ':status': '200', 'content-type': 'application/grpc' });
    return this.#open ? this.#stream.write(bytes) : true;
  }

  /** Resolves when all written data has been flushed or the call is over. Never rejects. */
  async drained(): Promise<void> {
    if (!this.#open || !this.#stream.writableNeedDrain) return;
    await Promise.race([new Promise((resolve) => this.#stream.once('drain', resolve)), this.closed]);
  }

  /** Sends the response headers, unless they have been sent. */
  begin(headers: Readonly<Record<string, string>>): void {
    if (this.#begun || !this.#open) return;
    this.#begun = true;
    this.#log(`HEADERS :status ${headers[':status']}`);
    this.#stream.respond(headers, { waitForTrailers: true });
    this.#stream.on('wantTrailers', () => {
      if (this.#stream.destroyed) return;
      if (Object.keys(this.#trailers).length === 0) this.#stream.close();
      else this.#stream.sendTrailers(this.#trailers);
    });
  }

  /**
   * Ends the call with trailers. A call without response headers becomes trailers-only. Empty trailers are not sent.
   */
  end(trailers: Trailers = { 'grpc-status': '0' }): void {
    if (!this.#open) return;
    this.#logEnd(`TRAILERS ${JSON.stringify(trailers)}`);
    this.#trailers = trailers;
    if (this.#begun) this.#stream.end();
    else endWithTrailers(this.#stream, trailers);
    this.#begun = true;
  }

  /** Resets the call (RST_STREAM). */
  reset(code: number): void {
    if (this.over) return;
    this.#logEnd(`RST_STREAM ${code}`);
    this.#stream.close(code);
  }

  /** Sends a GOAWAY that covers this call and then resets the call, like a runtime that exits during the call. */
  goAway(): void {
    const { session } = this.#stream;
    this.#logEnd('GOAWAY and RST_STREAM');
    session?.goaway(2, this.#stream.id);
    this.#stream.close(2);
    session?.close();
  }

  /** Closes the connection without GOAWAY. */
  disconnect(): void {
    this.#logEnd('connection closed');
    this.#stream.session?.destroy();
  }

  #logEnd(text: string): void {
    this.#said = true;
    this.#log(text);
  }

  get #open(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded;
  }
}

const unitMs = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 } as const;

/** Parses `grpc-timeout` into milliseconds. Returns undefined if it is invalid or absent. */
export function timeoutOf(value: string | readonly string[] | undefined): number | undefined {
  const match = typeof value === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
