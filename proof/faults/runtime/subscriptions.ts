import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { onRequest, onStream } from '../changes/runtime.ts';
import { chunk, decoder, encoder, streamText } from '../changes/streams.ts';

/** Calls a function with each subscription and unsubscription, before the runtime carries it out. */
function onSubscription(seen: (method: string, uri: string, session: Session) => void): Hooks {
  return {
    beginRequest(session, call, exchange) {
      const { method, params } = exchange.request;
      if (/^resources\/(?:un)?subscribe$/.test(method)) seen(method, String(Object(params).uri), session);
      return defaultHooks.beginRequest(session, call, exchange);
    },
  };
}

/** Leaves some subscribers of a resource out. */
function subscribers(isTold: (session: Session, uri: string) => boolean): Hooks {
  return {
    *subscribersOf(sessions, uri) {
      for (const session of defaultHooks.subscribersOf(sessions, uri))
        if (isTold(session, uri)) yield session;
    },
  };
}

const lost = new WeakSet<Session>();
const removed = new Set<string>();
const told = new Set<string>();
const ended = new Set<string>();

/** Replaces the level of `logging/setLevel`. */
function levels(change: (index: number, all: readonly string[]) => string | undefined): Hooks {
  const all = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
  return onRequest((request) => {
    const text = decoder.decode(request.body);
    if (!text.includes('"logging/setLevel"')) return;
    const changed = text.replace(/"level":"(\w+)"/, (whole, level: string) => {
      const index = all.indexOf(level);
      return index === -1 ? whole : `"level":"${change(index, all) ?? level}"`;
    });
    request.body = encoder.encode(changed);
  });
}

/** Ends matching streams after some time without data. */
function endedAfter(ms: number, method: string): Hooks {
  return onStream((call) => {
    if (!Buffer.from(call.request).includes(method)) return;
    const timer = setTimeout(() => {
      call.write(chunk({ done: true }));
      call.end();
    }, ms);
    call.on('cancelled', () => clearTimeout(timer));
    call.on('finish', () => clearTimeout(timer));
  });
}

/** Faults in subscriptions and log levels. */
export const mcpSessionFaults = runtimeFaults([
  {
    name: 'unsubscribing-removes-all',
    clause: 'MCP-15',
    about: 'The runtime ends every subscription of a session when it unsubscribes from one resource',
    hooks: {
      ...onSubscription((method, _uri, session) => {
        if (method === 'resources/unsubscribe') lost.add(session);
        else lost.delete(session);
      }),
      ...subscribers((session) => !lost.has(session)),
    },
  },
  {
    name: 'unsubscribing-removes-every-session',
    clause: 'MCP-15',
    about: 'The runtime ends the subscriptions of every session when one session unsubscribes',
    hooks: {
      ...onSubscription((method, uri) => {
        if (method === 'resources/unsubscribe') removed.add(uri);
        else removed.delete(uri);
      }),
      ...subscribers((_session, uri) => !removed.has(uri)),
    },
  },
  {
    name: 'second-subscription-replaces-the-first',
    clause: 'MCP-15',
    about: 'The runtime keeps only the latest subscription of a session',
    alsoBreaks: [{ clause: 'MCP-18', reason: 'MCP-18 permits a caller 16 subscriptions.' }],
    hooks: subscribers((session, uri) => [...session.subscriptions].at(-1) === uri),
  },
  {
    name: 'second-subscription-ignored',
    clause: 'MCP-15',
    about: 'The runtime keeps only the first subscription of a session',
    hooks: subscribers((session, uri) => [...session.subscriptions][0] === uri),
  },
  {
    name: 'third-subscription-ignored',
    clause: 'MCP-15',
    about: 'The runtime keeps only two subscriptions of a session',
    alsoBreaks: [{ clause: 'MCP-18', reason: 'MCP-18 permits a caller 16 subscriptions.' }],
    hooks: subscribers((session, uri) => [...session.subscriptions].indexOf(uri) < 2),
  },
  {
    name: 'one-subscriber-told',
    clause: 'MCP-15',
    about: 'The runtime reports a change only to the session that subscribed last',
    hooks: {
      *subscribersOf(sessions, uri) {
        const last = [...defaultHooks.subscribersOf(sessions, uri)].at(-1);
        if (last !== undefined) yield last;
      },
    },
  },
  {
    name: 'first-change-told',
    clause: 'MCP-15',
    about: 'The runtime reports only the first change of a resource',
    hooks: subscribers(({ id }, uri) => {
      const key = `${id} ${uri}`;
      const isFirst = !told.has(key);
      told.add(key);
      return isFirst;
    }),
  },
  {
    name: 'templates-not-subscribed',
    clause: 'MCP-15',
    about: 'The runtime does not report changes of resources of a template',
    hooks: subscribers((_session, uri) => !uri.includes('/template/')),
  },
  {
    name: 'subscriptions-end-with-the-stream',
    clause: 'MCP-15',
    about: 'The runtime ends the subscriptions of a session when its live stream ends',
    hooks: {
      ...onStream((call) => {
        const bytes = Buffer.from(call.request).toString('latin1');
        call.on('cancelled', () => ended.add(bytes));
      }),
      ...subscribers(({ id }) => ![...ended].some((bytes) => bytes.includes(id))),
    },
  },
  {
    name: 'subscriptions-need-a-stream',
    clause: 'MCP-15',
    about: 'The runtime forgets a subscription that arrives before the live stream is open',
    hooks: {
      ...onSubscription((_method, _uri, session) => {
        if (!session.streams.live.isRead) lost.add(session);
      }),
      ...subscribers((session) => !lost.has(session)),
    },
  },
  {
    name: 'level-one-too-high',
    clause: 'MCP-8',
    about: 'The runtime suppresses the level that the caller set',
    hooks: levels((index, all) => all[Math.min(index + 1, 7)]),
  },
  {
    name: 'level-one-too-low',
    clause: 'MCP-8',
    about: 'The runtime also sends the level below the one that the caller set',
    hooks: levels((index, all) => all[Math.max(index - 1, 0)]),
  },
  {
    name: 'notice-is-info',
    clause: 'MCP-8',
    about: 'The runtime treats the level notice as info',
    hooks: levels((index) => (index === 2 ? 'info' : undefined)),
  },
  {
    name: 'alert-is-emergency',
    clause: 'MCP-8',
    about: 'The runtime treats the level alert as emergency',
    hooks: levels((index) => (index === 6 ? 'emergency' : undefined)),
  },
  {
    name: 'notice-sent-as-info',
    clause: 'MCP-8',
    about: 'The runtime sends messages of level notice as info',
    alsoBreaks: [{ clause: 'MODERN-19', reason: 'Both eras have the same levels.' }],
    hooks: streamText((text) => text.replaceAll('"level":"notice"', '"level":"info"')),
  },
  {
    name: 'critical-sent-as-error',
    clause: 'MCP-8',
    about: 'The runtime sends messages of level critical as error',
    hooks: streamText((text) => text.replaceAll('"level":"critical"', '"level":"error"')),
  },
]);

/** Faults in the replay of many events. */
export const resumeDepthFaults = runtimeFaults([
  {
    name: 'ten-events-replayed',
    clause: 'RESUME-2',
    about: 'The runtime replays at most ten events',
    hooks: { replay: (...where) => defaultHooks.replay(...where)?.slice(0, 10) },
  },
  {
    name: 'latest-ten-events-replayed',
    clause: 'RESUME-2',
    about: 'The runtime replays only the latest ten events',
    hooks: { replay: (...where) => defaultHooks.replay(...where)?.slice(-10) },
  },
  {
    name: 'last-event-id-in-lower-case-only',
    clause: 'RESUME-2',
    about: 'The runtime finds last-event-id only if its name is in lower case',
    alsoBreaks: [
      { clause: 'HEADER-3', reason: 'It ignores a header field because of the case of its name.' },
    ],
    hooks: onRequest(({ headers }) => {
      for (const name of Object.keys(headers)) {
        if (name !== 'last-event-id' && name.toLowerCase() === 'last-event-id') delete headers[name];
      }
    }),
  },
]);

/** Faults in idle streams. */
export const streamIdleFaults = runtimeFaults([
  {
    name: 'idle-live-stream-ends',
    clause: 'STREAM-7',
    about: 'The runtime ends a live stream after three seconds',
    hooks: endedAfter(3000, 'text/event-stream'),
  },
  {
    name: 'idle-answer-ends',
    clause: 'STREAM-7',
    about: 'The runtime ends the stream of a request after five seconds',
    hooks: endedAfter(5000, 'conformance_wait'),
  },
]);
