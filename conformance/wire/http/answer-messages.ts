import { create, toBinary } from '@bufbuild/protobuf';
import {
  HealthResponseSchema,
  McpChunkSchema,
  McpResponseSchema,
  type RpcName,
} from '../../../proto/index.ts';
import { ResponseError, type ResponseHead } from './response-parser.ts';

/** Fields that belong to the connection, and not to the answer (HTTP-5). */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
  'date',
]);

/** Thrown for the health answer of a runtime that cannot serve (HEALTH-5). */
export class UnavailableError extends Error {
  override readonly name = 'UnavailableError';
  readonly code = 'unavailable';
}

/** Converts the parts of one HTTP response to the equivalent messages of the proto module. */
export interface AnswerMessages {
  /** Returns the messages that the head completes. @throws ResponseError */
  head(head: ResponseHead): readonly Uint8Array[];
  data(bytes: Buffer): readonly Uint8Array[];
  /** Returns the messages at the normal end of the body. @throws ResponseError */
  end(): readonly Uint8Array[];
}

/**
 * Returns the converter for the answer to a call.
 * @param method the HTTP method of the request
 * @param maxBytes maximum size of the body of a unary call
 */
export function answerMessages(rpc: RpcName, method: string, maxBytes: number): AnswerMessages {
  if (rpc === 'InvokeStream') return method === 'GET' ? new LiveChunks() : new AnswerChunks();
  return new WholeAnswer(rpc, maxBytes);
}

/** The answer to a unary call: one message at the end of the body. */
class WholeAnswer implements AnswerMessages {
  readonly #rpc: RpcName;
  readonly #maxBytes: number;
  readonly #body: Buffer[] = [];
  #bytes = 0;
  #head: ResponseHead | undefined;

  constructor(rpc: RpcName, maxBytes: number) {
    this.#rpc = rpc;
    this.#maxBytes = maxBytes;
  }

  head(head: ResponseHead): readonly [] {
    this.#head = head;
    return [];
  }

  data(bytes: Buffer): readonly [] {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes)
      throw new ResponseError(`the body has more than ${this.#maxBytes} bytes`);
    this.#body.push(bytes);
    return [];
  }

  end(): readonly Uint8Array[] {
    const { status = 0, fields = [] } = this.#head ?? {};
    const body = Buffer.concat(this.#body);
    if (this.#rpc === 'HealthCheck') return [healthMessage(status, body)];
    const answer = { status, headers: headersOf(fields), body };
    return [toBinary(McpResponseSchema, create(McpResponseSchema, answer))];
  }
}

/** The answer to a streamed POST: its head, its body as it arrives, and its end (HTTP-6, POST-6). */
class AnswerChunks implements AnswerMessages {
  #errorStatus = 0;
  #isEmpty = true;
  #head: ReturnType<typeof partsOf> | undefined;

  head(head: ResponseHead): readonly Uint8Array[] {
    const { status } = head;
    this.#head = partsOf(head);
    if (status < 400) return [chunk(this.#head)];
    this.#errorStatus = status;
    return [];
  }

  data(bytes: Buffer): readonly Uint8Array[] {
    const head = this.#errorStatus > 0 && this.#isEmpty ? [chunk({ ...this.#head })] : [];
    this.#isEmpty = false;
    return [...head, chunk({ data: bytes })];
  }

  end(): readonly Uint8Array[] {
    const isEmptyRefusal = this.#errorStatus > 0 && this.#isEmpty;
    return [
      chunk(isEmptyRefusal ? { ...this.#head, errorStatus: this.#errorStatus, done: true } : { done: true }),
    ];
  }
}

/** The answer to a GET: a live stream, or a refusal without its body, which gRPC cannot carry (STREAM-2). */
class LiveChunks implements AnswerMessages {
  #refusal: Parameters<typeof chunk>[0] | undefined;

  head(head: ResponseHead): readonly Uint8Array[] {
    const { status } = head;
    if (status < 400) return [chunk(partsOf(head))];
    this.#refusal = { ...partsOf(head), errorStatus: status };
    return [];
  }

  data(bytes: Buffer): readonly Uint8Array[] {
    return this.#refusal === undefined ? [chunk({ data: bytes })] : [];
  }

  end(): readonly Uint8Array[] {
    return [chunk({ ...this.#refusal, done: true })];
  }
}

interface ChunkParts {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  readonly data?: Uint8Array;
  readonly errorStatus?: number;
  readonly done?: boolean;
}

function chunk(parts: ChunkParts): Uint8Array {
  return toBinary(McpChunkSchema, create(McpChunkSchema, parts));
}

function partsOf({ status, fields }: ResponseHead): {
  readonly status: number;
  readonly headers: Record<string, string>;
} {
  return { status, headers: headersOf(fields) };
}

/** Returns the fields of an answer without those of its connection. @throws ResponseError if one occurs twice (HEADER-2) */
export function headersOf(fields: ResponseHead['fields']): Record<string, string> {
  const headers = new Map<string, string>();
  for (const [name, value] of fields) {
    if (connectionFields.has(name)) continue;
    if (headers.has(name)) throw new ResponseError(`the field ${name} occurs twice (HEADER-2)`);
    headers.set(name, value);
  }
  return Object.fromEntries(headers);
}

/** Reads the answer to `GET /health` (HTTP-2). @throws ResponseError if it has another form, UnavailableError */
function healthMessage(status: number, body: Buffer): Uint8Array {
  if (status === 503) throw new UnavailableError('GET /health was answered with status 503');
  if (status !== 200) throw new ResponseError(`GET /health was answered with status ${status}`);
  // A missing member gets the default value of protobuf, so that a case reports it.
  const health = { status: '', mode: '', version: '', capabilities: [], ...jsonOf(body) };
  const { capabilities }: { readonly capabilities: unknown } = health;
  const wrong = [health.status, health.mode, health.version].some((value) => typeof value !== 'string');
  if (wrong) throw new ResponseError('status, mode and version of the health answer must be strings');
  if (!Array.isArray(capabilities) || capabilities.some((each) => typeof each !== 'string'))
    throw new ResponseError('capabilities of the health answer must be a list of strings');
  return toBinary(HealthResponseSchema, create(HealthResponseSchema, health));
}

function jsonOf(body: Buffer): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
    if (typeof value === 'object' && value !== null) return { ...value };
  } catch {
    // Reported below.
  }
  throw new ResponseError('the health answer is not a JSON object');
}
