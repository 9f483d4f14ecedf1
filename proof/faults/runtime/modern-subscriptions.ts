import { isObject } from '../../../base/is-object.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { atExpiry } from '../../../reference-runtime/identity/at-expiry.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  asks,
  type Message,
  onModern,
  onModernBody,
  onModernMessages,
  onModernRequest,
} from '../changes/modern.ts';
import { decoder } from '../changes/streams.ts';

const idKey = 'io.modelcontextprotocol/subscriptionId';
const listen = 'subscriptions/listen';
const acknowledged = 'notifications/subscriptions/acknowledged';
const updated = 'notifications/resources/updated';

type Filter = Readonly<Record<string, unknown>>;

/** The filter of a subscription, if it has one. */
function filterOf({ params }: { readonly params?: unknown }): Filter | undefined {
  const filter: unknown = Object(params)['notifications'];
  return isObject(filter) ? filter : undefined;
}

/** Changes the filters of subscriptions before they are served. */
function onFilter(change: (filter: Filter) => Filter): Hooks {
  return onModernRequest(({ method, params }) => {
    const filter = filterOf({ params });
    if (method !== listen || filter === undefined) return {};
    return { params: { ...Object(params), notifications: change(filter) } };
  });
}

/** The member of a changed filter that keeps the filter of the caller. The runtime ignores it. */
const askedKey = 'example.com/asked';

/** Subscribes to more than the filter asks for, but acknowledges only the filter. */
function subscribesToMore(more: (filter: Filter) => Filter): Hooks {
  return {
    ...onFilter((filter) => ({ ...filter, ...more(filter), [askedKey]: filter })),
    ...onAcknowledgement((notifications, { message }) => {
      const asked = Object(filterOf(Object(message))?.[askedKey]) as Filter;
      const kept = Object.keys(notifications).filter(
        (key) => asked[key] !== undefined && asked[key] !== false,
      );
      return Object.fromEntries(kept.map((key) => [key, asked[key]]));
    }),
  };
}

/** Changes the filter in acknowledgements. */
function onAcknowledgement(change: (notifications: Message, call: ModernCall) => unknown): Hooks {
  return onModern((message, call) => {
    if (message.method !== acknowledged) return message;
    const { params } = message;
    return { ...message, params: { ...params, notifications: change(params.notifications, call) } };
  });
}

/** Returns the id of the request of a subscription, or undefined for other calls. */
function idOf({ message }: ModernCall): string | undefined {
  return asks(message, listen) ? message.id : undefined;
}

const isChange = ({ method }: Message) => method === updated || String(method).endsWith('/list_changed');

/** Changes the subscription id of messages from a subscription. Undefined omits it. */
function onSubscriptionId(change: (id: string) => unknown): Hooks {
  return onModern((message, call) => {
    const meta = message.params?._meta;
    const id = idOf(call);
    if (id === undefined || meta?.[idKey] === undefined) return message;
    const changed = change(id);
    return changed === id
      ? message
      : { ...message, params: { ...message.params, _meta: { [idKey]: changed } } };
  });
}

/** Returns an error as the answer to a request. */
function refusal(code: number, status: number): Response {
  const error = { code, message: 'Refused' };
  return Response.json({ jsonrpc: '2.0', id: 1, error }, { status });
}

let latest: ModernCall | undefined;
let subscriptions = 0;
let isFromSession = false;
let isStopping = false;
const openById = new Map<string, Set<() => void>>();

/** Returns a body that ends as soon as the body of another subscription with the same id is cancelled. */
function endingWithItsTwins(body: ReadableStream<Uint8Array>, id: string): ReadableStream<Uint8Array> {
  const twins = openById.get(id) ?? new Set();
  openById.set(id, twins);
  const reader = body.getReader();
  let end = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      end = () => {
        void reader.cancel();
        controller.close();
      };
      twins.add(end);
    },
    async pull(controller) {
      const { value } = await reader.read();
      if (value !== undefined) controller.enqueue(value);
    },
    cancel(reason) {
      twins.delete(end);
      for (const endTwin of twins) endTwin();
      twins.clear();
      return reader.cancel(reason);
    },
  });
}

/** A stream that holds back the acknowledgement until the first change, but at most 50 milliseconds. */
function acknowledgingLate(): TransformStream<Uint8Array, Uint8Array> {
  let held: Uint8Array | undefined;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, controller) {
      if (decoder.decode(bytes).includes(acknowledged)) {
        held = bytes;
        const send = () => {
          if (held !== undefined) controller.enqueue(held);
          held = undefined;
        };
        setTimeout(send, 50);
        return;
      }
      controller.enqueue(bytes);
      if (held !== undefined) controller.enqueue(held);
      held = undefined;
    },
  });
}

const kinds = { tools: 'toolsListChanged', prompts: 'promptsListChanged', resources: 'resourcesListChanged' };

/** Faults in subscriptions of MCP 2026-07-28. */
export const modernSubscriptionsFaults = runtimeFaults([
  {
    name: 'modern-subscription-ids-in-ascii',
    clause: 'MODERN-15',
    about: 'The runtime encodes subscription ids that are not ASCII',
    hooks: onSubscriptionId((id) => (/[^\x20-\x7e]/.test(id) ? encodeURIComponent(JSON.parse(id)) : id)),
  },
  {
    name: 'modern-subscription-ids-that-are-true',
    clause: 'MODERN-15',
    about: 'The runtime omits the subscription ids 0 and ""',
    hooks: onSubscriptionId((id) => (id === '0' || id === '""' ? undefined : id)),
  },
  {
    name: 'modern-acknowledged-after-a-change',
    clause: 'MODERN-15',
    about: 'The runtime may send a change before it acknowledges the subscription',
    hooks: onModernBody((body, call) =>
      idOf(call) === undefined ? body : body.pipeThrough(acknowledgingLate()),
    ),
  },
  {
    name: 'modern-filter-ignored',
    clause: 'MODERN-16',
    about: 'The runtime sends every kind of change to every subscription',
    hooks: subscribesToMore((filter) =>
      Object.keys(filter).length === 0
        ? {}
        : Object.fromEntries(Object.values(kinds).map((member) => [member, true])),
    ),
  },
  ...Object.entries(kinds).map(([kind, member]) => ({
    name: `modern-changes-of-${kind}-to-everyone`,
    clause: 'MODERN-16',
    about: `The runtime sends changes of the list of ${kind} to every subscription`,
    hooks: subscribesToMore(() => ({ [member]: true })),
  })),
  ...(['tools', 'resources'] as const).map((kind) => ({
    name: `modern-changes-of-${kind}-to-nobody`,
    clause: 'MODERN-16',
    about: `The runtime drops changes of the list of ${kind}`,
    hooks: onModern((message) =>
      message.method === `notifications/${kind}/list_changed` ? undefined : message,
    ),
  })),
  {
    name: 'modern-updates-by-prefix',
    clause: 'MODERN-16',
    about: 'The runtime sends the changes of resources whose URI begins with a URI of the filter',
    hooks: subscribesToMore(({ resourceSubscriptions: uris }) =>
      Array.isArray(uris) ? { resourceSubscriptions: uris.flatMap((uri) => [uri, `${uri}/`]) } : {},
    ),
  },
  {
    name: 'modern-updates-in-any-case',
    clause: 'MODERN-16',
    about: 'The runtime compares the URIs of the filter regardless of letter case',
    hooks: subscribesToMore(({ resourceSubscriptions: uris }) =>
      Array.isArray(uris)
        ? { resourceSubscriptions: uris.flatMap((uri) => [uri, String(uri).replace('uris-1', 'URIS-1')]) }
        : {},
    ),
  },
  {
    name: 'modern-updates-of-every-resource',
    clause: 'MODERN-16',
    about: 'The runtime sends the changes of every resource to every subscription',
    hooks: subscribesToMore(({ resourceSubscriptions: uris }) => ({
      resourceSubscriptions: [
        ...(Array.isArray(uris) ? uris : []),
        'test://static-text',
        'test://watched-resource',
      ],
    })),
  },
  {
    name: 'modern-updates-of-the-first-resource',
    clause: 'MODERN-16',
    about: 'The runtime honours only the first URI of a filter',
    hooks: {
      ...onFilter(({ resourceSubscriptions: uris, ...filter }) =>
        Array.isArray(uris)
          ? {
              ...filter,
              resourceSubscriptions: uris.slice(0, 1),
              [askedKey]: { ...filter, resourceSubscriptions: uris },
            }
          : filter,
      ),
      ...onAcknowledgement(
        (notifications, { message }) => filterOf(Object(message))?.[askedKey] ?? notifications,
      ),
    },
  },
  {
    name: 'modern-updates-from-sessions-lost',
    clause: 'MODERN-16',
    about: 'The runtime does not tell subscriptions about changes that a session caused',
    hooks: {
      modernCall(received) {
        isFromSession = false;
        return received;
      },
      beginRequest(session, call, exchange) {
        isFromSession = true;
        return defaultHooks.beginRequest(session, call, exchange);
      },
      ...onModern((message) => (message.method === updated && isFromSession ? undefined : message)),
    },
  },
  {
    name: 'modern-subscriptions-in-sessions',
    clause: 'MODERN-1',
    about: 'The runtime refuses a subscription that names a session',
    hooks: {
      modernResponse: (response, call) =>
        idOf(call) !== undefined && call.call.sessionId !== '' ? refusal(-32600, 400) : response,
    },
  },
  {
    name: 'modern-filter-not-acknowledged',
    clause: 'MODERN-60',
    about: 'The runtime acknowledges every subscription with an empty filter',
    hooks: onAcknowledgement(() => ({})),
  },
  {
    name: 'modern-more-acknowledged',
    clause: 'MODERN-60',
    about: 'The runtime acknowledges everything that it could send',
    hooks: onAcknowledgement((notifications) => ({
      ...Object.fromEntries(Object.values(kinds).map((member) => [member, true])),
      ...notifications,
    })),
  },
  {
    name: 'modern-resources-not-acknowledged',
    clause: 'MODERN-60',
    about: 'The runtime leaves out the URIs from the acknowledgement',
    hooks: onAcknowledgement(({ resourceSubscriptions: _, ...notifications }) => notifications),
  },
  {
    name: 'modern-changes-on-other-streams',
    clause: 'MODERN-61',
    about: 'The runtime sends changes also on the streams of requests',
    hooks: onModernMessages((message) =>
      message.method === 'notifications/progress'
        ? [{ jsonrpc: '2.0', method: 'notifications/tools/list_changed' }, message]
        : [message],
    ),
  },
  {
    name: 'modern-logs-on-subscriptions',
    clause: 'MODERN-61',
    about: 'The runtime sends log messages on subscriptions',
    hooks: onModernMessages((message) =>
      isChange(message)
        ? [
            { jsonrpc: '2.0', method: 'notifications/message', params: { level: 'info', data: 'a change' } },
            message,
          ]
        : [message],
    ),
  },
  {
    name: 'modern-progress-on-subscriptions',
    clause: 'MODERN-61',
    about: 'The runtime reports progress on subscriptions',
    hooks: onModernMessages((message) =>
      isChange(message)
        ? [
            {
              jsonrpc: '2.0',
              method: 'notifications/progress',
              params: { progressToken: 'listening', progress: 1 },
            },
            message,
          ]
        : [message],
    ),
  },
  {
    name: 'modern-filter-not-required',
    clause: 'MODERN-62',
    about: 'The runtime treats a missing filter as an empty one',
    hooks: onModernRequest(({ method, params }) =>
      method === listen && filterOf({ params }) === undefined
        ? { params: { ...Object(params), notifications: {} } }
        : {},
    ),
  },
  {
    name: 'modern-filter-of-any-type',
    clause: 'MODERN-62',
    about: 'The runtime accepts a filter that is not an object',
    hooks: onModernRequest(({ method, params }) => {
      const filter: unknown = Object(params)['notifications'];
      return method === listen && filter !== undefined && !isObject(filter)
        ? { params: { ...Object(params), notifications: {} } }
        : {};
    }),
  },
  {
    name: 'modern-empty-filter-refused',
    clause: 'MODERN-63',
    about: 'The runtime refuses a subscription to nothing',
    hooks: {
      modernResponse: (response, { message }) =>
        asks(message, listen) && Object.keys(filterOf(message) ?? { none: 1 }).length === 0
          ? refusal(-32602, 400)
          : response,
    },
  },
  {
    name: 'modern-empty-filter-is-everything',
    clause: 'MODERN-63',
    about: 'The runtime treats an empty filter as one that asks for every change',
    hooks: onFilter((filter) =>
      Object.keys(filter).length === 0
        ? Object.fromEntries(Object.values(kinds).map((member) => [member, true]))
        : filter,
    ),
  },
  {
    name: 'modern-unknown-kinds-acknowledged',
    clause: 'MODERN-63',
    about: 'The runtime acknowledges kinds of changes that it does not know',
    hooks: onAcknowledgement((notifications, { message }) => ({
      ...filterOf(Object(message)),
      ...notifications,
    })),
  },
  {
    name: 'modern-ended-subscription-without-a-result',
    clause: 'MODERN-20',
    about: 'The runtime ends subscriptions without their result',
    alsoBreaks: [
      {
        clause: 'MODERN-63',
        reason: 'MODERN-63 permits a subscription without changes to end only as in MODERN-20.',
      },
    ],
    hooks: onModern((message, call) =>
      idOf(call) !== undefined && 'result' in message ? undefined : message,
    ),
  },
  {
    name: 'modern-expired-subscription-without-a-result',
    clause: 'MODERN-20',
    about: 'The runtime ends a subscription without its result when the credentials expire',
    hooks: {
      endAtExpiry(sink, _id, expiresAt) {
        atExpiry(expiresAt, () => sink.end());
      },
    },
  },
  {
    name: 'modern-expired-subscription-fails',
    clause: 'MODERN-20',
    about: 'The runtime fails a subscription when the credentials expire',
    hooks: {
      endAtExpiry(sink, _id, expiresAt) {
        atExpiry(expiresAt, () => sink.fail('INTERNAL', 'Expired'));
      },
    },
  },
  {
    name: 'modern-changes-to-the-latest-subscription',
    clause: 'MODERN-64',
    about: 'The runtime sends changes only to the subscription that was opened last',
    hooks: onModern((message, call) => {
      if (message.method === acknowledged) latest = call;
      return isChange(message) && call !== latest ? undefined : message;
    }),
  },
  {
    name: 'modern-twins-end-together',
    clause: 'MODERN-64',
    about: 'The runtime ends every subscription with the id of one that ends',
    hooks: onModernBody((body, call) => {
      const id = idOf(call);
      return id === undefined ? body : endingWithItsTwins(body, id);
    }),
  },
  {
    name: 'modern-subscriptions-counted-forever',
    clause: 'MODERN-65',
    about: 'The runtime counts cancelled subscriptions against a limit of 16',
    hooks: {
      modernResponse(response, call) {
        const { toolsListChanged, ...others } = Object(filterOf(Object(call.message)));
        if (idOf(call) === undefined || !toolsListChanged || Object.keys(others).length > 0) return response;
        subscriptions += 1;
        return subscriptions > 16 ? refusal(-32603, 200) : response;
      },
    },
  },
  {
    name: 'modern-subscriptions-break-at-shutdown',
    clause: 'MODERN-66',
    about: 'The runtime ends subscriptions without their result when it stops',
    process(serve) {
      process.once('SIGTERM', () => {
        isStopping = true;
      });
      return serve();
    },
    hooks: onModern((message, call) =>
      isStopping && idOf(call) !== undefined && 'result' in message ? undefined : message,
    ),
  },
]);
