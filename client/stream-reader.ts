import { withTimeLimit } from '../base/deadline.ts';
import { mediaTypeOf } from '../base/http-fields.ts';
import type { McpChunk } from '../proto/index.ts';
import {
  AbortError,
  ContractViolationError,
  RefusedStreamError,
  type RuntimeClientError,
  TruncatedStreamError,
} from './errors.ts';
import { type JsonRpcMessage, parseJsonRpcMessage } from './json-rpc.ts';
import type { RuntimeStream, StreamHead, StreamOptions } from './runtime-client.ts';
import { type SseEvent, SseParser } from './sse-parser.ts';

/** The chunks of a call, read one by one. */
export interface ChunkSource {
  /** Whether the call has ended or has been cancelled. */
  readonly settled: boolean;
  /** Returns the next chunk, or undefined after the end with OK. @throws RuntimeClientError if the call failed */
  next(): Promise<McpChunk | undefined>;
  /** Cancels the call and ends reading, with or without an error. */
  stop(error?: RuntimeClientError): void;
}

/** Maximum size of the body of a refusal. */
const maxRefusalBytes = 1024 * 1024;

/** The default head of a stream (CLIENT-7). */
const assumedHead: StreamHead = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  origin: 'assumed',
};

/** Returns the head from the first chunk. A refusal without a head has a status but no header fields. */
function headOfFirstChunk(chunk: McpChunk): StreamHead {
  if (chunk.status !== 0 || Object.keys(chunk.headers).length > 0) {
    const status = chunk.errorStatus || chunk.status || 200;
    return { status, headers: chunk.headers, origin: 'sent' };
  }
  return chunk.errorStatus === 0 ? assumedHead : { status: chunk.errorStatus, headers: {}, origin: 'sent' };
}

/** Interprets the chunks of a call as the contract defines streams (section 10). */
export class StreamReader implements RuntimeStream {
  readonly head: Promise<StreamHead>;
  readonly #reader: ChunkSource;
  readonly #firstChunk: Promise<McpChunk | undefined>;
  readonly #parser: SseParser;
  #isRead = false;
  #isCancelled = false;

  constructor(reader: ChunkSource, options: StreamOptions) {
    this.#reader = reader;
    this.#parser = new SseParser({ maxEventCharacters: options.maxEventCharacters });
    this.#firstChunk = reader.next();
    this.head = this.#receiveHead(options.assumeHeadAfterMs);
    // Prevents an unhandled rejection if the caller uses only `head` or only reads the stream.
    this.#firstChunk.catch(() => {});
    this.head.catch(() => {});
  }

  get lastEventId(): string {
    return this.#parser.lastEventId;
  }

  get retryMs(): number | undefined {
    return this.#parser.retryMs;
  }

  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    if (this.#isRead) throw new TypeError('this stream already has a reader: a stream can be read only once');
    this.#isRead = true;
    return this.#data();
  }

  async *events(): AsyncGenerator<SseEvent, void, undefined> {
    for await (const data of this) {
      const mediaType = mediaTypeOf((await this.head).headers);
      if (mediaType !== '' && mediaType !== 'text/event-stream') {
        throw new ContractViolationError(`the stream has no events: its content-type is ${mediaType}`);
      }
      yield* this.#parser.push(data);
    }
  }

  async *messages(): AsyncGenerator<JsonRpcMessage, void, undefined> {
    if (await this.#isJson()) {
      const pieces: Uint8Array[] = [];
      for await (const data of this) pieces.push(data);
      if (pieces.length > 0) yield parseJsonRpcMessage(Buffer.concat(pieces).toString('utf8'));
      return;
    }
    for await (const { type, data } of this.events()) {
      if (type === 'message' && data !== '') yield parseJsonRpcMessage(data);
    }
  }

  cancel(): void {
    if (this.#reader.settled) return;
    this.#isCancelled = true;
    this.#reader.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.cancel();
  }

  async #receiveHead(assumeAfterMs: number | undefined): Promise<StreamHead> {
    const received = this.#firstChunk.then((chunk) => {
      if (chunk) return headOfFirstChunk(chunk);
      throw this.#isCancelled ? new AbortError('InvokeStream', undefined) : new TruncatedStreamError(0);
    });
    if (assumeAfterMs === undefined) return received;
    return (await withTimeLimit(received, assumeAfterMs)) ?? assumedHead;
  }

  async #isJson(): Promise<boolean> {
    const first = await this.#firstChunk.catch(() => undefined);
    return first !== undefined && mediaTypeOf(headOfFirstChunk(first).headers) === 'application/json';
  }

  async *#data(): AsyncGenerator<Uint8Array, void, undefined> {
    let receivedBytes = 0;
    try {
      let chunk = await this.#firstChunk;
      if (chunk) await this.#throwIfRefused(chunk);
      while (chunk) {
        receivedBytes += chunk.data.byteLength;
        if (chunk.data.byteLength > 0) yield chunk.data;
        if (chunk.done) return await this.#expectEnd();
        chunk = await this.#reader.next();
        if (chunk && chunk.errorStatus !== 0) {
          throw new ContractViolationError('the runtime sent error_status after the first chunk of a stream');
        }
      }
      if (!this.#isCancelled) throw new TruncatedStreamError(receivedBytes);
    } finally {
      this.#reader.stop();
    }
  }

  async #throwIfRefused(first: McpChunk): Promise<void> {
    const { status, headers } = headOfFirstChunk(first);
    if (status < 400 && first.errorStatus === 0) return;
    throw new RefusedStreamError(status, headers, await this.#bodyOfRefusal(first));
  }

  /** Reads the body of a refusal (POST-6). The chunk with `error_status` is the only one. */
  async #bodyOfRefusal(first: McpChunk): Promise<Uint8Array> {
    if (first.errorStatus !== 0 && !first.done) return new Uint8Array();
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    for (let chunk: McpChunk | undefined = first; chunk; chunk = await this.#reader.next()) {
      bytes += chunk.data.byteLength;
      if (bytes > maxRefusalBytes) throw new ContractViolationError('the body of a refusal is too large');
      pieces.push(chunk.data);
      if (!chunk.done) continue;
      await this.#expectEnd();
      return Buffer.concat(pieces);
    }
    throw this.#isCancelled ? new AbortError('InvokeStream', undefined) : new TruncatedStreamError(bytes);
  }

  /** Expects gRPC OK after `done`. A failure after `done` still fails the stream. */
  async #expectEnd(): Promise<void> {
    const chunk = await this.#reader.next();
    if (chunk) throw new ContractViolationError('the runtime sent a chunk after the one with done');
  }
}
