import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { keepAliveComment } from '../../../reference-runtime/mcp/sse.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { asEvents, channelOptions, refusalStatus } from '../changes/runtime.ts';
import { chunk, streamText } from '../changes/streams.ts';

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

/** Variations of streams. */
export const streamVariations = variations([
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
    name: 'responses-as-elaborate-events',
    clause: 'STREAM-6',
    about:
      'Responses come as events with comments, ids, types, retry times and CRLF, after an event without data',
    hooks: asEvents((data) =>
      [
        ': hello',
        '',
        'id: 0',
        'data:',
        '',
        'retry: 1000',
        'event: message',
        'id: 1',
        `data:${data}`,
        '',
        ': bye',
        '',
        '',
      ].join('\r\n'),
    ),
  },
  {
    name: 'responses-as-events-with-cr',
    clause: 'STREAM-6',
    about: 'Responses come as events whose lines end in CR',
    hooks: asEvents((data) => `event: message\rdata: ${data}\r\r`),
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
    name: 'connections-are-pinged',
    clause: 'STREAM-7',
    about: 'Every connection is pinged by HTTP/2 all the time',
    hooks: channelOptions({ 'grpc.keepalive_time_ms': 10, 'grpc.keepalive_timeout_ms': 20_000 }),
  },
  {
    name: 'kept-alive-all-the-time',
    clause: 'STREAM-7',
    about: 'Idle streams are kept alive every 5 ms',
    options: { limits: { keepAliveMs: 5 } },
  },
  {
    name: 'no-second-live-stream',
    clause: 'STREAM-10',
    about: 'A second live stream of a session is refused without waiting for the first to end',
    options: { limits: { takeoverMs: 25 } },
  },
  {
    name: 'conflicts-are-too-many-requests',
    clause: 'STREAM-10',
    about: 'A second live stream of a session is refused with 429',
    hooks: refusalStatus(409, 429),
  },
  {
    name: 'little-waits-for-readers',
    clause: 'STREAM-11',
    about: 'A stream for whose reader 512 KiB wait is ended, and producers wait from 32 KiB on',
    options: { limits: { streamBufferBytes: 512 * 1024, streamHighWaterBytes: 32 * 1024 } },
  },
]);
