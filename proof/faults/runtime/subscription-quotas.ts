import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';

/** Number of subscriptions: more than the contract requires, and fewer than a case opens in total. */
const room = 120;

/** Treats the resource of some subscriptions as unknown. @param isRefused called for each subscribe and unsubscribe */
function refusedSubscriptions(isRefused: (method: string, session: Session) => boolean): Hooks {
  return {
    beginRequest(session, call, exchange) {
      const { request } = exchange;
      if (!/^resources\/(?:un)?subscribe$/.test(request.method) || !isRefused(request.method, session)) {
        return defaultHooks.beginRequest(session, call, exchange);
      }
      const params = { uri: 'test://refused' };
      return defaultHooks.beginRequest(session, call, { ...exchange, request: { ...request, params } });
    },
  };
}

const everSubscribed = new WeakMap<Session, number>();
const heldByOwner = new Map<string | null, number>();
const overfull = new WeakSet<Session>();

function isSubscribe(method: string): boolean {
  return method === 'resources/subscribe';
}

/** Faults in the limits of subscriptions. */
export const mcpSubscriptionFaults = runtimeFaults([
  {
    name: 'eight-subscriptions',
    clause: 'MCP-18',
    about: 'The runtime permits a session eight subscriptions',
    options: { limits: { maxSubscriptions: 8 } },
  },
  {
    name: 'subscriptions-without-quotas',
    clause: 'MCP-18',
    about: 'The runtime gives its 120 subscriptions to whoever comes first',
    options: { limits: { maxSubscriptionsInTotal: room, maxSubscriptionsPerCaller: room } },
    hooks: { quotaOwnerOf: () => 'everybody' },
    // In a separate process, because the case starts a further instance.
    process: (serve) => serve(),
  },
  {
    name: 'ended-subscriptions-count',
    clause: 'MCP-18',
    about: 'The runtime counts the subscriptions that a session has ended',
    hooks: refusedSubscriptions((method, session) => {
      if (!isSubscribe(method)) return false;
      const count = (everSubscribed.get(session) ?? 0) + 1;
      everSubscribed.set(session, count);
      return count > room;
    }),
  },
  {
    name: 'subscriptions-of-ended-sessions-count',
    clause: 'MCP-18',
    about: 'The runtime counts the subscriptions that ended with their session',
    hooks: refusedSubscriptions((method, { owner }) => {
      const held = (heldByOwner.get(owner) ?? 0) + (isSubscribe(method) ? 1 : -1);
      heldByOwner.set(owner, held);
      return held > room;
    }),
  },
  {
    name: 'refused-subscription-ends-the-others',
    clause: 'MCP-18',
    about: 'The runtime forgets all subscriptions of a session that subscribes to too many resources',
    hooks: {
      ...refusedSubscriptions((method, session) => {
        const isFull = isSubscribe(method) && session.subscriptions.size >= room;
        if (isFull) overfull.add(session);
        return isFull;
      }),
      *subscribersOf(sessions, uri) {
        for (const session of defaultHooks.subscribersOf(sessions, uri)) {
          if (!overfull.has(session)) yield session;
        }
      },
    },
  },
  {
    name: 'long-uris-not-subscribed',
    clause: 'MCP-18',
    about: 'The runtime refuses subscriptions to resources with a URI of more than 512 bytes',
    options: { limits: { maxSubscribedUriBytes: 512 } },
  },
]);
