import {
  RuntimeCallError,
  type RuntimeRequest,
  type RuntimeResponse,
  type StreamOptions,
} from '../../../client/index.ts';
import type {
  GatewayAnswer,
  GatewayRequest,
  OpenedStream,
  RuntimeConnection,
} from '../../../gateway/index.ts';
import type { McpRequest } from '../../../proto/index.ts';
import type { GatewayChange } from '../../harness/fault.ts';

/** A connection with some of its methods replaced. */
export function around(
  inner: RuntimeConnection,
  changes: Partial<Pick<RuntimeConnection, 'invoke' | 'invokeStream' | 'closeSession' | 'healthCheck'>>,
): RuntimeConnection {
  return {
    get connected() {
      return inner.connected;
    },
    invoke: changes.invoke ?? ((...args) => inner.invoke(...args)),
    invokeStream: changes.invokeStream ?? ((...args) => inner.invokeStream(...args)),
    closeSession: changes.closeSession ?? ((...args) => inner.closeSession(...args)),
    healthCheck: changes.healthCheck ?? ((...args) => inner.healthCheck(...args)),
    [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
  };
}

/** The first value of a header field, by lower-case name. */
export function fieldOf({ headers }: GatewayRequest, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name)?.[1].trim();
}

/** Changes of a request's header fields. */
export const onRequests = {
  /** The first of several fields of a name alone. */
  once(request: GatewayRequest, name: string): GatewayRequest {
    const first = request.headers.find(([field]) => field.toLowerCase() === name);
    return {
      ...request,
      headers: request.headers.filter((field) => field === first || field[0].toLowerCase() !== name),
    };
  },
};

/** The message with header fields that the gateway would not have let through, as they came. */
export function withFields(
  message: McpRequest,
  http: GatewayRequest,
  isMeant: (name: string) => boolean,
): McpRequest {
  const fields = http.headers.filter(([name]) => isMeant(name));
  return {
    ...message,
    headers: {
      ...message.headers,
      ...Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value.trim()])),
    },
  };
}

export type Call = (request: RuntimeRequest) => Promise<RuntimeResponse>;

/** Around each unary call. */
export function unary(
  change: (call: Call, request: RuntimeRequest) => Promise<RuntimeResponse>,
): Pick<GatewayChange, 'connection'> {
  return {
    connection: (inner) =>
      around(inner, {
        invoke: (request, options) => change((next) => inner.invoke(next, options), request),
        closeSession: (request, options) => change((next) => inner.closeSession(next, options), request),
      }),
  };
}

/** What a failing call is answered with; undefined: as it is. */
export function failing(
  answerTo: (error: RuntimeCallError) => Partial<RuntimeResponse> | undefined,
): Pick<GatewayChange, 'connection'> {
  return unary(async (call, request) => {
    try {
      return await call(request);
    } catch (error) {
      const answer = error instanceof RuntimeCallError ? answerTo(error) : undefined;
      if (answer === undefined) throw error;
      return { status: 200, headers: {}, body: new Uint8Array(), ...answer };
    }
  });
}

/** Around what the gateway answers. */
export function answering(
  change: (answer: GatewayAnswer) => Partial<GatewayAnswer>,
): Pick<GatewayChange, 'answer'> {
  return { answer: (answer) => ({ ...answer, ...change(answer) }) };
}

/** A content-type, for answers of a mutant's own. */
export const json = { 'content-type': 'application/json' };
export const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

export type Bytes = AsyncIterable<Uint8Array>;

/** Streams with other options, or with another head or body. */
export function streams(change: {
  readonly options?: (
    options: StreamOptions | undefined,
    request: RuntimeRequest,
  ) => StreamOptions | undefined;
  readonly head?: (stream: OpenedStream) => OpenedStream['head'];
  readonly bytes?: (bytes: Bytes) => Bytes;
  readonly cancel?: (stream: OpenedStream) => void;
}): Pick<GatewayChange, 'connection'> {
  const { options: optionsOf = (options) => options, head = ({ head: same }) => same } = change;
  const { bytes = (same) => same, cancel = (stream) => stream.cancel() } = change;
  return {
    connection: (inner) =>
      around(inner, {
        invokeStream: (request, options): OpenedStream => {
          const stream = inner.invokeStream(request, optionsOf(options, request));
          const changedHead = head(stream);
          changedHead.catch(() => undefined);
          return {
            head: changedHead,
            cancel: () => cancel(stream),
            [Symbol.asyncIterator]: () => bytes(stream)[Symbol.asyncIterator](),
          };
        },
      }),
  };
}

/** Unary calls with other options. */
export function unaryOptions(
  change: (options: Parameters<RuntimeConnection['invoke']>[1]) => Parameters<RuntimeConnection['invoke']>[1],
): Pick<GatewayChange, 'connection'> {
  return {
    connection: (inner) =>
      around(inner, {
        invoke: (request, options) => inner.invoke(request, change(options)),
        closeSession: (request, options) => inner.closeSession(request, change(options)),
      }),
  };
}
