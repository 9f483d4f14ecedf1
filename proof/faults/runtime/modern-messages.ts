import { isObject } from '../../../base/is-object.ts';
import { toAbortSignal } from '../../../base/signal.ts';
import type { ModernCall } from '../../../reference-runtime/modern/modern-service.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import {
  type Message,
  modernStatus,
  onModern,
  onModernBody,
  onModernMessages,
  onModernMeta,
} from '../changes/modern.ts';

const levelKey = 'io.modelcontextprotocol/logLevel';
const levels = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const log = 'notifications/message';
const progress = 'notifications/progress';

/** Changes the log level of requests before they are served. */
function onLevel(change: (level: unknown) => unknown): Hooks {
  return onModernMeta((meta) => (levelKey in meta ? { ...meta, [levelKey]: change(meta[levelKey]) } : meta));
}

/** Changes the params of one kind of notification. */
function onNotification(method: string, change: (params: Message, call: ModernCall) => object): Hooks {
  return onModern((message, call) =>
    message.method === method ? { ...message, params: change(message.params, call) } : message,
  );
}

/** Returns the log level that a request asks for. */
function levelOf({ message }: ModernCall): unknown {
  const params = message.kind === 'request' && isObject(message.params) ? message.params : {};
  return Object(params['_meta'])[levelKey];
}

/** Returns the progress token of a request as a JSON token. */
const tokenOf = ({ message }: ModernCall) => (message.kind === 'request' ? message.progressToken : undefined);

/** Sends messages of a kind after the response of their request. */
function afterTheResponse(isLate: (message: Message) => boolean): Hooks {
  const late = new WeakMap<ModernCall, Message>();
  return onModernMessages((message, call) => {
    if (isLate(message)) {
      late.set(call, message);
      return [];
    }
    const held = late.get(call);
    return 'result' in message && held !== undefined ? [message, held] : [message];
  });
}

/** The calls that a fault may end. */
const stoppers = new Map<string, Set<AbortController>>();

/** Registers a call under a key, so that `stopAll` ends it. */
function stoppable(received: ModernCall, key: string): ModernCall {
  const stopper = new AbortController();
  const stoppersOfKey = stoppers.get(key) ?? new Set();
  stoppers.set(key, stoppersOfKey.add(stopper));
  const signal = AbortSignal.any([toAbortSignal(received.call.signal), stopper.signal]);
  return { ...received, call: { ...received.call, signal } };
}

function stopAll(key: string): void {
  for (const stopper of stoppers.get(key) ?? []) stopper.abort();
  stoppers.delete(key);
}

/** Ends the requests that a posted notifications/cancelled names, among those with the same scope. */
function endedByNotification(scopeOf: (call: ModernCall) => string): Hooks {
  return {
    modernCall(received) {
      const { message } = received;
      const scope = scopeOf(received);
      if (message.kind === 'request') return stoppable(received, `${scope} ${message.id}`);
      if (message.kind === 'notification')
        stopAll(`${scope} ${JSON.stringify(Object(message.params)['requestId'])}`);
      return received;
    },
  };
}

/** Continues the work of a request after its call has ended. */
function workingOn(rpc: ModernCall['call']['rpc']): Hooks {
  const never = new AbortController().signal;
  return {
    modernCall: (received) =>
      received.call.rpc === rpc ? { ...received, call: { ...received.call, signal: never } } : received,
    ...onModernBody((body, { call }) => {
      if (call.rpc !== rpc) return body;
      const reader = body.getReader();
      return new ReadableStream<Uint8Array>({
        async pull(controller) {
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      });
    }),
  };
}

const emailOf = ({ caller }: ModernCall) => (caller.kind === 'known' ? caller.email : '');
const running = new Set<string>();
const latestByToken = new Map<string, ModernCall>();
let lastLevel: unknown;

/** Faults in log messages, progress and cancellation of MCP 2026-07-28. */
export const modernMessagesFaults = runtimeFaults([
  {
    name: 'modern-level-debug-is-info',
    clause: 'MODERN-19',
    about: 'The runtime does not send messages of level debug',
    hooks: onLevel((level) => (level === 'debug' ? 'info' : level)),
  },
  ...levels.slice(1).map((level, index) => ({
    name: `modern-level-${level}-is-${levels[index]}`,
    clause: 'MODERN-19',
    about: `The runtime treats the level ${level} as ${levels[index]}`,
    hooks: onLevel((given) => (given === level ? levels[index] : given)),
  })),
  {
    name: 'modern-logs-of-exactly-the-level',
    clause: 'MODERN-19',
    about: 'The runtime sends only messages of exactly the requested level',
    hooks: onModern((message, call) =>
      message.method === log && message.params.level !== levelOf(call) ? undefined : message,
    ),
  },
  {
    name: 'modern-logs-on-streams-only',
    clause: 'MODERN-19',
    about: 'The runtime drops the log messages of Invoke',
    hooks: onModern((message, { call }) =>
      message.method === log && call.rpc === 'Invoke' ? undefined : message,
    ),
  },
  {
    name: 'modern-logs-after-the-response',
    clause: 'MODERN-19',
    about: 'The runtime sends the last log message after the response',
    hooks: afterTheResponse(({ method, params }) => method === log && params.level === 'emergency'),
  },
  {
    name: 'modern-logs-without-data',
    clause: 'MODERN-19',
    about: 'The runtime omits the data of log messages',
    hooks: onNotification(log, ({ data: _, ...params }) => params),
  },
  {
    name: 'modern-log-data-as-text',
    clause: 'MODERN-19',
    about: 'The runtime writes the data of log messages as text',
    hooks: onNotification(log, ({ data, ...params }) => ({ ...params, data: JSON.stringify(data) })),
  },
  {
    name: 'modern-level-remembered',
    clause: 'MODERN-19',
    about: 'The runtime uses the last requested level for requests without one',
    alsoBreaks: [
      {
        clause: 'MODERN-25',
        reason: 'MODERN-25 forbids taking the log level from anything but the request.',
      },
    ],
    hooks: onModernMeta((meta) => {
      lastLevel = meta[levelKey] ?? lastLevel;
      return lastLevel === undefined ? meta : { ...meta, [levelKey]: lastLevel };
    }),
  },
  {
    name: 'modern-level-of-the-latest-request',
    clause: 'MODERN-19',
    about: 'The runtime uses the level of the request that came last for all requests in flight',
    alsoBreaks: [
      {
        clause: 'MODERN-25',
        reason: 'MODERN-25 forbids taking the log level from anything but the request.',
      },
    ],
    hooks: {
      ...onModernMeta((meta) => {
        lastLevel = meta[levelKey];
        return { ...meta, [levelKey]: 'debug' };
      }),
      ...onModern((message) =>
        message.method === log && !(levels.indexOf(message.params.level) >= levels.indexOf(String(lastLevel)))
          ? undefined
          : message,
      ),
    },
  },
  {
    name: 'modern-level-of-the-session',
    clause: 'MODERN-19',
    about: 'The runtime sends all log messages to a request that names a session',
    alsoBreaks: [
      {
        clause: 'MODERN-25',
        reason: 'MODERN-25 forbids taking the log level from anything but the request.',
      },
    ],
    hooks: {
      modernCall(received) {
        const { call, message } = received;
        if (call.sessionId === '' || message.kind !== 'request') return received;
        const params = Object(message.params);
        const meta = { [levelKey]: 'debug', ...params._meta };
        return { ...received, message: { ...message, params: { ...params, _meta: meta } } };
      },
    },
  },
  {
    name: 'modern-unknown-level-is-info',
    clause: 'MODERN-67',
    about: 'The runtime treats an unknown level as info',
    hooks: onLevel((level) => (levels.includes(String(level)) ? level : 'info')),
  },
  {
    name: 'modern-levels-in-any-case',
    clause: 'MODERN-67',
    about: 'The runtime accepts levels in upper case',
    hooks: onLevel((level) => (typeof level === 'string' ? level.toLowerCase() : level)),
  },
  {
    name: 'modern-progress-tokens-are-strings',
    clause: 'MODERN-68',
    about: 'The runtime writes every progress token as a string',
    hooks: onNotification(progress, (params, call) => {
      const token = tokenOf(call) ?? '';
      return token.startsWith('"') ? params : { ...params, progressToken: token };
    }),
  },
  {
    name: 'modern-progress-tokens-are-numbers',
    clause: 'MODERN-68',
    about: 'The runtime writes progress tokens of digits as numbers',
    hooks: onNotification(progress, (params, call) => {
      const token = tokenOf(call) ?? '';
      return /^"\d+"$/.test(token) ? { ...params, progressToken: Number(JSON.parse(token)) } : params;
    }),
  },
  {
    name: 'modern-progress-tokens-that-are-true',
    clause: 'MODERN-68',
    about: 'The runtime ignores the progress tokens 0 and ""',
    hooks: onModern((message, call) =>
      message.method === progress && ['0', '""'].includes(tokenOf(call) ?? '') ? undefined : message,
    ),
  },
  {
    name: 'modern-progress-without-a-token',
    clause: 'MODERN-68',
    about: 'The runtime sends progress also to requests without a token',
    hooks: onModernMeta((meta) => ({ progressToken: 'none', ...meta })),
  },
  {
    name: 'modern-progress-that-stands-still',
    clause: 'MODERN-68',
    about: 'The runtime sends the same progress each time',
    hooks: onNotification(progress, (params) => ({ ...params, progress: 1 })),
  },
  {
    name: 'modern-progress-that-falls',
    clause: 'MODERN-68',
    about: 'The runtime sends the remaining steps as progress',
    hooks: onNotification(progress, (params) => ({ ...params, progress: params.total - params.progress })),
  },
  {
    name: 'modern-progress-after-the-response',
    clause: 'MODERN-68',
    about: 'The runtime sends the last progress after the response',
    hooks: afterTheResponse(({ method, params }) => method === progress && params.progress === params.total),
  },
  {
    name: 'modern-progress-after-a-question',
    clause: 'MODERN-68',
    about: 'The runtime sends the progress of a request after its question',
    hooks: afterTheResponse(({ method, params }) => method === progress && params.progress === 1),
  },
  {
    name: 'modern-progress-on-streams-only',
    clause: 'MODERN-68',
    about: 'The runtime drops the progress of Invoke',
    hooks: onModern((message, { call }) =>
      message.method === progress && call.rpc === 'Invoke' ? undefined : message,
    ),
  },
  {
    name: 'modern-progress-to-the-latest-request',
    clause: 'MODERN-69',
    about: 'The runtime sends progress only to the latest request with its token',
    hooks: {
      modernCall(received) {
        const token = tokenOf(received);
        if (token !== undefined) latestByToken.set(token, received);
        return received;
      },
      ...onModern((message, call) =>
        message.method === progress && latestByToken.get(tokenOf(call) ?? '') !== call ? undefined : message,
      ),
    },
  },
  {
    name: 'modern-one-request-per-id',
    clause: 'MODERN-69',
    about: 'The runtime refuses a request whose id another request in flight has',
    alsoBreaks: [
      { clause: 'MODERN-25', reason: 'MODERN-25 also permits several requests with the same id in flight.' },
    ],
    hooks: {
      modernCall(received) {
        const { message } = received;
        if (message.kind !== 'request' || !message.id.startsWith('"')) return received;
        if (running.has(message.id)) return { ...received, message: { ...message, method: 'duplicate' } };
        running.add(message.id);
        return received;
      },
      ...onModern((message, { message: request }) => {
        const isResponse = 'result' in message || 'error' in message;
        if (isResponse && request.kind === 'request' && request.method !== 'duplicate')
          running.delete(request.id);
        return message;
      }),
    },
  },
  {
    name: 'modern-equal-ids-end-together',
    clause: 'MODERN-69',
    about: 'The runtime ends every request with the id of a cancelled one',
    hooks: {
      modernCall(received) {
        const { call, message } = received;
        if (message.kind !== 'request') return received;
        call.signal.addEventListener('abort', () => stopAll(message.id), { once: true });
        return stoppable(received, message.id);
      },
    },
  },
  {
    name: 'modern-streamed-work-continues',
    clause: 'MODERN-70',
    about: 'The runtime continues the work of a cancelled InvokeStream',
    hooks: workingOn('InvokeStream'),
  },
  {
    name: 'modern-unary-work-continues',
    clause: 'MODERN-70',
    about: 'The runtime continues the work of a cancelled Invoke',
    hooks: workingOn('Invoke'),
  },
  {
    name: 'modern-requests-ended-by-their-id',
    clause: 'MODERN-70',
    about: 'The runtime ends the requests of any caller that notifications/cancelled names',
    hooks: endedByNotification(() => ''),
  },
  {
    name: 'modern-own-requests-ended-by-their-id',
    clause: 'MODERN-70',
    about: 'The runtime ends the requests of the caller that notifications/cancelled names',
    hooks: endedByNotification(emailOf),
  },
  {
    name: 'modern-cancelled-refused',
    clause: 'MODERN-70',
    about: 'The runtime refuses a posted notifications/cancelled',
    alsoBreaks: [
      { clause: 'JSONRPC-3', reason: 'JSONRPC-3 requires the same answer to every notification.' },
    ],
    hooks: modernStatus(
      202,
      400,
      ({ message }) => message.kind === 'notification' && message.method === 'notifications/cancelled',
    ),
  },
]);
