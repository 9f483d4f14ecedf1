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
  return {
    modernResponse(response, call) {
      const changed = new TransformStream<Uint8Array, Uint8Array>({
        transform(bytes, controller) {
          const text = decoder.decode(bytes).replace(messageLine, (_line, field = '', json) => {
            const message = change(JSON.parse(json), call);
            return message === undefined ? ': dropped' : field + JSON.stringify(message);
          });
          controller.enqueue(encoder.encode(text));
        },
      });
      const { status, headers } = response;
      return new Response(response.body?.pipeThrough(changed) ?? null, { status, headers });
    },
  };
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
