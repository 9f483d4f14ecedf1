import { setTimeout as pause } from 'node:timers/promises';
import { isObject } from '../../../base/is-object.ts';
import { variations } from '../../harness/fault.ts';
import { asks, onModern, onModernBody, onModernMessages } from '../changes/modern.ts';
import { decoder } from '../changes/streams.ts';

const listen = 'subscriptions/listen';
const acknowledged = 'notifications/subscriptions/acknowledged';

/** Returns a body that stays open after the acknowledgement of a subscription that ends at once. */
function stayingOpen(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      const { value } = await reader.read();
      if (value === undefined) await new Promise(() => undefined);
      else if (!decoder.decode(value).includes('"result"')) controller.enqueue(value);
    },
    cancel: (reason) => reader.cancel(reason),
  });
}

/** Delays changes by a moment, and sends equal ones once. */
function coalescing(): TransformStream<Uint8Array, Uint8Array> {
  const pending = new Set<string>();
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      const text = decoder.decode(bytes);
      if (!/changed|updated/.test(text)) {
        controller.enqueue(bytes);
        return;
      }
      if (pending.has(text)) return;
      pending.add(text);
      void pause(10).then(() => {
        pending.delete(text);
        try {
          controller.enqueue(bytes);
        } catch {
          // The stream has ended.
        }
      });
    },
  });
}

/** Variations of subscriptions in MCP 2026-07-28. */
export const modernSubscriptionsVariations = variations([
  {
    name: 'modern-empty-subscription-stays-open',
    clause: 'MODERN-63',
    about: 'The runtime keeps a subscription open that asks for nothing',
    hooks: onModernBody((body, { message }) => {
      if (!asks(message, listen)) return body;
      const filter: unknown = Object(message.params)['notifications'];
      if (!isObject(filter)) return body;
      const isEmpty = !Object.values(filter).some((value) => value === true || Object(value).length > 0);
      return isEmpty || 'tasks' in filter ? stayingOpen(body) : body;
    }),
  },
  {
    name: 'modern-cancelled-before-the-result',
    clause: 'MODERN-61',
    about: 'The runtime sends notifications/cancelled before the result of a subscription',
    hooks: onModernMessages((message, call) =>
      asks(call.message, listen) && 'result' in message
        ? [{ jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: message.id } }, message]
        : [message],
    ),
  },
  {
    name: 'modern-comments-on-subscriptions',
    clause: 'MODERN-61',
    about: 'The runtime sends a comment every 5 milliseconds on idle streams',
    options: { limits: { keepAliveMs: 5 } },
  },
  {
    name: 'modern-false-members-acknowledged',
    clause: 'MODERN-60',
    about: 'The acknowledgement has a member for every kind of change',
    hooks: onModern((message) => {
      if (message.method !== acknowledged) return message;
      const notifications = {
        toolsListChanged: false,
        promptsListChanged: false,
        resourcesListChanged: false,
        ...message.params.notifications,
      };
      return { ...message, params: { ...message.params, notifications } };
    }),
  },
  {
    name: 'modern-changes-coalesced',
    clause: 'MODERN-16',
    about: 'The runtime delays changes, and sends equal ones once',
    hooks: onModernBody((body, { message }) =>
      asks(message, listen) ? body.pipeThrough(coalescing()) : body,
    ),
  },
  {
    name: 'modern-missing-filter-with-400',
    clause: 'MODERN-62',
    about: 'The runtime refuses a subscription without a filter with status 400',
    hooks: {
      modernResponse: (response, { message }) =>
        asks(message, listen) && response.headers.get('content-type')?.startsWith('application/json') === true
          ? new Response(response.body, { status: 400, headers: response.headers })
          : response,
    },
  },
]);
