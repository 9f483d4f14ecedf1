import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import {
  accepted,
  chunk,
  data,
  encoder,
  heldBack,
  onPath,
  postRefusalAnswers,
  postRefusals,
  refusalStatusOf,
} from '../changes/streams.ts';

/** Faults in streamed answers to POST. */
export const postFaults = runtimeFaults([
  {
    name: 'post-is-get',
    clause: 'POST-1',
    about: 'The runtime opens a live stream for a streamed POST',
    hooks: {
      readMethod(rpc, method) {
        const read = defaultHooks.readMethod(rpc, method);
        return rpc === 'InvokeStream' && method === 'POST' ? 'GET' : read;
      },
    },
  },
  {
    name: 'post-without-its-messages',
    clause: 'POST-1',
    about: "The runtime drops a request's messages from its stream",
    hooks: onPath((path) =>
      path.interactive
        ? { message: async (json) => (json.includes('"id"') ? path.message(json) : undefined) }
        : {},
    ),
  },
  {
    name: 'post-without-its-response',
    clause: 'POST-1',
    about: "The runtime ends a request's stream before the response",
    hooks: onPath((path) => (path.interactive ? { finish: () => path.finish({ kind: 'cancelled' }) } : {})),
  },
  {
    name: 'post-held-back',
    clause: 'POST-2',
    about: "The runtime holds a request's events back until the stream ends",
    hooks: heldBack('answers'),
  },
  {
    name: 'questions-not-on-the-stream',
    clause: 'POST-2',
    about: 'The runtime does not send server requests on the stream of their request',
    hooks: onPath(() => ({ interactive: false })),
  },
  {
    name: 'notification-by-stream-with-events',
    clause: 'POST-3',
    about: 'The runtime answers a streamed notification with an event',
    hooks: accepted((only) => [
      chunk({ status: 200, headers: only.headers }),
      data('data: {}\n\n'),
      chunk({ done: true }),
    ]),
  },
  {
    name: 'notification-by-stream-with-status-200',
    clause: 'POST-3',
    about: 'The runtime answers a streamed notification with 200',
    alsoBreaks: [{ clause: 'JSONRPC-3', reason: 'JSONRPC-3 requires 202 for every notification.' }],
    hooks: accepted((only) => [chunk({ ...only, status: 200 })]),
  },
  {
    name: 'post-refused-with-500',
    clause: 'POST-4',
    about: 'The runtime refuses an invalid streamed POST with 500',
    hooks: refusalStatusOf(400, 500),
  },
  {
    name: 'post-refused-as-an-event',
    clause: 'POST-4',
    about: 'The runtime reports the refusal of a streamed POST as an event',
    hooks: postRefusals(() => [
      chunk({ status: 200, headers: { 'content-type': 'text/event-stream' } }),
      data('id: refused\ndata: {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Refused"}}\n\n'),
      chunk({ done: true }),
    ]),
  },
  {
    name: 'cancelled-post-goes-on',
    clause: 'POST-5',
    about: 'The runtime continues a request after the caller cancels its stream',
    hooks: {
      beginRequest: (session, call, exchange) =>
        defaultHooks.beginRequest(
          session,
          call.rpc === 'InvokeStream' ? { ...call, signal: new AbortController().signal } : call,
          exchange,
        ),
    },
  },
  {
    name: 'post-refused-without-its-body',
    clause: 'POST-6',
    about: 'The runtime refuses a streamed POST with error_status and without the body of the refusal',
    hooks: postRefusals(({ status }) => [chunk({ status, errorStatus: status, done: true })]),
  },
  {
    name: 'post-refused-with-an-empty-body',
    clause: 'POST-6',
    about: 'The runtime refuses a streamed POST with a head and an empty body',
    hooks: postRefusals(({ status, headers }) => [
      chunk({ status, headers: { ...headers } }),
      chunk({ done: true }),
    ]),
  },
  {
    name: 'post-refused-without-a-media-type',
    clause: 'POST-6',
    about: 'The runtime omits content-type from the head of a refused POST',
    hooks: postRefusalAnswers((answer) => ({ ...answer, headers: {} })),
  },
  {
    name: 'post-refused-in-plain-text',
    clause: 'POST-6',
    about: 'The runtime replaces the JSON-RPC error of a refused streamed POST with plain text',
    hooks: postRefusalAnswers((answer) => ({
      ...answer,
      headers: { 'content-type': 'text/plain' },
      body: encoder.encode('Bad Request'),
    })),
  },
  {
    name: 'post-refused-with-another-error',
    clause: 'POST-6',
    about: 'The runtime sends the same JSON-RPC error for every refused streamed POST',
    hooks: postRefusalAnswers((answer) => ({
      ...answer,
      body: encoder.encode('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Refused"}}'),
    })),
  },
]);
