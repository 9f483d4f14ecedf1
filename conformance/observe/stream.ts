import { fromBinary } from '@bufbuild/protobuf';
import { errorMessage } from '../../base/error-message.ts';
import { mediaTypeOf } from '../../base/http-fields.ts';
import { type McpChunk, McpChunkSchema } from '../../proto/index.ts';
import type { RuntimeCall } from '../wire/runtime-call.ts';
import type { WireLog } from '../wire/wire-log.ts';
import { ObservationError } from './json-text.ts';
import { isUnknownNotification } from './mcp-methods.ts';
import { carriesMessage, type SseEvent, SseReader } from './sse.ts';
import {
  idToken,
  lowerCaseNames,
  type Observation,
  observeEnd,
  observeText,
  parseEventData,
} from './unary.ts';

/**
 * Maximum number of chunks without data, more than any case needs. A target that exceeds this limit is flooding the
 * kit. Chunks with data have no limit of their own, because a stream may be cut anywhere (STREAM-6).
 */
const maxEmptyChunks = 100_000;
/** Maximum size of a body in bytes for a case that does not set its own limit. */
const defaultMaxBytes = 8 << 20;

/** The head of a stream: the status and headers of capability `stream-head`, and the error status of a refusal. */
export interface StreamHead {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The names of `headers`, unchanged. */
  readonly headerNames?: readonly string[];
  readonly errorStatus: number;
}

/** Watches the parts of a stream as they arrive. */
export interface StreamWatch {
  head(head: StreamHead): void;
  /** @param message the message that the event carries, or undefined */
  event(event: SseEvent, message: unknown): void;
}

/** Options of a stream reader. */
export interface StreamReaderOptions {
  readonly log: WireLog;
  readonly watch?: StreamWatch | undefined;
  /** Maximum size of the body in bytes. */
  readonly maxBytes?: number | undefined;
}

/** Reads an `InvokeStream` call, and throws if the stream violates the contract. */
export class StreamReader {
  readonly call: RuntimeCall;
  readonly #log: WireLog;
  readonly #watch: StreamWatch | undefined;
  readonly #maxBytes: number;
  readonly #sse = new SseReader();
  readonly #events: SseEvent[] = [];
  readonly #unread: unknown[] = [];
  readonly #messages: unknown[] = [];
  readonly #json: Uint8Array[] = [];
  #head: StreamHead | undefined;
  #chunks = 0;
  #emptyChunks = 0;
  #bytes = 0;
  #done = false;
  #dataOnDone = false;
  #afterDone = 0;

  constructor(call: RuntimeCall, { log, watch, maxBytes = defaultMaxBytes }: StreamReaderOptions) {
    this.call = call;
    this.#log = log;
    this.#watch = watch;
    this.#maxBytes = maxBytes;
  }

  /**
   * Returns the head when the first chunk arrives, or undefined if the stream has no chunk.
   * @throws ObservationError
   */
  async head(): Promise<StreamHead | undefined> {
    while (this.#head === undefined && (await this.#readChunk()));
    return this.#head;
  }

  /** Returns the next JSON-RPC message, or undefined when the stream has ended. @throws ObservationError */
  async nextMessage(): Promise<unknown> {
    while (this.#unread.length === 0 && (await this.#readChunk()));
    return this.#unread.shift();
  }

  /** Reads the rest and returns the observation of the whole stream. @throws ObservationError */
  async finish(): Promise<Observation> {
    while (await this.#readChunk());
    const end = await this.call.ended;
    if (this.#afterDone > 0) {
      throw new ObservationError(
        `STREAM-3: the chunk with done is not the last; chunks after it: ${this.#afterDone}`,
      );
    }
    if (this.#dataOnDone) throw new ObservationError('STREAM-4: the chunk with done has data');
    if (end.grpc === 'OK' && !this.#done) {
      throw new ObservationError('STREAM-3: the stream ended with OK but never sent done');
    }
    if (this.#done && !['OK', 'CANCELLED', 'DEADLINE_EXCEEDED'].includes(end.grpc)) {
      const status = `${end.grpc} ${end.grpcMessage}`;
      throw new ObservationError(`STREAM-3: the stream ended with ${status} after the chunk with done`);
    }
    const { status, headers, headerNames, errorStatus = 0 } = this.#head ?? {};
    return {
      ...observeEnd(end),
      done: this.#done,
      errorStatus,
      refused: errorStatus || ((status ?? 0) >= 400 ? status : 0),
      chunks: this.#chunks,
      bytes: this.#bytes,
      ...(status === undefined ? {} : { status }),
      ...(headers === undefined ? {} : { headers, headerNames }),
      messages: this.#messages,
      events: this.#events,
      ...(this.#json.length > 0 && observeText(Buffer.concat(this.#json), 'json')),
    };
  }

  /** Whether the body is the JSON of a refusal (POST-6). */
  get #isJson(): boolean {
    const { status = 0, headers = {} } = this.#head ?? {};
    return status >= 400 && mediaTypeOf(headers) === 'application/json';
  }

  async #readChunk(): Promise<boolean> {
    const bytes = await this.call.next();
    if (bytes === undefined) return false;
    try {
      this.#take(decodeChunk(bytes));
    } catch (error) {
      // An invalid stream stays invalid, so its remaining chunks are not read.
      this.call.cancel();
      throw error;
    }
    return true;
  }

  #take(chunk: McpChunk): void {
    this.#chunks += 1;
    this.#bytes += chunk.data.length;
    this.#log.add(this.call.name, 'received', `MESSAGE McpChunk ${describeChunk(chunk)}`);
    if (chunk.data.length === 0) this.#emptyChunks += 1;
    if (this.#emptyChunks > maxEmptyChunks || this.#bytes > this.#maxBytes) {
      throw new ObservationError(`the stream floods: ${this.#chunks} chunks with ${this.#bytes} bytes`);
    }
    if (this.#done) {
      this.#afterDone += 1;
      return;
    }
    const first = this.#head === undefined;
    if (first) {
      this.#head = headOf(chunk);
      this.#watch?.head(this.#head);
    }
    if (chunk.errorStatus !== 0 && !(first && chunk.done && chunk.data.length === 0)) {
      const place = 'is only allowed on a single empty chunk with done';
      throw new ObservationError(`STREAM-2: error_status ${chunk.errorStatus} ${place}`);
    }
    if (chunk.errorStatus !== 0 && chunk.errorStatus < 400) {
      throw new ObservationError(`STREAM-2: error_status is ${chunk.errorStatus}, below 400`);
    }
    if (!first && (chunk.status !== 0 || Object.keys(chunk.headers).length > 0)) {
      throw new ObservationError('HEAD-1: a chunk after the first has a status or header fields');
    }
    this.#done = chunk.done;
    this.#dataOnDone = chunk.done && chunk.data.length > 0;
    if (this.#isJson) {
      if (chunk.data.length > 0) this.#json.push(chunk.data);
      return;
    }
    for (const event of this.#sse.push(chunk.data)) {
      this.#events.push(event);
      const message = carriesMessage(event) ? parseEventData(event) : undefined;
      this.#watch?.event(event, message);
      if (message === undefined || isUnknownNotification(message)) continue;
      this.#messages.push(message);
      this.#unread.push(message);
    }
  }
}

/**
 * Returns the observation of a streamed POST in the form of the answer that `Invoke` gives to the same POST: the last
 * message is the response, and the messages before it belong to the request. A stream without a head has the status
 * that its data implies (POST-1, POST-3).
 */
export function answerOfStream(stream: Observation): Observation {
  const { grpc, grpcMessage, protocolProblem, transport } = stream;
  const end = {
    ...{ grpc, grpcMessage },
    ...(protocolProblem === undefined ? {} : { protocolProblem }),
    ...(transport === undefined ? {} : { transport }),
  };
  if (grpc !== 'OK') return end;
  const { refused, status = stream['bytes'] === 0 ? 202 : 200, headers = {}, headerNames = [] } = stream;
  const { bytes, events } = stream;
  const common = { ...end, status: refused === 0 ? status : refused, headers, headerNames, bytes, events };
  if ('text' in stream) {
    const { text, message, idToken: token } = stream;
    return { ...common, form: 'json', text, message, messages: [], idToken: token };
  }
  const messages = [...(stream['messages'] as readonly unknown[])];
  const message = messages.pop();
  const token = idToken(message);
  return {
    ...common,
    form: bytes === 0 ? 'empty' : 'sse',
    messages,
    ...(message === undefined ? {} : { message }),
    ...(token === undefined ? {} : { idToken: token }),
  };
}

function decodeChunk(bytes: Uint8Array): McpChunk {
  try {
    return fromBinary(McpChunkSchema, bytes);
  } catch (error) {
    throw new ObservationError(
      `RPC-1: a message of the stream is not a valid McpChunk: ${errorMessage(error)}`,
    );
  }
}

function headOf(chunk: McpChunk): StreamHead {
  const hasHeaders = chunk.status !== 0 || Object.keys(chunk.headers).length > 0;
  return {
    ...(chunk.status === 0 ? {} : { status: chunk.status }),
    ...(hasHeaders
      ? { headers: lowerCaseNames(chunk.headers), headerNames: Object.keys(chunk.headers) }
      : {}),
    errorStatus: chunk.errorStatus,
  };
}

function describeChunk({ status, errorStatus, done, data }: McpChunk): string {
  return [
    ...(status === 0 ? [] : [`status ${status}`]),
    ...(errorStatus === 0 ? [] : [`error_status ${errorStatus}`]),
    ...(done ? ['done'] : []),
    `${data.length} bytes`,
    ...(data.length === 0 ? [] : [JSON.stringify(Buffer.from(data.subarray(0, 200)).toString('utf8'))]),
  ].join(' ');
}
