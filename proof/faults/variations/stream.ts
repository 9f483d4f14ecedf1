import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { atExpiry } from '../../../reference-runtime/identity/at-expiry.ts';
import { keepAliveComment } from '../../../reference-runtime/mcp/sse.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { asEvents, channelOptions, refusalStatus } from '../changes/runtime.ts';
import { chunk, streamText, withoutDeclaring } from '../changes/streams.ts';

/** Sends additional messages on every live stream as soon as it opens. */
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

/** Replaces each chunk with data. @param around returns the chunk and its new neighbours */
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
    about: 'The runtime pings its caller on every live stream',
    hooks: onLiveStream({ id: 'ping-of-the-server', method: 'ping' }),
  },
  {
    name: 'news-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime sends log messages and list changes when a live stream opens',
    hooks: onLiveStream(
      { method: 'notifications/message', params: { level: 'info', logger: 'variation', data: 'welcome' } },
      { method: 'notifications/tools/list_changed' },
    ),
  },
  {
    name: 'responses-as-elaborate-events',
    clause: 'STREAM-6',
    about: 'The runtime sends responses as events with comments, ids, types, retry times and CRLF',
    servesLess: true,
    hooks: {
      ...asEvents((data) =>
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
      ...withoutDeclaring('resume'),
    },
  },
  {
    name: 'responses-as-events-with-cr',
    clause: 'STREAM-6',
    about: 'The runtime sends responses as events with CR line ends',
    servesLess: true,
    hooks: { ...asEvents((data) => `event: message\rdata: ${data}\r\r`), ...withoutDeclaring('resume') },
  },
  {
    name: 'events-with-crlf',
    clause: 'STREAM-6',
    about: 'The runtime ends the lines of events with CRLF',
    hooks: framed((event) => event.replaceAll('\n', '\r\n')),
  },
  {
    name: 'events-with-cr',
    clause: 'STREAM-6',
    about: 'The runtime ends the lines of events with CR',
    hooks: framed((event) => event.replaceAll('\n', '\r')),
  },
  {
    name: 'events-with-everything',
    clause: 'STREAM-6',
    about: 'The runtime sends events with comments, a type, a retry time and unknown fields',
    hooks: framed((event) => `: before\n\nevent: message\nretry: 2500\nodd: field\nodd\n${event}: after\n\n`),
  },
  {
    name: 'events-without-space',
    clause: 'STREAM-6',
    about: 'The runtime omits the space after the colon of an SSE field',
    hooks: framed((event) => event.replace(/^(id|data|retry): /gm, '$1:')),
  },
  {
    name: 'events-of-other-types',
    clause: 'STREAM-6',
    about: 'The runtime sends events of another type between messages',
    hooks: framed((event) => `event: heartbeat\ndata: not JSON\n\n${event}`),
  },
  {
    name: 'small-chunks',
    clause: 'STREAM-6',
    about: 'The runtime sends stream data in chunks of 61 bytes',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        // Small chunks of a large message would flood the kit.
        defaultHooks.dataChunks(bytes, bytes.length > 100_000 ? chunkBytes : 61),
    },
  },
  {
    name: 'tiny-chunks',
    clause: 'STREAM-6',
    about: 'The runtime sends short stream data byte by byte',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        defaultHooks.dataChunks(bytes, bytes.length > 2_000 ? chunkBytes : 1),
    },
  },
  {
    name: 'empty-chunks',
    clause: 'STREAM-6',
    about: 'The runtime sends empty chunks around every chunk',
    hooks: amongChunks((each) => [chunk({}), each, chunk({})]),
  },
  {
    name: 'comments-between-events',
    clause: 'STREAM-6',
    about: 'The runtime sends a comment in its own chunk after every event',
    hooks: streamText((text) => text.replaceAll('\n\n', `\n\n${keepAliveComment}`)),
  },
  {
    name: 'connections-are-pinged',
    clause: 'STREAM-7',
    about: 'The runtime pings every connection continuously with HTTP/2 PING',
    hooks: channelOptions({ 'grpc.keepalive_time_ms': 10, 'grpc.keepalive_timeout_ms': 20_000 }),
  },
  {
    name: 'kept-alive-all-the-time',
    clause: 'STREAM-7',
    about: 'The runtime sends a keep-alive comment on idle streams every 5 ms',
    options: { limits: { keepAliveMs: 5 } },
  },
  {
    name: 'no-second-live-stream',
    clause: 'STREAM-10',
    about: 'The runtime refuses a second live stream without waiting for the first to end',
    options: { limits: { takeoverMs: 25 } },
  },
  {
    name: 'conflicts-are-too-many-requests',
    clause: 'STREAM-10',
    about: 'The runtime refuses a second live stream of a session with 429',
    hooks: refusalStatus(409, 429),
  },
  {
    name: 'little-waits-for-readers',
    clause: 'STREAM-11',
    about: 'The runtime buffers at most 512 KiB per stream and pauses producers at 32 KiB',
    options: { limits: { streamBufferBytes: 512 * 1024, streamHighWaterBytes: 32 * 1024 } },
  },
  {
    name: 'live-streams-end-before-expiry',
    clause: 'STREAM-12',
    about: 'The runtime ends live streams 100 ms before the credentials of their reader expire',
    hooks: {
      endLiveStreamAtExpiry(sink, { authContext }) {
        const { expiresAtEpochMs: expiresAt = 0n } = authContext ?? {};
        sink.onClose(atExpiry(expiresAt === 0n ? 0n : expiresAt - 100n, () => sink.end()));
      },
    },
  },
  {
    name: 'notifications-nobody-knows',
    clause: 'STREAM-1',
    about: 'The runtime sends notifications of unknown methods when a live stream opens',
    hooks: onLiveStream(
      { method: 'notifications/com.example/hello', params: { größe: [1, null] } },
      { method: 'com.example/bare' },
    ),
  },
]);
