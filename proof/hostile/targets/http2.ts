import { flood, times } from '../flood.ts';
import { field, frame, frameType } from '../frames.ts';
import type { HostileTargets } from '../hostile-target.ts';
import { answerInvoke, begin, chunkBytes, keepOpen, reply, type ServedCall, serve } from '../runtime.ts';

const responseHead = [field(':status', '200'), field('content-type', 'application/grpc')];

/** Writes a raw HEADERS frame of the response, with further bytes in its header block. */
function rawHeaders({ stream, socket }: ServedCall, more: readonly Uint8Array[], flags = 0): void {
  const payload = Buffer.concat([...responseHead, ...more]);
  socket.write(frame({ type: frameType.headers, flags, streamId: stream.id ?? 0, payload }));
}

/** Targets that misuse HTTP/2 after they are ready. */
export const http2Targets: HostileTargets = {
  'endless-headers': {
    about: 'answers with an endless series of CONTINUATION frames',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          rawHeaders(call, []);
          const block = field('x-more', 'y'.repeat(100));
          const more = frame({ type: frameType.continuation, streamId: call.stream.id ?? 0, payload: block });
          flood(call.socket, times(more, 500));
        },
      });
    },
    exitCode: 1,
    reason: /the connection ended during the call/,
    cases: ['calls/*', 'streams/*'],
  },
  'empty-continuations': {
    about: 'answers with an endless series of empty CONTINUATION frames',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          rawHeaders(call, []);
          flood(
            call.socket,
            times(frame({ type: frameType.continuation, streamId: call.stream.id ?? 0 }), 5000),
          );
        },
      });
    },
    exitCode: 1,
    reason: /the connection ended during the call/,
    cases: ['calls/*'],
  },
  'many-header-fields': {
    about: 'answers with more than a thousand header fields',
    start: (path) => {
      const fields = Object.fromEntries(
        Array.from({ length: 1500 }, (_, index) => [`x-${index}`, 'value'.repeat(6)]),
      );
      serve(path, {
        calls: ({ stream }) =>
          stream.respond(
            { ':status': 200, 'content-type': 'application/grpc', ...fields },
            { endStream: true },
          ),
      });
    },
    exitCode: 1,
    reason: /reset|without|ended/,
    cases: ['calls/*'],
  },
  'informational-flood': {
    about: 'sends an endless series of interim responses',
    start: (path) => {
      serve(path, {
        calls: ({ stream, socket }) => {
          const block = Buffer.concat([field(':status', '103'), field('link', 'x'.repeat(100))]);
          const flags = 0x4;
          flood(
            socket,
            times(frame({ type: frameType.headers, flags, streamId: stream.id ?? 0, payload: block }), 200),
          );
        },
      });
    },
    exitCode: 1,
    reason: /more than 100 interim responses/,
    cases: ['calls/four-methods', 'calls/unknown-*'],
  },
  'empty-data-frames': {
    about: 'sends an endless series of empty DATA frames',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          rawHeaders(call, [], 0x4);
          flood(call.socket, times(frame({ type: frameType.data, streamId: call.stream.id ?? 0 }), 5000));
        },
      });
    },
    exitCode: 1,
    reason: /not finish within 2 s|connection ended/,
    cases: ['calls/four-methods', 'calls/unknown-*'],
  },
  'one-byte-data-frames': {
    about: 'sends a large message in DATA frames of one byte',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          rawHeaders(call, [], 0x4);
          const { id: streamId = 0 } = call.stream;
          call.socket.write(
            frame({ type: frameType.data, streamId, payload: Buffer.from([0, 0, 0x50, 0, 0]) }),
          );
          flood(
            call.socket,
            times(frame({ type: frameType.data, streamId, payload: Buffer.from([0x61]) }), 2000),
          );
        },
      });
    },
    exitCode: 1,
    reason: /not finish within 2 s/,
    cases: ['calls/four-methods', 'handshake/revision-*'],
  },
  'slow-answers': {
    about: 'sends its answers at one byte per second',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          const bytes = [0, 0, 0, 0, 200, ...new Array<number>(200).fill(0x61)];
          const timer = setInterval(() => call.stream.write(Buffer.from([bytes.shift() ?? 0x61])), 1000);
          call.stream.on('close', () => clearInterval(timer));
        },
      });
    },
    exitCode: 1,
    reason: /not finish within 2 s/,
    cases: ['handshake/revision-*'],
  },
  'goaway-at-each-call': {
    about: 'answers each call with GOAWAY',
    start: (path) => {
      serve(path, { calls: ({ stream }) => stream.session?.goaway(0) });
    },
    exitCode: 1,
    reason: /not finish within 2 s|ended/,
    cases: ['calls/four-methods', 'calls/beside-failing-calls', 'handshake/revision-*'],
  },
  'refuses-each-call': {
    about: 'resets each call with REFUSED_STREAM',
    start: (path) => {
      serve(path, { calls: ({ stream }) => stream.close(7) });
    },
    exitCode: 1,
    reason: /reset by the target with HTTP\/2 error code 7/,
    cases: ['calls/*'],
  },
  'goaway-and-close': {
    about: 'sends GOAWAY with an error and closes the connection',
    start: (path) => {
      serve(path, {
        calls: ({ stream, socket }) => {
          stream.session?.goaway(0xb, 0);
          setTimeout(() => socket.destroy(), 5);
        },
      });
    },
    exitCode: 1,
    reason: /UNAVAILABLE|reset by the target|ended/,
  },
  'resets-at-random': {
    about: 'resets calls at random points',
    start: (path) => {
      let seed = 42;
      const random = (): number => {
        seed = (seed * 1103515245 + 12345) % 2 ** 31;
        return seed / 2 ** 31;
      };
      serve(path, {
        calls: (call) => {
          const code = Math.floor(random() * 16);
          if (random() < 0.3) return call.stream.close(code);
          if (random() < 0.5) return call.rpc === 'Invoke' ? answerInvoke(call) : keepOpen(call);
          begin(call);
          call.stream.write(
            chunkBytes({ data: Buffer.from('data: {') }).subarray(0, Math.floor(random() * 14)),
          );
          setTimeout(() => call.stream.close(code), random() * 20);
        },
      });
    },
    exitCode: 1,
    reason: /reset by the target with HTTP\/2 error code/,
  },
  'closes-in-a-message': {
    about: 'closes the connection in the middle of a message',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          call.stream.write(Buffer.from([0, 0, 0, 1, 0, 0x61, 0x61]));
          setTimeout(() => call.socket.destroy(), 10);
        },
      });
    },
    exitCode: 1,
    reason: /the connection ended during the call/,
    cases: ['calls/*', 'streams/*', 'sessions/*'],
  },
  'pushes-promises': {
    about: 'sends PUSH_PROMISE although push is disabled',
    start: (path) => {
      serve(path, {
        calls: ({ stream, socket }) => {
          const promised = Buffer.alloc(4);
          promised.writeUInt32BE(2);
          const payload = Buffer.concat([promised, field(':method', 'GET'), field(':path', '/')]);
          socket.write(frame({ type: 0x5, flags: 0x4, streamId: stream.id ?? 0, payload }));
        },
      });
    },
    exitCode: 1,
    reason: /the connection ended during the call|not finish within/,
    cases: ['calls/*'],
  },
  'zero-window-when-ready': {
    about: 'sets the flow-control window of every later connection to zero',
    start: (path) => {
      let connections = 0;
      serve(path, {
        connection: (socket) => {
          connections += 1;
          if (connections === 1) return;
          const payload = Buffer.from([0, 4, 0, 0, 0, 0]);
          socket.write(frame({ type: frameType.settings, payload }));
        },
        calls: (call) => reply(call),
      });
    },
    exitCode: 1,
    reason: /UNAVAILABLE|returned no message/,
    cases: ['calls/*', 'limits/*'],
  },
};
