import { AsyncLocalStorage } from 'node:async_hooks';
import http2, { type ClientHttp2Session, type OutgoingHttpHeaders } from 'node:http2';
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

/** Replaces some methods of a connection. */
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

/** The protected header of the token whose key was withdrawn. */
export const withdrawnKey = { alg: 'ES256', kid: 'withdrawn' };

/** The beginning of that token. */
export const withdrawnKeyHeader = Buffer.from(JSON.stringify(withdrawnKey)).toString('base64url');

/** Returns the first value of a header field. @param name in lower case */
export function fieldOf({ headers }: Pick<GatewayRequest, 'headers'>, name: string): string | undefined {
  return headers.find(([field]) => field.toLowerCase() === name)?.[1].trim();
}

/** Changes to the header fields of a request. */
export const onRequests = {
  /** Keeps only the first field with a name. */
  once(request: GatewayRequest, name: string): GatewayRequest {
    const first = request.headers.find(([field]) => field.toLowerCase() === name);
    return {
      ...request,
      headers: request.headers.filter((field) => field === first || field[0].toLowerCase() !== name),
    };
  },
};

/** Adds original header fields that the gateway would have dropped. */
export function withFields(
  message: McpRequest,
  http: GatewayRequest,
  isSelected: (name: string) => boolean,
): McpRequest {
  const fields = http.headers.filter(([name]) => isSelected(name));
  return {
    ...message,
    headers: {
      ...message.headers,
      ...Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value.trim()])),
    },
  };
}

export type Call = (request: RuntimeRequest) => Promise<RuntimeResponse>;

/** Wraps every unary call to the runtime. */
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

/** Replaces the answer to a failed call. If `answerTo` returns undefined, the failure stays. */
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

/** Changes the answers from the gateway. */
export function answering(
  change: (answer: GatewayAnswer) => Partial<GatewayAnswer>,
): Pick<GatewayChange, 'answer'> {
  return { answer: (answer) => ({ ...answer, ...change(answer) }) };
}

/** Header fields of a JSON answer. */
export const json = { 'content-type': 'application/json' };
/** Encodes a value as JSON. */
export const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

export type Bytes = AsyncIterable<Uint8Array>;

/** Changes the options, heads or bodies of streams. */
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

/** Changes the options of unary calls. */
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

/** The authority of the calls that the current code makes. */
const authorities = new AsyncLocalStorage<string>();
let sendsAuthorities = false;

/** Patches the HTTP/2 client of Node below grpc-js, which has no option for the authority of a call. */
function sendAuthorities(): void {
  if (sendsAuthorities) return;
  sendsAuthorities = true;
  const connect = http2.connect.bind(http2);
  http2.connect = ((...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    const request = session.request.bind(session) as ClientHttp2Session['request'];
    session.request = ((headers: OutgoingHttpHeaders, ...rest: []) => {
      const authority = authorities.getStore();
      return request(authority === undefined ? headers : { ...headers, ':authority': authority }, ...rest);
    }) as ClientHttp2Session['request'];
    return session;
  }) as typeof http2.connect;
}

/** Sends this authority with every unary call. */
export function withAuthority(authority: string): NonNullable<GatewayChange['connection']> {
  sendAuthorities();
  return (inner) =>
    around(inner, {
      invoke: (...args) => authorities.run(authority, () => inner.invoke(...args)),
      closeSession: (...args) => authorities.run(authority, () => inner.closeSession(...args)),
    });
}

/** Destroys the connections on which the runtime sends GOAWAY. */
export function droppingRetired(inner: RuntimeConnection): RuntimeConnection {
  const { connect } = http2;
  http2.connect = ((...args: Parameters<typeof connect>) => {
    const session = connect(...args);
    // grpc-js removes all listeners of a new connection.
    session.once('remoteSettings', () => setImmediate(() => session.once('goaway', () => session.destroy())));
    return session;
  }) as typeof connect;
  return {
    ...around(inner, {}),
    get connected() {
      return inner.connected;
    },
    async [Symbol.asyncDispose]() {
      http2.connect = connect;
      await inner[Symbol.asyncDispose]();
    },
  };
}
