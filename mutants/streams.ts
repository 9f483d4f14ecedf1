import { create } from '@bufbuild/protobuf';
import { type McpChunk, McpChunkSchema } from '../proto/index.ts';
import type { StreamHead } from '../reference-runtime/grpc/stream-chunks.ts';
import { defaultParts } from '../reference-runtime/parts.ts';
import { onStream, ownerUncheckedWhen, refuse, scopeUncheckedWhen } from './faults.ts';
import type { Mutant, Parts } from './mutant.ts';

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const chunk = (init: Partial<McpChunk>) => Object.assign(create(McpChunkSchema), init);
const data = (text: string) => chunk({ data: encoder.encode(text) });

/** Changes the text of streams. */
function streamText(change: (text: string) => string): Parts {
  return {
    dataChunks: (bytes, chunkBytes) =>
      defaultParts.dataChunks(encoder.encode(change(decoder.decode(bytes))), chunkBytes),
  };
}

/** Changes the chunk of a refusal, or of a stream without events. */
function onlyChunk(change: (chunk: McpChunk, head: StreamHead) => McpChunk[]): Parts {
  return { onlyChunks: (head) => [...defaultParts.onlyChunks(head)].flatMap((only) => change(only, head)) };
}

function refusals(change: (chunk: McpChunk) => McpChunk[]): Parts {
  return onlyChunk((only) => (only.errorStatus >= 400 ? change(only) : [only]));
}

function accepted(change: (chunk: McpChunk) => McpChunk[]): Parts {
  return onlyChunk((only) => (only.errorStatus === 0 ? change(only) : [only]));
}

function refusalStatusOf(from: number, to: number): Parts {
  return refusals((only) => [
    only.errorStatus === from ? chunk({ ...only, status: to, errorStatus: to }) : only,
  ]);
}

function heads(change: (head: StreamHead) => StreamHead): Parts {
  return { headChunks: (head) => defaultParts.headChunks(change(head)) };
}

const type = (value: string) =>
  heads(({ status, headers }) => ({ status, headers: { ...headers, 'content-type': value } }));

/** Keeps the data of a stream back until it ends. */
function heldBack(): Parts {
  return onStream((call) => {
    const write = call.write.bind(call) as (message: McpChunk, done?: () => void) => boolean;
    const held: McpChunk[] = [];
    const replacement = (message: McpChunk, written?: () => void) => {
      if (message.data.length > 0) {
        held.push(message);
        written?.();
        return true;
      }
      if (message.done) for (const each of held.splice(0)) write(each);
      return write(message, written);
    };
    Object.assign(call, { write: replacement });
  });
}

/** Faults of streams. */
export const streamMutants: readonly Mutant[] = [
  {
    name: 'live-stream-ends-at-once',
    clause: 'STREAM-1',
    about: 'A live stream ends as soon as it is open',
    parts: onStream((call) => {
      const write = call.write.bind(call) as (message: McpChunk) => boolean;
      const replacement = (message: McpChunk) => {
        if (call.writableEnded) return true;
        const isLive = message.status === 200 && !decoder.decode(call.request).includes('jsonrpc');
        const more = write(message);
        if (isLive) {
          write(chunk({ done: true }));
          call.end();
        }
        return more;
      };
      Object.assign(call, { write: replacement });
    }),
  },
  {
    name: 'live-messages-held-back',
    clause: 'STREAM-1',
    about: 'Messages come when the stream ends',
    parts: heldBack(),
  },
  {
    name: 'messages-of-requests-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'Messages of requests come on the live stream too',
    parts: {
      beginRequest(session, call, exchange) {
        const { path } = exchange;
        return defaultParts.beginRequest(session, call, {
          ...exchange,
          path: {
            interactive: path.interactive,
            message(json) {
              void session.streams.live.push(json);
              return path.message(json);
            },
            suspend: (retryMs) => path.suspend(retryMs),
            finish: (outcome) => path.finish(outcome),
          },
        });
      },
    },
  },
  {
    name: 'responses-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'Responses come on the live stream too',
    parts: {
      beginRequest(session, call, exchange) {
        const { path } = exchange;
        return defaultParts.beginRequest(session, call, {
          ...exchange,
          path: {
            interactive: path.interactive,
            message: (json) => path.message(json),
            suspend: (retryMs) => path.suspend(retryMs),
            finish(outcome) {
              if (outcome.kind === 'response') void session.streams.live.push(outcome.json);
              path.finish(outcome);
            },
          },
        });
      },
    },
  },
  {
    name: 'refusal-in-two-chunks',
    clause: 'STREAM-2',
    about: 'A refused stream has a chunk before the last',
    parts: refusals((only) => [
      chunk({ status: only.status }),
      chunk({ done: true, errorStatus: only.errorStatus }),
    ]),
  },
  {
    name: 'refusal-with-data',
    clause: 'STREAM-2',
    about: 'The chunk of a refusal has data',
    parts: refusals((only) => [chunk({ ...only, data: encoder.encode('refused') })]),
  },
  {
    name: 'refusal-without-error-status',
    clause: 'STREAM-2',
    about: 'A refused stream does not say the status',
    parts: refusals((only) => [chunk({ ...only, errorStatus: 0 })]),
  },
  {
    name: 'refusal-without-done',
    clause: 'STREAM-2',
    about: 'A refused stream has no done',
    parts: refusals((only) => [chunk({ ...only, done: false })]),
  },
  {
    name: 'error-status-at-a-regular-end',
    clause: 'STREAM-2',
    about: 'The last chunk of a regular stream has error_status 200',
    parts: { lastChunks: () => [chunk({ done: true, errorStatus: 200 })] },
  },
  {
    name: 'error-status-in-the-head',
    clause: 'STREAM-2',
    about: 'The head of a regular stream has error_status',
    parts: {
      headChunks: (head) =>
        [...defaultParts.headChunks(head)].map((first) => chunk({ ...first, errorStatus: 200 })),
    },
  },
  {
    name: 'end-without-done',
    clause: 'STREAM-3',
    about: 'A stream ends without done',
    parts: { lastChunks: () => [] },
  },
  {
    name: 'done-twice',
    clause: 'STREAM-3',
    about: 'A stream has done twice',
    parts: { lastChunks: () => [chunk({ done: true }), chunk({ done: true })] },
  },
  {
    name: 'data-after-done',
    clause: 'STREAM-3',
    about: 'Data follows done',
    parts: { lastChunks: () => [chunk({ done: true }), data(': bye\n\n')] },
  },
  {
    name: 'empty-chunk-after-done',
    clause: 'STREAM-3',
    about: 'An empty chunk follows done',
    parts: { lastChunks: () => [chunk({ done: true }), chunk({})] },
  },
  {
    name: 'done-in-every-chunk',
    clause: 'STREAM-3',
    about: 'Every chunk with data has done',
    parts: {
      dataChunks: (bytes, chunkBytes) =>
        [...defaultParts.dataChunks(bytes, chunkBytes)].map((each) => chunk({ ...each, done: true })),
      lastChunks: () => [],
    },
  },
  {
    name: 'error-after-done',
    clause: 'STREAM-3',
    about: 'A stream with done ends with a gRPC status other than OK',
    parts: onStream((call) => {
      const write = call.write.bind(call) as (message: McpChunk, written?: () => void) => boolean;
      const replacement = (message: McpChunk, written?: () => void) => {
        const more = write(message, written);
        if (message.done) call.emit('error', { code: 14, details: 'bye' });
        return more;
      };
      Object.assign(call, { write: replacement });
    }),
  },
  {
    name: 'done-with-data',
    clause: 'STREAM-4',
    about: 'The chunk with done has a comment',
    parts: { lastChunks: () => [chunk({ done: true, data: encoder.encode(': bye\n\n') })] },
  },
  {
    name: 'done-with-a-newline',
    clause: 'STREAM-4',
    about: 'The chunk with done has a line end',
    parts: { lastChunks: () => [chunk({ done: true, data: encoder.encode('\n') })] },
  },
  {
    name: 'deadline-as-a-regular-end',
    clause: 'STREAM-5',
    about: 'A stream that the deadline breaks ends as if it were complete',
    parts: onStream((call) => {
      const deadline = Number(call.getDeadline());
      if (!Number.isFinite(deadline)) return;
      const timer = setTimeout(
        () => {
          if (call.writableEnded) return;
          call.write(chunk({ done: true }));
          call.end();
        },
        Math.max(deadline - Date.now() - 60, 0),
      );
      call.once('cancelled', () => clearTimeout(timer));
    }),
  },
  {
    name: 'stream-in-latin-1',
    clause: 'STREAM-6',
    about: 'The data of a stream is not UTF-8',
    parts: {
      dataChunks: (bytes, chunkBytes) =>
        defaultParts.dataChunks(Buffer.from(`: ü\n${decoder.decode(bytes)}`, 'latin1'), chunkBytes),
    },
  },
  {
    name: 'chunks-cut-short',
    clause: 'STREAM-6',
    about: 'Of a large piece of a stream the first chunk alone is sent',
    parts: { dataChunks: (bytes, chunkBytes) => [...defaultParts.dataChunks(bytes, chunkBytes)].slice(0, 1) },
  },
  {
    name: 'events-run-together',
    clause: 'STREAM-6',
    about: 'Events are not ended by an empty line',
    parts: streamText((text) => text.replaceAll('\n\n', '\n')),
  },
  {
    name: 'raw-messages-as-stream',
    clause: 'STREAM-6',
    about: 'Messages are sent without the fields of SSE',
    parts: { frameEvent: (event) => `${event.data}\n` },
  },
  {
    name: 'message-events-without-json',
    clause: 'STREAM-6',
    about: 'Events of type message carry text before the messages',
    parts: {
      headChunks: (head) => [...defaultParts.headChunks(head), data('event: message\ndata: hello\n\n')],
    },
  },
  {
    name: 'characters-cut-in-chunks',
    clause: 'STREAM-6',
    about: 'Chunks end at characters that were decoded one by one',
    parts: {
      *dataChunks(bytes) {
        for (let start = 0; start < bytes.length; start += 5) {
          yield data(decoder.decode(bytes.subarray(start, start + 5)));
        }
      },
    },
  },
  {
    name: 'stream-without-session-is-404',
    clause: 'STREAM-9',
    about: 'A stream without a session is refused with 404',
    parts: {
      withoutSession: (call) => refuse(call.rpc === 'InvokeStream' ? 'NOT_FOUND' : 'INVALID_ARGUMENT'),
    },
  },
  {
    name: 'stream-of-unknown-session-is-400',
    clause: 'STREAM-9',
    about: 'A stream of an unknown session is refused with 400',
    parts: refusalStatusOf(404, 400),
  },
  {
    name: 'stream-of-another-owner-is-401',
    clause: 'STREAM-9',
    about: 'A stream of another owner is refused with 401',
    parts: refusalStatusOf(403, 401),
  },
  {
    name: 'streams-for-everybody',
    clause: 'STREAM-9',
    about: 'Neither owner nor scope count for streams',
    parts: {
      ...ownerUncheckedWhen(({ rpc }) => rpc === 'InvokeStream'),
      ...scopeUncheckedWhen(({ rpc }) => rpc === 'InvokeStream'),
    },
  },
  {
    name: 'cancelled-stream-kept',
    clause: 'STREAM-10',
    about: 'That the caller of a stream has gone is not noticed',
    parts: {
      callSignal: (call) => ('write' in call ? new AbortController().signal : defaultParts.callSignal(call)),
    },
  },
  {
    name: 'head-left-out',
    clause: 'HEAD-1',
    about: 'Streams have no head',
    parts: { headChunks: () => [] },
  },
  {
    name: 'head-left-out-of-refusals',
    clause: 'HEAD-1',
    about: 'Refused streams have no head',
    parts: refusals(({ errorStatus }) => [chunk({ errorStatus, done: true })]),
  },
  {
    name: 'head-in-every-chunk',
    clause: 'HEAD-1',
    about: 'Every chunk has the status',
    parts: {
      dataChunks: (bytes, chunkBytes) =>
        [...defaultParts.dataChunks(bytes, chunkBytes)].map((each) => chunk({ ...each, status: 200 })),
    },
  },
  {
    name: 'head-again-at-the-end',
    clause: 'HEAD-1',
    about: 'The chunk with done has the head again',
    parts: {
      lastChunks: () => [
        chunk({ done: true, status: 200, headers: { 'content-type': 'text/event-stream' } }),
      ],
    },
  },
  {
    name: 'head-after-a-comment',
    clause: 'HEAD-1',
    about: 'The head comes in the second chunk',
    parts: { headChunks: (head) => [data(': hello\n\n'), ...defaultParts.headChunks(head)] },
  },
  {
    name: 'head-of-plain-text',
    clause: 'HEAD-2',
    about: 'The head says text/plain',
    parts: type('text/plain'),
  },
  {
    name: 'head-of-json',
    clause: 'HEAD-2',
    about: 'The head says application/json',
    parts: type('application/json'),
  },
  {
    name: 'head-with-status-202',
    clause: 'HEAD-2',
    about: 'The head has status 202',
    parts: heads((head) => ({ ...head, status: 202 })),
  },
  {
    name: 'head-of-refusals-is-500',
    clause: 'HEAD-2',
    about: 'The head of a refusal says another status than error_status',
    parts: refusals((only) => [chunk({ ...only, status: 500 })]),
  },
  {
    name: 'post-is-get',
    clause: 'POST-1',
    about: 'A POST by stream opens the live stream',
    parts: {
      readMethod: (rpc, method) => (rpc === 'InvokeStream' ? 'GET' : defaultParts.readMethod(rpc, method)),
    },
  },
  {
    name: 'post-without-its-messages',
    clause: 'POST-1',
    about: 'Messages that belong to a request are left out of its stream',
    parts: {
      beginRequest(session, call, exchange) {
        const { path } = exchange;
        if (!path.interactive) return defaultParts.beginRequest(session, call, exchange);
        return defaultParts.beginRequest(session, call, {
          ...exchange,
          path: {
            interactive: true,
            message: async (json) => (json.includes('"id"') ? path.message(json) : undefined),
            suspend: (retryMs) => path.suspend(retryMs),
            finish: (outcome) => path.finish(outcome),
          },
        });
      },
    },
  },
  {
    name: 'post-without-its-response',
    clause: 'POST-1',
    about: 'The stream of a request ends before the response',
    parts: {
      beginRequest(session, call, exchange) {
        const { path } = exchange;
        if (!path.interactive) return defaultParts.beginRequest(session, call, exchange);
        return defaultParts.beginRequest(session, call, {
          ...exchange,
          path: {
            interactive: true,
            message: (json) => path.message(json),
            suspend: (retryMs) => path.suspend(retryMs),
            finish: () => path.finish({ kind: 'cancelled' }),
          },
        });
      },
    },
  },
  {
    name: 'post-held-back',
    clause: 'POST-2',
    about: 'The events of a request come all at its end',
    parts: heldBack(),
  },
  {
    name: 'questions-not-on-the-stream',
    clause: 'POST-2',
    about: 'Questions do not come on the stream of their request',
    parts: {
      beginRequest(session, call, exchange) {
        const { path } = exchange;
        return defaultParts.beginRequest(session, call, {
          ...exchange,
          path: {
            interactive: false,
            message: (json) => path.message(json),
            suspend: (retryMs) => path.suspend(retryMs),
            finish: (outcome) => path.finish(outcome),
          },
        });
      },
    },
  },
  {
    name: 'notification-by-stream-with-events',
    clause: 'POST-3',
    about: 'A notification sent by stream is answered with an event',
    parts: accepted((only) => [
      chunk({ status: 200, headers: only.headers }),
      data('data: {}\n\n'),
      chunk({ done: true }),
    ]),
  },
  {
    name: 'notification-by-stream-with-status-200',
    clause: 'POST-3',
    about: 'A notification sent by stream is answered 200',
    parts: accepted((only) => [chunk({ ...only, status: 200 })]),
  },
  {
    name: 'notification-by-stream-without-done',
    clause: 'POST-3',
    about: 'A notification sent by stream is answered without done',
    parts: accepted((only) => [chunk({ ...only, done: false })]),
  },
  {
    name: 'notification-by-stream-with-error-status',
    clause: 'POST-3',
    about: 'A notification sent by stream is answered with error_status',
    parts: accepted((only) => [chunk({ ...only, errorStatus: 202 })]),
  },
  {
    name: 'post-refused-with-500',
    clause: 'POST-4',
    about: 'A bad body by stream is refused with 500',
    parts: refusalStatusOf(400, 500),
  },
  {
    name: 'post-refused-as-an-event',
    clause: 'POST-4',
    about: 'What is refused by stream is told by an event',
    parts: refusals(() => [
      chunk({ status: 200, headers: { 'content-type': 'text/event-stream' } }),
      data('data: {"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"Refused"}}\n\n'),
      chunk({ done: true }),
    ]),
  },
  {
    name: 'cancelled-post-goes-on',
    clause: 'POST-5',
    about: 'The work of a request goes on when its stream is cancelled',
    parts: {
      beginRequest: (session, call, exchange) =>
        defaultParts.beginRequest(
          session,
          call.rpc === 'InvokeStream' ? { ...call, signal: new AbortController().signal } : call,
          exchange,
        ),
    },
  },
  {
    name: 'everything-kept-for-a-slow-reader',
    clause: 'STREAM-11',
    about: 'What a slow reader does not take is kept without bound',
    options: { limits: { streamHighWaterBytes: 2 ** 40, streamBufferBytes: 2 ** 40 } },
  },
];
