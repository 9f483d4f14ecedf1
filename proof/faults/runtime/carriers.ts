import { toBinary } from '@bufbuild/protobuf';
import { type McpRequest, McpRequestSchema } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { frameEvent } from '../../../reference-runtime/mcp/sse.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { messageIn, methodIn } from '../changes/proxy.ts';
import { requestIn } from '../changes/request-in.ts';
import { onHandlers } from '../changes/runtime.ts';
import { chunk, data, onPath } from '../changes/streams.ts';

/** Answers matching POSTs of sessions on `InvokeStream` as if they were carried out, without carrying them out. */
function dropped(method: string): Hooks {
  return onStreamedPost((request) => {
    if (methodIn(request) !== method || request.sessionId === '') return request;
    const { id } = messageIn(request);
    if (method === 'response' || id === undefined) return [chunk({ status: 202, done: true })];
    const response = JSON.stringify({ jsonrpc: '2.0', id, result: {} });
    return [
      chunk({ status: 200, headers: { 'content-type': 'text/event-stream' } }),
      data(frameEvent({ id: `fault-${String(id)}`, data: response })),
      chunk({ done: true }),
    ];
  });
}

/** Changes the params of matching requests on `InvokeStream`. */
function withParams(method: string, change: (params: Record<string, unknown>) => unknown): Hooks {
  return onStreamedPost((request) => {
    if (methodIn(request) !== method) return request;
    const message = messageIn(request);
    const params = change({ ...Object(message['params']) });
    return { ...request, body: Buffer.from(JSON.stringify({ ...message, params })) };
  });
}

/** Replaces the POSTs on `InvokeStream`, or answers them with chunks. */
function onStreamedPost(change: (request: McpRequest) => McpRequest | ReturnType<typeof chunk>[]): Hooks {
  return onHandlers(({ invokeStream }) => ({
    invokeStream: (call) => {
      const request = requestIn(call.request);
      if (request?.method !== 'POST') return invokeStream(call);
      const changed = change(request);
      if (changed === request) return invokeStream(call);
      if (!Array.isArray(changed)) {
        call.request = toBinary(McpRequestSchema, changed);
        return invokeStream(call);
      }
      for (const each of changed) call.write(each);
      call.end();
    },
  }));
}

/** Copies matching messages of streamed requests to the live stream, or moves them there. */
function toLive(when: RegExp, moves: boolean): Hooks {
  return onPath((path, session) =>
    path.interactive
      ? {
          async message(json) {
            if (when.test(json)) await session.streams.live.push(json);
            if (!moves || !when.test(json)) await path.message(json);
          },
        }
      : {},
  );
}

/** Faults in the effects of a streamed POST. */
export const postEffectFaults = runtimeFaults([
  ...[
    ['cancelled', 'notifications/cancelled'],
    ['response', 'response'],
    ['set-level', 'logging/setLevel'],
    ['subscribe', 'resources/subscribe'],
    ['unsubscribe', 'resources/unsubscribe'],
  ].map(([name = '', method = '']) => ({
    name: `${name}-by-stream-dropped`,
    clause: 'POST-7',
    about: `The runtime accepts ${method} on InvokeStream and drops it`,
    hooks: dropped(method),
  })),
  {
    name: 'prompt-arguments-by-stream-dropped',
    clause: 'POST-7',
    about: 'The runtime drops the arguments of prompts/get on InvokeStream',
    hooks: withParams('prompts/get', (params) => ({ ...params, arguments: { arg1: '', arg2: '' } })),
  },
  {
    name: 'completion-value-by-stream-dropped',
    clause: 'POST-7',
    about: 'The runtime drops the value to complete on InvokeStream',
    hooks: withParams('completion/complete', (params) => ({
      ...params,
      argument: { ...Object(params['argument']), value: '' },
    })),
  },
  {
    name: 'resource-by-stream-decoded',
    clause: 'POST-7',
    about: 'The runtime decodes the URI of resources/read on InvokeStream',
    hooks: withParams('resources/read', ({ uri, ...others }) => ({
      ...others,
      uri: decodeURIComponent(String(uri)),
    })),
  },
  {
    name: 'scope-by-stream-dropped',
    clause: 'POST-7',
    about: 'The runtime does not pass the scope of a call on InvokeStream to the tool',
    hooks: {
      beginRequest: (session, call, exchange) =>
        defaultHooks.beginRequest(
          session,
          call,
          call.rpc === 'InvokeStream'
            ? { ...exchange, scope: { ...exchange.scope, serverId: '' } }
            : exchange,
        ),
    },
  },
  {
    name: 'response-by-stream-gets-200',
    clause: 'POST-3',
    about: 'The runtime answers a response on InvokeStream with 200',
    hooks: onStreamedPost((request) =>
      methodIn(request) === 'response' ? [chunk({ status: 200, done: true })] : request,
    ),
  },
  {
    name: 'cancelled-by-stream-gets-200',
    clause: 'POST-3',
    about: 'The runtime answers notifications/cancelled on InvokeStream with 200',
    hooks: onStreamedPost((request) =>
      methodIn(request) === 'notifications/cancelled' ? [chunk({ status: 200, done: true })] : request,
    ),
  },
]);

/** Faults that mix a streamed POST with the live stream. */
export const streamCarrierFaults = runtimeFaults([
  {
    name: 'progress-copied-to-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime also sends the progress of a streamed request on the live stream',
    hooks: toLive(/"notifications\/progress"/, false),
  },
  {
    name: 'logs-copied-to-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime also sends the log messages of a streamed request on the live stream',
    hooks: toLive(/"A message of level warning"/, false),
  },
  {
    name: 'response-copied-to-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime also sends the response to a streamed request on the live stream',
    hooks: onPath((path, session) =>
      path.interactive
        ? {
            finish(outcome) {
              if (outcome.kind === 'response') void session.streams.live.push(outcome.json);
              path.finish(outcome);
            },
          }
        : {},
    ),
  },
  {
    name: 'cancelled-post-closes-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime ends the live stream when a streamed request is cancelled',
    hooks: {
      beginRequest(session, call, exchange) {
        const end = () => session.streams.live.end();
        if (call.rpc === 'InvokeStream') call.signal.addEventListener('abort', end, { once: true });
        return defaultHooks.beginRequest(session, call, exchange);
      },
    },
  },
  {
    name: 'answered-post-closes-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime ends the live stream when a streamed request is answered',
    hooks: onPath((path, session) =>
      path.interactive
        ? {
            finish(outcome) {
              session.streams.live.end();
              path.finish(outcome);
            },
          }
        : {},
    ),
  },
]);

/** Faults that send the messages of a streamed POST elsewhere. */
export const postRouteFaults = runtimeFaults([
  {
    name: 'progress-moved-to-the-live-stream',
    clause: 'POST-1',
    about: 'The runtime sends the progress of a streamed request on the live stream instead',
    hooks: toLive(/"notifications\/progress"/, true),
  },
  {
    name: 'one-level-moved-to-the-live-stream',
    clause: 'POST-1',
    about: 'The runtime sends the log messages of level notice on the live stream instead',
    hooks: toLive(/"level":"notice"/, true),
  },
]);
