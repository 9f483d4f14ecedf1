import { isObject } from '../../../base/is-object.ts';
import type { Signal } from '../../../base/signal.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import { refused } from '../../../reference-runtime/failures/request-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import type { Hooks } from '../../harness/fault.ts';
import { readJson } from './lossless-json.ts';
import { decoder, encoder } from './streams.ts';

/** A JSON-RPC message of the runtime. */
// biome-ignore lint/suspicious/noExplicitAny: faults reach into messages of any shape
export type Message = any;

const messageLine = /^(?:event: message\n)?(data: )?(\{.*)$/gm;

/** Changes the messages of answers without a session. Undefined drops a message. */
export function onModern(change: (message: Message, call: ModernCall) => Message | undefined): Hooks {
  return onModernMessages((message, call) => [change(message, call) ?? []].flat());
}

/** Replaces each message of answers without a session with any number of messages. */
export function onModernMessages(change: (message: Message, call: ModernCall) => readonly Message[]): Hooks {
  return onModernText((text, call) =>
    text.replace(messageLine, (_line, field = '', json) => {
      const { value, write } = readJson(json);
      const messages = change(value, call);
      return messages.map((message) => field + write(message)).join('\n\n') || ': dropped';
    }),
  );
}

/** Changes the text of answers without a session. */
function onModernText(change: (text: string, call: ModernCall) => string): Hooks {
  return onModernBody((body, call) => {
    const changed = new TransformStream<Uint8Array, Uint8Array>({
      transform: (bytes, controller) =>
        controller.enqueue(encoder.encode(change(decoder.decode(bytes), call))),
    });
    return body.pipeThrough(changed);
  });
}

/** Changes the bodies of answers without a session. */
export function onModernBody(
  change: (body: ReadableStream<Uint8Array>, call: ModernCall) => ReadableStream<Uint8Array>,
): Hooks {
  return {
    modernResponse(response, call) {
      if (response.body === null) return response;
      const { status, headers } = response;
      return new Response(change(response.body, call), { status, headers });
    },
  };
}

/** Returns whether a message is a request for a method. */
export function asks(message: ModernCall['message'], method: string): message is RequestMessage {
  return message.kind === 'request' && message.method === method;
}

/** Changes the results of a method, or of all methods. */
export function onModernResult(
  change: (result: Message, request: RequestMessage) => object,
  method?: string,
): Hooks {
  return onModern((message, { message: request }) => {
    if (request.kind !== 'request' || !('result' in message)) return message;
    if (method !== undefined && request.method !== method) return message;
    return { ...message, result: change(message.result, request) };
  });
}

/** Changes the errors with a code. */
export function onModernError(code: number, change: (error: Message) => object): Hooks {
  return onModern((message) =>
    message.error?.code === code ? { ...message, error: change(message.error) } : message,
  );
}

/** Replaces one HTTP status of answers without a session. @param when selects the calls. Default: all */
export function modernStatus(
  from: number,
  to: number,
  when: (call: ModernCall) => boolean = () => true,
): Hooks {
  return {
    modernResponse: (response, call) =>
      response.status === from && when(call)
        ? new Response(response.body, { status: to, headers: response.headers })
        : response,
  };
}

/** Changes requests without a session before they are served. */
export function onModernRequest(
  change: (request: RequestMessage, call: ModernCall) => Partial<RequestMessage>,
): Hooks {
  return {
    modernCall: (call) =>
      call.message.kind === 'request'
        ? { ...call, message: { ...call.message, ...change(call.message, call) } }
        : call,
  };
}

/** Changes `_meta` of requests without a session before they are served. */
export function onModernMeta(
  change: (meta: Readonly<Record<string, unknown>>, call: ModernCall) => object,
): Hooks {
  return onModernRequest(({ params }, call) => {
    const meta = isObject(params) && isObject(params['_meta']) ? params['_meta'] : {};
    return { params: { ...Object(params), _meta: change(meta, call) } };
  });
}

/**
 * Sets a header field of requests without a session, unless the value is undefined.
 * @param rpc the only RPC to change. Default: every RPC
 */
export function modernField(
  name: string,
  valueFor: (message: RequestMessage, value: string | undefined) => string | undefined,
  rpc?: RequestRpc,
): Hooks {
  return {
    modernCall(received) {
      const { call, message } = received;
      if (message.kind !== 'request' || (rpc !== undefined && call.rpc !== rpc)) return received;
      const value = valueFor(message, call.headers.get(name));
      if (value === undefined) return received;
      return { ...received, call: { ...call, headers: new Map([...call.headers, [name, value]]) } };
    },
  };
}

/** Returns the arguments of a tool call. */
export function argumentsOf({ params }: RequestMessage): Readonly<Record<string, unknown>> {
  const { arguments: args } = Object(params);
  return isObject(args) ? args : {};
}

/** Refuses matching requests without a session. @param refusal throws the refusal */
export function modernRefusal(
  when: (request: RequestMessage, call: ModernCall) => boolean,
  refusal: (request: RequestMessage) => never,
): Hooks {
  return onModernRequest((request, call) => (when(request, call) ? refusal(request) : {}));
}

/** Refuses a request with status 400. @param rpcCode the code of the JSON-RPC error */
export function refusedByCode(rpcCode: number): (request: RequestMessage) => never {
  return ({ id }) => {
    throw refused('INVALID_ARGUMENT', 'fault', 'Refused', { rpcCode }).withId(id);
  };
}

/** Connections by the signal of a call. */
const connections = new WeakMap<Signal, object>();

/** Makes the connection of a call known to `connectionOf`. */
export const withConnections = {
  callSignal(call: Parameters<typeof defaultHooks.callSignal>[0]) {
    const signal = defaultHooks.callSignal(call);
    connections.set(signal, http2SessionOf(call));
    return signal;
  },
} satisfies Hooks;

/** Returns an object that stands for the connection of a call. Needs `withConnections`. */
export function connectionOf({ call: { signal } }: ModernCall): object {
  const connection = connections.get(signal);
  if (connection === undefined) throw new Error('the connection of the call is unknown');
  return connection;
}

/** Returns the HTTP/2 session of a call. grpc-js keeps its stream in the innermost of its nested calls. */
function http2SessionOf(call: object): object {
  for (let inner = call as Readonly<Record<string, unknown>>; isObject(inner); ) {
    const { stream, call: next, nextCall } = inner;
    if (isObject(stream) && isObject(stream['session'])) return stream['session'];
    inner = (nextCall ?? next) as Readonly<Record<string, unknown>>;
  }
  throw new Error('the call has no HTTP/2 stream');
}
