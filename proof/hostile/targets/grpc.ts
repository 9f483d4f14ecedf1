import { gzipSync } from 'node:zlib';
import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { flood, times } from '../flood.ts';
import type { HostileTargets } from '../hostile-target.ts';
import { answerInvoke, begin, chunkBytes, fail, reply, responseBytes, serve } from '../runtime.ts';

/** Targets that misuse gRPC. */
export const grpcTargets: HostileTargets = {
  'length-of-2-gib': {
    about: 'announces messages of 2 GiB',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          call.stream.write(Buffer.from([0, 0x80, 0, 0, 0]));
          flood(call.stream, Buffer.alloc(1 << 16));
        },
      });
    },
    exitCode: 1,
    reason: /a message announces 2147483648 bytes, over the limit/,
    cases: ['calls/*', 'streams/*'],
  },
  'gzip-bomb': {
    about: 'sends a compressed message although the kit accepts only identity',
    start: (path) => {
      const bomb = encodeLengthPrefixed(gzipSync(Buffer.alloc(256 << 20)), true);
      serve(path, {
        calls: ({ stream }) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'grpc-encoding': 'gzip' });
          stream.end(bomb);
        },
      });
    },
    exitCode: 1,
    reason: /the target sent a compressed message, although only "identity" was offered/,
    cases: ['calls/*', 'streams/*'],
  },
  'unknown-flag': {
    about: 'sets an unknown flag in the prefix of a gRPC message',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          call.stream.end(Buffer.from([0xff, 0, 0, 0, 0]));
        },
      });
    },
    exitCode: 1,
    reason: /the compression flag of a message is 255/,
    cases: ['calls/*'],
  },
  'torn-message': {
    about: 'ends in the middle of a message with status OK',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          call.stream.end(Buffer.from([0, 0, 0, 0, 9, 0x61]));
        },
      });
    },
    exitCode: 1,
    reason: /the stream ended after 1 of 9 bytes of a message/,
    cases: ['calls/*', 'streams/*'],
  },
  'no-trailers': {
    about: 'ends its answers without trailers',
    start: (path) => {
      serve(path, {
        calls: ({ stream }) => {
          stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
          stream.end(encodeLengthPrefixed(responseBytes({ status: 200 })));
        },
      });
    },
    exitCode: 1,
    reason: /the response ended without grpc-status/,
    cases: ['calls/*', 'streams/*'],
  },
  'garbage-trailers': {
    about: 'answers with trailers-only responses that contain garbage',
    start: (path) => {
      serve(path, {
        calls: (call) =>
          fail(call, { 'grpc-status': 'banana', 'grpc-message': '%zz%00%', 'grpc-status-details-bin': '!!' }),
      });
    },
    exitCode: 1,
    reason: /grpc-status is "banana", not a gRPC status/,
    cases: ['calls/*', 'failures/*'],
  },
  'long-trailers': {
    about: 'sends a grpc-message of 60 KB',
    start: (path) => {
      serve(path, {
        calls: (call) => fail(call, { 'grpc-status': '13', 'grpc-message': 'm'.repeat(60_000) }),
      });
    },
    exitCode: 1,
    reason: /INTERNAL m+/,
    cases: ['calls/*', 'streams/*'],
  },
  'answers-html': {
    about: 'answers with an HTML page',
    start: (path) => {
      serve(path, {
        calls: ({ stream }) => {
          stream.respond({ ':status': 200, 'content-type': 'text/html' });
          stream.end('<html><script>alert(1)</script></html>');
        },
      });
    },
    exitCode: 1,
    reason: /the content-type of the response is text\/html, not application\/grpc/,
    cases: ['calls/*', 'streams/*'],
  },
  'bare-http-errors': {
    about: 'answers with a plain HTTP 503',
    start: (path) => {
      serve(path, { calls: ({ stream }) => stream.respond({ ':status': 503 }, { endStream: true }) });
    },
    exitCode: 1,
    reason: /HTTP status 503 without grpc-status/,
    cases: ['calls/*'],
  },
  'replies-twice': {
    about: 'answers unary calls with two messages',
    start: (path) => {
      const response = responseBytes({ status: 200 });
      serve(path, { calls: (call) => reply(call, response, response) });
    },
    exitCode: 1,
    reason: /returned more than 1 message/,
    cases: ['calls/*', 'sessions/*'],
  },
  'endless-replies': {
    about: 'answers unary calls with an endless series of messages',
    start: (path) => {
      const response = encodeLengthPrefixed(responseBytes({ status: 200, body: Buffer.alloc(60_000) }));
      serve(path, {
        calls: (call) => {
          begin(call);
          flood(call.stream, response);
        },
      });
    },
    exitCode: 1,
    reason: /the call floods: |not finish within 2 s/,
    cases: ['calls/*'],
  },
  'endless-empty-replies': {
    about: 'answers every call with an endless stream of empty messages',
    start: (path) => {
      serve(path, {
        calls: (call) => {
          begin(call);
          flood(call.stream, times(Buffer.alloc(5), 10_000));
        },
      });
    },
    exitCode: 1,
    reason: /the call floods: |not finish within 2 s/,
    cases: ['calls/*'],
  },
  'floods-streams': {
    about: 'floods streams with large events',
    start: (path) => {
      const chunk = chunkBytes({
        data: Buffer.from(`data: {"jsonrpc":"2.0","method":"m","params":"${'x'.repeat(30_000)}"}\n\n`),
      });
      serve(path, {
        invokeStream: (call) => {
          begin(call);
          flood(call.stream, chunk);
        },
      });
    },
    exitCode: 1,
    reason: /the stream floods|not finish within 2 s/,
    cases: ['streams/*', 'sessions/*'],
  },
  'floods-streams-with-small-events': {
    about: 'floods streams with tiny events',
    start: (path) => {
      const chunks = times(chunkBytes({ data: Buffer.from('data: {}\n\n'.repeat(50)) }), 100);
      serve(path, {
        invokeStream: (call) => {
          begin(call);
          flood(call.stream, chunks);
        },
      });
    },
    exitCode: 1,
    reason: /the stream floods|not finish within 2 s/,
    cases: ['streams/*', 'sessions/*'],
  },
  'floods-streams-with-comments': {
    about: 'floods streams with comments',
    start: (path) => {
      const chunks = times(chunkBytes({ data: Buffer.from(`: ${'x'.repeat(20_000)}\n`) }), 10);
      serve(path, {
        invokeStream: (call) => {
          begin(call);
          flood(call.stream, chunks);
        },
      });
    },
    exitCode: 1,
    reason: /the stream floods|not finish within 2 s/,
    cases: ['streams/*', 'sessions/*'],
  },
  'endless-event': {
    about: 'sends an event that never ends',
    start: (path) => {
      const chunk = chunkBytes({ data: Buffer.from('x'.repeat(50_000)) });
      serve(path, {
        invokeStream: (call) => {
          begin(call);
          call.stream.write(chunkBytes({ data: Buffer.from('data: ') }));
          flood(call.stream, chunk);
        },
      });
    },
    exitCode: 1,
    reason: /the stream floods|not finish within 2 s/,
    cases: ['streams/*', 'sessions/*'],
  },
  'late-replies': {
    about: 'answers after the deadline of each call',
    start: (path) => {
      serve(path, { calls: (call) => void setTimeout(() => answerInvoke(call), 4_000) });
    },
    exitCode: 1,
    reason: /not finish within 2 s/,
    cases: ['handshake/revision-*', 'deadlines/deadline-ahead'],
  },
};
