import { fromBinary } from '@bufbuild/protobuf';
import { type McpChunk, McpRequestSchema } from '../../proto/index.ts';
import { CallRefused } from '../../reference-runtime/failures/call-refused.ts';
import type { StreamHead } from '../../reference-runtime/grpc/stream-writer.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import { keepAliveComment } from '../../reference-runtime/mcp/sse.ts';
import { fieldOf, onStream } from '../mutants/faults.ts';
import type { Hooks } from '../mutants/mutant.ts';
import { accepted, chunk, data, heads, streamText } from '../mutants/stream-faults.ts';
import type { Variation } from './variation.ts';

/** Writes more, or other, on every live stream as soon as it is open. */
function onLiveStream(...messages: readonly object[]): Hooks {
  return {
    checkOwner(session, caller, call) {
      defaultHooks.checkOwner(session, caller, call);
      if (call.method !== 'GET' || call.headers.has('last-event-id')) return;
      setImmediate(() => {
        for (const message of messages)
          void session.streams.live.push(JSON.stringify({ jsonrpc: '2.0', ...message }));
      });
    },
  };
}

/** Changes the text of each event. */
function framed(change: (event: string) => string): Hooks {
  return { frameEvent: (event) => change(defaultHooks.frameEvent(event)) };
}

/** The chunks of bytes, each with what `around` puts beside it. */
function amongChunks(around: (chunk: McpChunk) => readonly McpChunk[]): Hooks {
  return {
    dataChunks: (bytes, chunkBytes) => [...defaultHooks.dataChunks(bytes, chunkBytes)].flatMap(around),
  };
}

function withoutDeclaring(capability: string): Hooks {
  return {
    health: (state) =>
      defaultHooks.health({
        ...state,
        capabilities: state.capabilities.filter((name) => name !== capability),
      }),
  };
}

const onlyWithoutHead = (head: StreamHead) =>
  [...defaultHooks.onlyChunks(head)].map((only) => chunk({ ...only, status: 0, headers: {} }));

/** Other ways to send a stream. */
export const streamVariations: readonly Variation[] = [
  {
    name: 'accepted-in-two-chunks',
    clause: 'POST-3',
    about: 'What is accepted without data has its head on one chunk and done on the next',
    hooks: accepted((only) => [{ ...only, done: false }, chunk({ done: true })]),
  },
  {
    name: 'events-with-crlf',
    clause: 'STREAM-6',
    about: 'The lines of events end in CRLF',
    hooks: framed((event) => event.replaceAll('\n', '\r\n')),
  },
  {
    name: 'events-with-cr',
    clause: 'STREAM-6',
    about: 'The lines of events end in CR',
    hooks: framed((event) => event.replaceAll('\n', '\r')),
  },
  {
    name: 'events-with-everything',
    clause: 'STREAM-6',
    about: 'Events come among comments, with a type, a retry time and fields that nobody knows',
    hooks: framed((event) => `: before\n\nevent: message\nretry: 2500\nodd: field\nodd\n${event}: after\n\n`),
  },
  {
    name: 'events-without-space',
    clause: 'STREAM-6',
    about: 'No space follows the colon of a field',
    hooks: framed((event) => event.replace(/^(id|data|retry): /gm, '$1:')),
  },
  {
    name: 'events-of-other-types',
    clause: 'STREAM-6',
    about: 'Events of a type of their own come between messages',
    hooks: framed((event) => `event: heartbeat\ndata: not JSON\n\n${event}`),
  },
  {
    name: 'little-waits-for-readers',
    clause: 'STREAM-11',
    about: 'A stream for whose reader 512 KiB wait is ended, and producers wait from 32 KiB on',
    options: { limits: { streamBufferBytes: 512 * 1024, streamHighWaterBytes: 32 * 1024 } },
  },
  {
    name: 'little-is-kept-for-replay',
    clause: 'RESUME-4',
    about: 'A session keeps 64 messages for replay, or 64 KiB of them',
    options: { limits: { replayEvents: 64, replayBytes: 64 * 1024 } },
  },
  {
    name: 'small-chunks',
    clause: 'STREAM-6',
    about: 'Chunks have 61 bytes',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        // Of a megabyte that would be a flood.
        defaultHooks.dataChunks(bytes, bytes.length > 100_000 ? chunkBytes : 61),
    },
  },
  {
    name: 'tiny-chunks',
    clause: 'STREAM-6',
    about: 'Short data comes byte by byte',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        defaultHooks.dataChunks(bytes, bytes.length > 2_000 ? chunkBytes : 1),
    },
  },
  {
    name: 'empty-chunks',
    clause: 'STREAM-6',
    about: 'Every chunk comes between empty ones',
    hooks: amongChunks((each) => [chunk({}), each, chunk({})]),
  },
  {
    name: 'comments-between-events',
    clause: 'STREAM-6',
    about: 'A comment follows every event, in a chunk of its own',
    hooks: streamText((text) => text.replaceAll('\n\n', `\n\n${keepAliveComment}`)),
  },
  {
    name: 'kept-alive-all-the-time',
    clause: 'STREAM-7',
    about: 'Idle streams are kept alive every 5 ms',
    options: { limits: { keepAliveMs: 5 } },
  },
  {
    name: 'head-without-data-first',
    clause: 'HEAD-1',
    about: 'An empty comment follows the head at once',
    hooks: {
      headChunks: (head) => [...defaultHooks.headChunks(head), data(':\n\n')],
    },
  },
  {
    name: 'heads-with-more-fields',
    clause: 'HEAD-2',
    about: 'The head of a stream has more header fields, and a charset',
    hooks: heads(({ status, headers }) => ({
      status,
      headers: {
        ...headers,
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        ...(headers['content-type'] === 'text/event-stream' && {
          'content-type': 'text/event-stream; charset=utf-8',
        }),
      },
    })),
  },
  {
    name: 'pings-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'The server pings its caller on every live stream',
    hooks: onLiveStream({ id: 'ping-of-the-server', method: 'ping' }),
  },
  {
    name: 'news-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'Log messages and changes of lists come on every live stream as it opens',
    hooks: onLiveStream(
      { method: 'notifications/message', params: { level: 'info', logger: 'variation', data: 'welcome' } },
      { method: 'notifications/tools/list_changed' },
    ),
  },
  {
    name: 'no-second-live-stream',
    clause: 'STREAM-10',
    about: 'A second live stream of a session is refused without waiting for the first to end',
    options: { limits: { takeoverMs: 25 } },
  },
  {
    name: 'unknown-event-opens-a-live-stream',
    clause: 'RESUME-3',
    about: 'An event id that was never given opens a live stream',
    hooks: {
      lastEventIdOf: (headers) => {
        const id = defaultHooks.lastEventIdOf(headers);
        return id !== undefined && /^[\w]+-\d+-\d+$/.test(id) ? id : undefined;
      },
    },
  },
  {
    name: 'unknown-event-not-found',
    clause: 'RESUME-3',
    about: 'An event id that was never given is refused with 404',
    hooks: onStream((call) => {
      const request = fromBinary(McpRequestSchema, call.request);
      if (request.sessionId === '' || fieldOf(request, 'last-event-id') === undefined) return;
      const write = call.write.bind(call) as (message: McpChunk, written?: () => void) => boolean;
      Object.assign(call, {
        write: (message: McpChunk, written?: () => void) =>
          write(
            message.errorStatus === 400 ? chunk({ ...message, status: 404, errorStatus: 404 }) : message,
            written,
          ),
      });
    }),
  },
  {
    name: 'event-ids-of-another-form',
    clause: 'RESUME-1',
    about: 'Event ids are long and have characters that are not letters',
    hooks: {
      frameEvent: (event) => defaultHooks.frameEvent({ ...event, id: `${longPrefix}${event.id}` }),
      lastEventIdOf: (headers) => defaultHooks.lastEventIdOf(headers)?.replace(longPrefix, ''),
    },
  },
  {
    name: 'release-1-0',
    clause: 'COMPAT-1',
    about: 'No capability: no head, no POST as a stream, no ids of events',
    servesLess: true,
    hooks: {
      health: (state) => defaultHooks.health({ ...state, capabilities: [] }),
      readMethod(rpc, method) {
        if (rpc === 'InvokeStream' && method === 'POST') {
          throw new CallRefused('INVALID_ARGUMENT', 'method: InvokeStream stands for GET');
        }
        return defaultHooks.readMethod(rpc, method);
      },
      headChunks: () => [],
      onlyChunks: onlyWithoutHead,
      frameEvent: ({ data: text }) => (text === '' ? '' : `data: ${text}\n\n`),
    },
  },
  {
    name: 'opened-with-an-empty-chunk',
    clause: 'CLIENT-7',
    about: 'Without a head, a stream begins with an empty chunk',
    servesLess: true,
    hooks: {
      ...withoutDeclaring('stream-head'),
      headChunks: () => [chunk({})],
      onlyChunks: onlyWithoutHead,
    },
  },
  {
    name: 'head-not-declared',
    clause: 'HEALTH-4',
    about: 'Heads are sent, but not promised',
    servesLess: true,
    hooks: withoutDeclaring('stream-head'),
  },
  {
    name: 'resume-not-declared',
    clause: 'HEALTH-4',
    about: 'Events have ids and can be resumed after, but nobody is promised that',
    servesLess: true,
    hooks: withoutDeclaring('resume'),
  },
];

const longPrefix = `v2:${'~/=+'.repeat(40)}:`;
