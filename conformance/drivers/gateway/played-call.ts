import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import { create, toBinary } from '@bufbuild/protobuf';
import {
  type McpChunk,
  McpChunkSchema,
  type McpRequest,
  type McpResponse,
  McpResponseSchema,
  type RequestRpc,
} from '../../../proto/index.ts';
import { encodeLengthPrefixed } from '../../wire/length-prefix.ts';
import { endWithTrailers, type Trailers } from '../../wire/serve-call.ts';
import type { WireLog } from '../../wire/wire-log.ts';

type Members<Message> = Partial<Omit<Message, '$typeName' | '$unknown'>>;

/** How a call was over. */
export type CallClosing =
  /** The played runtime ended it, and the gateway let it. */
  | { readonly kind: 'ended' }
  /** The gateway gave it up, so many milliseconds after it came. */
  | { readonly kind: 'cancelled'; readonly afterMs: number };

/** A call as it came. */
export interface PlayedCallOptions {
  /** `rpc#3`, for the wire log. */
  readonly name: string;
  readonly rpc: RequestRpc;
  readonly message: McpRequest;
  readonly stream: ServerHttp2Stream;
  readonly headers: IncomingHttpHeaders;
  readonly log: WireLog;
}

/** A call that a gateway made, to be answered as a case says, or wrongly, or not at all. */
export class PlayedCall {
  readonly rpc: RequestRpc;
  readonly message: McpRequest;
  /** `grpc-timeout` in milliseconds; undefined where the call has none. */
  readonly timeoutMs: number | undefined;
  /** Settles when the call is over. Never rejects. */
  readonly closed: Promise<CallClosing>;
  /** Whether nothing more can be said on this call. */
  over = false;
  readonly #stream: ServerHttp2Stream;
  readonly #log: (text: string) => void;
  #begun = false;
  /** Whether this side has ended the call, in whatever way. */
  #said = false;
  #trailers: Trailers = { 'grpc-status': '0' };

  constructor({ name, rpc, message, stream, headers, log }: PlayedCallOptions) {
    this.rpc = rpc;
    this.message = message;
    this.timeoutMs = timeoutOf(headers['grpc-timeout']);
    this.#stream = stream;
    this.#log = (text) => log.add(name, 'sent', text);
    const arrivedAt = performance.now();
    this.closed = new Promise((resolve) => {
      stream.once('close', () => {
        this.over = true;
        const cancelled = !this.#said;
        if (cancelled) log.add(name, 'received', `call given up, code ${stream.rstCode}`);
        const afterMs = performance.now() - arrivedAt;
        resolve(cancelled ? { kind: 'cancelled', afterMs } : { kind: 'ended' });
      });
    });
  }

  /** Answers a unary call with OK. */
  answer(response: Members<McpResponse>): void {
    const message = create(McpResponseSchema, response);
    this.#log(`MESSAGE McpResponse ${message.status}, ${message.body.length} bytes`);
    this.write(encodeLengthPrefixed(toBinary(McpResponseSchema, message)));
    this.end();
  }

  /** Sends a chunk. @returns whether more is taken at once */
  chunk(members: Members<McpChunk>): boolean {
    const message = create(McpChunkSchema, members);
    const { status, errorStatus, data, done } = message;
    const head = status === 0 ? '' : `status ${status}, `;
    const error = errorStatus === 0 ? '' : `error_status ${errorStatus}, `;
    this.#log(`MESSAGE McpChunk ${head}${error}${data.length} bytes${done ? ', done' : ''}`);
    return this.write(encodeLengthPrefixed(toBinary(McpChunkSchema, message)));
  }

  /** Writes bytes as they are, after the response headers. @returns whether more is taken at once */
  write(bytes: Uint8Array): boolean {
    this.begin({ ':status': '200', 'content-type': 'application/grpc' });
    return this.#open ? this.#stream.write(bytes) : true;
  }

  /** Settles when what was written has been taken, or the call is over. Never rejects. */
  async drained(): Promise<void> {
    if (!this.#open || !this.#stream.writableNeedDrain) return;
    await Promise.race([new Promise((resolve) => this.#stream.once('drain', resolve)), this.closed]);
  }

  /** Sends response headers, once. */
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

  /** Ends the call with trailers; without any, where there are none. A call without response headers ends by trailers alone. */
  end(trailers: Trailers = { 'grpc-status': '0' }): void {
    if (!this.#open) return;
    this.#sayEnd(`TRAILERS ${JSON.stringify(trailers)}`);
    this.#trailers = trailers;
    if (this.#begun) this.#stream.end();
    else endWithTrailers(this.#stream, trailers);
    this.#begun = true;
  }

  /** RST_STREAM. */
  reset(code: number): void {
    if (this.over) return;
    this.#sayEnd(`RST_STREAM ${code}`);
    this.#stream.close(code);
  }

  /** GOAWAY that says that this call may have been carried out, and RST_STREAM: a runtime that ends in the middle of it. */
  goAway(): void {
    const { session } = this.#stream;
    this.#sayEnd('GOAWAY and RST_STREAM');
    session?.goaway(2, this.#stream.id);
    this.#stream.close(2);
    session?.close();
  }

  /** Ends the connection without a word. */
  disconnect(): void {
    this.#sayEnd('the end of the connection');
    this.#stream.session?.destroy();
  }

  #sayEnd(text: string): void {
    this.#said = true;
    this.#log(text);
  }

  get #open(): boolean {
    return !this.#stream.destroyed && !this.#stream.writableEnded;
  }
}

const unitMs = { H: 3_600_000, M: 60_000, S: 1_000, m: 1, u: 1e-3, n: 1e-6 } as const;

/** The value of `grpc-timeout` in milliseconds; undefined where it is invalid or absent. */
export function timeoutOf(value: string | readonly string[] | undefined): number | undefined {
  const match = typeof value === 'string' ? /^(\d{1,8})([HMSmun])$/.exec(value) : null;
  return match === null ? undefined : Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
}
