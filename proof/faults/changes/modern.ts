import { isObject } from '../../../base/is-object.ts';
import type { RequestMessage } from '../../../reference-runtime/mcp/envelope.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import type { Hooks } from '../../harness/fault.ts';
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
      const messages = change(JSON.parse(json), call);
      return messages.map((message) => field + JSON.stringify(message)).join('\n\n') || ': dropped';
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
export function onModernResult(change: (result: Message) => object, method?: string): Hooks {
  return onModern((message, { message: request }) => {
    const isWanted = method === undefined || (request.kind === 'request' && request.method === method);
    return isWanted && 'result' in message ? { ...message, result: change(message.result) } : message;
  });
}

/** Changes the errors with a code. */
export function onModernError(code: number, change: (error: Message) => object): Hooks {
  return onModern((message) =>
    message.error?.code === code ? { ...message, error: change(message.error) } : message,
  );
}

/** Replaces one HTTP status of answers without a session. */
export function modernStatus(from: number, to: number): Hooks {
  return {
    modernResponse: (response) =>
      response.status === from
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
export function onModernMeta(change: (meta: Readonly<Record<string, unknown>>) => object): Hooks {
  return onModernRequest(({ params }) => {
    const meta = isObject(params) && isObject(params['_meta']) ? params['_meta'] : {};
    return { params: { ...Object(params), _meta: change(meta) } };
  });
}

/** Sets a header field of requests without a session, unless the value is undefined. */
export function modernField(
  name: string,
  valueFor: (message: RequestMessage, value: string | undefined) => string | undefined,
): Hooks {
  return {
    modernCall(received) {
      const { call, message } = received;
      if (message.kind !== 'request') return received;
      const value = valueFor(message, call.headers.get(name));
      if (value === undefined) return received;
      return { ...received, call: { ...call, headers: new Map([...call.headers, [name, value]]) } };
    },
  };
}
