import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { atExpiry } from '../../../reference-runtime/identity/at-expiry.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { onStream, refuse, scopeUncheckedWhen } from '../changes/runtime.ts';
import {
  accepted,
  chunk,
  data,
  decoder,
  encoder,
  heldBack,
  onPath,
  refusalStatusOf,
  refusals,
  streamText,
} from '../changes/streams.ts';

const endedSessions = new Set<string>();

/** Faults in streams. */
export const streamFaults = runtimeFaults([
  {
    name: 'live-stream-ends-at-once',
    clause: 'STREAM-1',
    about: 'The runtime ends a live stream as soon as it opens',
    hooks: onStream((call) => {
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
    about: 'The runtime holds messages back until the live stream ends',
    hooks: heldBack('live streams'),
  },
  {
    name: 'messages-of-requests-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime duplicates messages of requests on the live stream',
    alsoBreaks: [
      {
        clause: 'POST-1',
        reason: 'POST-1 also requires that only the stream of a request carries its messages.',
      },
    ],
    hooks: onPath((path, session) => ({
      message(json) {
        void session.streams.live.push(json);
        return path.message(json);
      },
    })),
  },
  {
    name: 'responses-on-the-live-stream',
    clause: 'STREAM-1',
    about: 'The runtime duplicates responses on the live stream',
    hooks: onPath((path, session) => ({
      finish(outcome) {
        if (outcome.kind === 'response') void session.streams.live.push(outcome.json);
        path.finish(outcome);
      },
    })),
  },
  {
    name: 'refusal-in-two-chunks',
    clause: 'STREAM-2',
    about: 'The runtime sends a refusal in two chunks',
    hooks: refusals((only) => [
      chunk({ status: only.status }),
      chunk({ done: true, errorStatus: only.errorStatus }),
    ]),
  },
  {
    name: 'refusal-with-data',
    clause: 'STREAM-2',
    about: 'The runtime sends data with a refusal',
    hooks: refusals((only) => [chunk({ ...only, data: encoder.encode('refused') })]),
  },
  {
    name: 'refusal-without-error-status',
    clause: 'STREAM-2',
    about: 'The runtime omits error_status from a refusal',
    hooks: refusals((only) => [chunk({ ...only, errorStatus: 0 })]),
  },
  {
    name: 'refusal-without-done',
    clause: 'STREAM-2',
    about: 'The runtime omits done from a refusal',
    hooks: refusals((only) => [chunk({ ...only, done: false })]),
  },
  {
    name: 'error-status-at-a-regular-end',
    clause: 'STREAM-2',
    about: 'The runtime sets error_status at the normal end of a stream',
    hooks: { lastChunks: () => [chunk({ done: true, errorStatus: 200 })] },
  },
  {
    name: 'error-status-in-the-head',
    clause: 'STREAM-2',
    about: 'The runtime sets error_status in the head of a stream',
    hooks: {
      headChunks: (head) =>
        [...defaultHooks.headChunks(head)].map((first) => chunk({ ...first, errorStatus: 200 })),
    },
  },
  {
    name: 'notification-by-stream-with-error-status',
    clause: 'STREAM-2',
    about: 'The runtime sets error_status for a streamed notification',
    hooks: accepted((only) => [chunk({ ...only, errorStatus: 202 })]),
  },
  {
    name: 'end-without-done',
    clause: 'STREAM-3',
    about: 'The runtime ends a stream without done',
    hooks: { lastChunks: () => [] },
  },
  {
    name: 'done-twice',
    clause: 'STREAM-3',
    about: 'The runtime sends done twice',
    hooks: { lastChunks: () => [chunk({ done: true }), chunk({ done: true })] },
  },
  {
    name: 'data-after-done',
    clause: 'STREAM-3',
    about: 'The runtime sends data after done',
    hooks: { lastChunks: () => [chunk({ done: true }), data(': bye\n\n')] },
  },
  {
    name: 'empty-chunk-after-done',
    clause: 'STREAM-3',
    about: 'The runtime sends an empty chunk after done',
    hooks: { lastChunks: () => [chunk({ done: true }), chunk({})] },
  },
  {
    name: 'done-in-every-chunk',
    clause: 'STREAM-3',
    about: 'The runtime sets done on every chunk with data',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        [...defaultHooks.dataChunks(bytes, chunkBytes)].map((each) => chunk({ ...each, done: true })),
      lastChunks: () => [],
    },
  },
  {
    name: 'error-after-done',
    clause: 'STREAM-3',
    about: 'The runtime ends a stream with an error status after done',
    hooks: onStream((call) => {
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
    name: 'notification-by-stream-without-done',
    clause: 'STREAM-3',
    about: 'The runtime omits done after a streamed notification',
    hooks: accepted((only) => [chunk({ ...only, done: false })]),
  },
  {
    name: 'done-with-data',
    clause: 'STREAM-4',
    about: 'The runtime sends a comment in the chunk with done',
    hooks: { lastChunks: () => [chunk({ done: true, data: encoder.encode(': bye\n\n') })] },
  },
  {
    name: 'done-with-a-newline',
    clause: 'STREAM-4',
    about: 'The runtime sends a line break in the chunk with done',
    hooks: { lastChunks: () => [chunk({ done: true, data: encoder.encode('\n') })] },
  },
  {
    name: 'deadline-as-a-regular-end',
    clause: 'STREAM-5',
    about: 'The runtime ends a stream normally when its deadline expires',
    alsoBreaks: [
      { clause: 'DEADLINE-1', reason: 'DEADLINE-1 also requires a status other than OK at the deadline.' },
    ],
    hooks: onStream((call) => {
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
    about: 'The runtime encodes stream data in Latin-1',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        defaultHooks.dataChunks(Buffer.from(`: ü\n${decoder.decode(bytes)}`, 'latin1'), chunkBytes),
    },
  },
  {
    name: 'chunks-cut-short',
    clause: 'STREAM-6',
    about: 'The runtime sends only the first chunk of large stream data',
    hooks: { dataChunks: (bytes, chunkBytes) => [...defaultHooks.dataChunks(bytes, chunkBytes)].slice(0, 1) },
  },
  {
    name: 'events-run-together',
    clause: 'STREAM-6',
    about: 'The runtime omits the empty line between events',
    hooks: streamText((text) => text.replaceAll('\n\n', '\n')),
  },
  {
    name: 'raw-messages-as-stream',
    clause: 'STREAM-6',
    about: 'The runtime sends messages without SSE framing',
    hooks: { frameEvent: (event) => `${event.data}\n` },
  },
  {
    name: 'message-events-without-json',
    clause: 'STREAM-6',
    about: 'The runtime sends plain text in a message event',
    hooks: {
      headChunks: (head) => [...defaultHooks.headChunks(head), data('event: message\ndata: hello\n\n')],
    },
  },
  {
    name: 'characters-cut-in-chunks',
    clause: 'STREAM-6',
    about: 'The runtime corrupts characters that span two chunks',
    hooks: {
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
    about: 'The runtime refuses a stream without a session with 404',
    hooks: {
      withoutSession: (call) => refuse(call.rpc === 'InvokeStream' ? 'NOT_FOUND' : 'INVALID_ARGUMENT'),
    },
  },
  {
    name: 'stream-of-unknown-session-is-400',
    clause: 'STREAM-9',
    about: 'The runtime refuses a stream in an unknown session with 400',
    hooks: refusalStatusOf(404, 400),
  },
  {
    name: 'stream-of-another-owner-is-401',
    clause: 'STREAM-9',
    about: 'The runtime refuses a stream with 401 to a caller other than the owner',
    hooks: refusalStatusOf(403, 401),
  },
  {
    name: 'streams-of-every-scope',
    clause: 'STREAM-9',
    about: 'The runtime skips the scope check for streams',
    alsoBreaks: [{ clause: 'SESSION-5', reason: 'SESSION-5 states the scope check for every call.' }],
    hooks: scopeUncheckedWhen(({ rpc }) => rpc === 'InvokeStream'),
  },
  {
    name: 'cancelled-stream-kept',
    clause: 'STREAM-10',
    about: 'The runtime ignores the cancellation of a stream',
    hooks: {
      callSignal: (call) => ('write' in call ? new AbortController().signal : defaultHooks.callSignal(call)),
    },
  },
  {
    name: 'everything-kept-for-a-slow-reader',
    clause: 'STREAM-11',
    about: 'The runtime buffers stream data for a slow reader without limit',
    options: { limits: { streamHighWaterBytes: 2 ** 40, streamBufferBytes: 2 ** 40 } },
  },
  {
    name: 'live-stream-outlives-its-caller',
    clause: 'STREAM-12',
    about: 'The runtime keeps a live stream open after the credentials of its caller expire',
    hooks: { endLiveStreamAtExpiry: () => {} },
  },
  {
    name: 'expired-live-stream-fails',
    clause: 'STREAM-12',
    about: 'The runtime fails a live stream when the credentials of its caller expire',
    hooks: {
      endLiveStreamAtExpiry(sink, { authContext }) {
        atExpiry(authContext?.expiresAtEpochMs ?? 0n, () => sink.fail('INTERNAL', 'Expired'));
      },
    },
  },
  {
    name: 'session-ends-at-the-expiry',
    clause: 'STREAM-12',
    about: 'The runtime does not open a live stream again after it ended at an expiry',
    hooks: {
      endLiveStreamAtExpiry(sink, { authContext, sessionId }) {
        atExpiry(authContext?.expiresAtEpochMs ?? 0n, () => {
          endedSessions.add(sessionId);
          sink.end();
        });
      },
      findSession(sessions, id) {
        return defaultHooks.findSession(sessions, endedSessions.has(id) ? '' : id);
      },
    },
  },
]);
