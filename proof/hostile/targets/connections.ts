import { createServer } from 'node:net';
import { flood } from '../flood.ts';
import { frame, frameType } from '../frames.ts';
import type { HostileTargets } from '../hostile-target.ts';
import { answerHealth, begin, fail, serve } from '../runtime.ts';

const fewCases = ['calls/*'];

/** Targets that misbehave before they are ready. */
export const connectionTargets: HostileTargets = {
  'never-accepts': {
    about: 'listens but never accepts a connection',
    start: (path) => {
      createServer().listen(path);
      // The socket is listening. This blocks the event loop forever.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with DEADLINE_EXCEEDED/,
  },
  'never-answers': {
    about: 'accepts connections but sends nothing',
    start: (path) => {
      createServer(() => undefined).listen(path);
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with DEADLINE_EXCEEDED/,
  },
  'closes-connections': {
    about: 'closes every connection immediately',
    start: (path) => {
      createServer((socket) => socket.destroy()).listen(path);
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with UNAVAILABLE: the connection\s+ended/,
  },
  'one-byte-per-second': {
    about: 'sends its first frame at one byte per second',
    start: (path) => {
      createServer((socket) => {
        const bytes = [...frame({ type: frameType.settings })];
        const timer = setInterval(() => socket.write(Buffer.from([bytes.shift() ?? 0])), 1000);
        socket.on('error', () => undefined).on('close', () => clearInterval(timer));
        socket.resume();
      }).listen(path);
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with DEADLINE_EXCEEDED/,
  },
  'answers-http-1': {
    about: 'answers with HTTP/1.1',
    start: (path) => {
      createServer((socket) => {
        socket.on('error', () => undefined);
        socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      }).listen(path);
    },
    exitCode: 3,
    reason: /HealthCheck ended with UNAVAILABLE: the connection\s+ended/,
  },
  'answers-garbage': {
    about: 'answers with garbage bytes',
    start: (path) => {
      createServer((socket) => flood(socket, Buffer.alloc(1 << 16, 0xa5))).listen(path);
    },
    exitCode: 3,
    reason: /HealthCheck ended with UNAVAILABLE: the connection\s+ended/,
  },
  'zero-initial-window': {
    about: 'advertises an initial flow-control window of zero',
    start: (path) => {
      serve(path, { settings: { initialWindowSize: 0 } });
    },
    exitCode: 1,
    reason: /not finish within 2 s/,
    cases: ['limits/*'],
  },
  'allows-no-streams': {
    about: 'limits every connection to zero streams',
    start: (path) => {
      serve(path, { settings: { maxConcurrentStreams: 0 } });
    },
    exitCode: 3,
    reason: /HealthCheck ended with DEADLINE_EXCEEDED: the deadline passed/,
    cases: ['calls/*'],
  },
  'always-degraded': {
    about: 'reports the health status degraded',
    start: (path) => {
      serve(path, { health: (call) => answerHealth(call, { status: 'degraded' }) });
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck returned status "degraded"/,
  },
  'health-of-20-mb': {
    about: 'reports a version of 20 MB',
    start: (path) => {
      // Only the length before the message matters, because the kit never reads the message itself.
      const start = Buffer.from([0, 0x01, 0x40, 0, 0]);
      serve(path, {
        health: (call) => {
          begin(call);
          flood(call.stream, start);
        },
      });
    },
    exitCode: 3,
    reason: /HealthCheck ended with INTERNAL: a message announces \d+ bytes/,
  },
  'health-fails-loudly': {
    about: 'fails every health check with terminal control sequences',
    start: (path) => {
      serve(path, {
        health: (call) =>
          fail(call, {
            'grpc-status': '13',
            'grpc-message': encodeURIComponent('\x1b[2J\n::error::pwned\r\x1b]0;title\x07'),
          }),
      });
    },
    exitCode: 3,
    reason: /HealthCheck ended with INTERNAL: \\x1b\[2J/,
  },
  'settings-storm': {
    about: 'floods with SETTINGS frames',
    start: (path) => {
      const storm = Buffer.concat(Array.from({ length: 1000 }, () => frame({ type: frameType.settings })));
      serve(path, { connection: (socket) => flood(socket, storm) });
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with/,
  },
  'ping-flood': {
    about: 'floods with PING frames',
    start: (path) => {
      const ping = frame({ type: frameType.ping, payload: Buffer.alloc(8) });
      const storm = Buffer.concat(Array.from({ length: 1000 }, () => ping));
      serve(path, { connection: (socket) => flood(socket, storm) });
    },
    exitCode: 3,
    reason: /not ready within 1.5 s: HealthCheck ended with/,
  },
  'exits-immediately': {
    about: 'exits before it listens and prints escape sequences',
    start: () => {
      process.stderr.write('\x1b[31mboom\x1b[0m\n::error::pwned\n');
      process.exitCode = 7;
    },
    exitCode: 3,
    reason: /the target exited with exit code 7 before it was ready/,
    cases: fewCases,
  },
};
