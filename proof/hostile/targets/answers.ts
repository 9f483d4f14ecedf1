import { encodeLengthPrefixed } from '../../../base/length-prefix.ts';
import { flood, times } from '../flood.ts';
import type { HostileTargets } from '../hostile-target.ts';
import {
  answer,
  answerHealth,
  answerInvoke,
  answerJson,
  begin,
  fail,
  idOf,
  initializeResult,
  methodOf,
  reply,
  responseBytes,
  type ServedCall,
  serve,
} from '../runtime.ts';

/** Answers the handshake correctly and later requests with a body. */
function afterInitialize(body: (call: ServedCall) => string | Uint8Array): (call: ServedCall) => void {
  return onceInitialized((call) => answerJson(call, body(call)));
}

function onceInitialized(attack: (call: ServedCall) => void): (call: ServedCall) => void {
  return (call) => {
    const method = methodOf(call);
    if (method === 'initialize' || method === 'notifications/initialized') answerInvoke(call);
    else attack(call);
  };
}

const terminalPoison = '\x1b]0;owned\x07\x1b[2J\x1b[1;1H\x9b31m\u202eevil\r\n::error::owned\n##[error]owned';

/** Targets that attack with their answers. */
export const answerTargets: HostileTargets = {
  'always-internal': {
    about: 'passes health checks and fails every other call',
    start: (path) => {
      serve(path, { calls: (call) => fail(call, { 'grpc-status': '13', 'grpc-message': 'no' }) });
    },
    exitCode: 1,
    reason: /gRPC INTERNAL no/,
  },
  'answers-only-health': {
    about: 'passes health checks and leaves every other call unanswered',
    start: (path) => {
      serve(path, { calls: () => undefined });
    },
    exitCode: 1,
    reason: /almost every case exceeded its time limit/,
  },
  'invalid-protobuf': {
    about: 'answers with bytes that are not a protobuf message',
    start: (path) => {
      serve(path, { calls: (call) => reply(call, Buffer.alloc(1000, 0xff)) });
    },
    exitCode: 1,
    reason: /the response is not a valid McpResponse/,
    cases: ['calls/*', 'streams/*'],
  },
  'deep-json': {
    about: 'answers with JSON nested two million deep',
    start: (path) => {
      const depth = 2_000_000;
      const body = Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
      serve(path, { invoke: afterInitialize(() => body) });
    },
    exitCode: 1,
    reason: /the JSON is nested more than 1000 levels deep/,
    cases: ['calls/four-methods', 'calls/beside-failing-calls', 'json-rpc/id-*'],
  },
  'deep-errors': {
    about: 'refuses initialize with an error nested 50,000 deep',
    start: (path) => {
      const data = `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`;
      serve(path, {
        invoke: (call) =>
          answerJson(
            call,
            `{"jsonrpc":"2.0","id":${idOf(call)},"error":{"code":-1,"message":"m","data":${data}}}`,
          ),
      });
    },
    exitCode: 1,
    reason: /the JSON is nested more than 1000 levels deep/,
    cases: ['calls/*', 'json-rpc/*'],
  },
  'json-of-60-mb': {
    about: 'answers with 60 MB of JSON',
    start: (path) => {
      const body = Buffer.from(
        JSON.stringify({ jsonrpc: '2.0', id: 1, result: { a: 'x'.repeat(60 << 20) } }),
      );
      const headers = { 'content-type': 'application/json' };
      // Encoded once, because encoding the body for each concurrent call would exceed the time limit.
      const message = encodeLengthPrefixed(responseBytes({ status: 200, headers, body }));
      serve(path, {
        invoke: onceInitialized((call) => {
          begin(call);
          call.stream.end(message);
        }),
      });
    },
    exitCode: 1,
    reason: /a message announces \d+ bytes, over the limit/,
    cases: ['calls/four-methods', 'calls/beside-failing-calls', 'json-rpc/id-*'],
  },
  'json-of-many-values': {
    about: 'answers with millions of tiny JSON values',
    start: (path) => {
      const body = Buffer.from(`{"jsonrpc":"2.0","id":1,"result":[${'{},'.repeat(1_900_000)}1.0]}`);
      serve(path, { invoke: afterInitialize(() => body) });
    },
    exitCode: 1,
    reason: /the JSON has more than 200000 values/,
    cases: ['json-rpc/one-response', 'json-rpc/id-string', 'mcp-ping/*'],
  },
  'json-of-unusual-numbers': {
    about: 'answers with millions of numbers that JavaScript would reformat',
    start: (path) => {
      const body = Buffer.from(`{"jsonrpc":"2.0","id":1,"result":[${'1.0,'.repeat(1_400_000)}1.0]}`);
      serve(path, { invoke: afterInitialize(() => body) });
    },
    exitCode: 1,
    reason: /the JSON has more than 200000 values/,
    cases: ['json-rpc/one-response', 'json-rpc/id-string', 'mcp-ping/*'],
  },
  'text-of-5-mb': {
    about: 'answers every request with a string of 5 MB',
    start: (path) => {
      const body = Buffer.from(
        `{"jsonrpc":"2.0","id":1,"result":"${'\\u20ac'.repeat(100)}${'x'.repeat(5 << 20)}"}`,
      );
      serve(path, { invoke: afterInitialize(() => body) });
    },
    exitCode: 1,
    reason: /\(5\d{6} characters\)|expected/,
    cases: ['calls/four-methods', 'calls/beside-failing-calls', 'json-rpc/id-*'],
  },
  'events-in-a-body': {
    about: 'answers unary calls with a body of hundreds of thousands of events',
    start: (path) => {
      const body = Buffer.from('data: {}\n\n'.repeat(550_000));
      serve(path, {
        invoke: (call) => {
          if (methodOf(call) === 'initialize') return answerInvoke(call);
          answer(call, { status: 200, headers: { 'content-type': 'text/event-stream' }, body });
        },
      });
    },
    exitCode: 1,
    reason: /the stream floods: more than 50000 events/,
    cases: ['calls/four-methods', 'calls/beside-failing-calls', 'json-rpc/id-*'],
  },
  'endless-body': {
    about: 'answers a unary call with a message that never ends',
    start: (path) => {
      serve(path, {
        invoke: (call) => {
          begin(call);
          call.stream.write(Buffer.from([0, 0, 0x50, 0, 0]));
          flood(call.stream, times(Buffer.from(': keep-alive\n\n'), 1000));
        },
      });
    },
    exitCode: 1,
    reason:
      /not finish within 2 s|the response is not a valid McpResponse|more than 1 message|compression flag/,
    cases: ['calls/*', 'streams/*'],
  },
  'invalid-utf-8': {
    about: 'answers with bodies that are not UTF-8',
    start: (path) => {
      const body = Buffer.from([0x22, 0xff, 0xfe, 0xc3, 0x28, 0x22]);
      serve(path, { invoke: afterInitialize(() => body) });
    },
    exitCode: 1,
    reason: /a body of type application\/json is not UTF-8/,
    cases: ['calls/*', 'json-rpc/*'],
  },
  'invalid-statuses': {
    about: 'answers with invalid HTTP statuses',
    start: (path) => {
      const statuses = [0, 999, -1, 2 ** 31 - 1, -(2 ** 31), 100];
      let calls = 0;
      serve(path, {
        calls: (call) => {
          calls += 1;
          answer(call, { status: statuses[calls % statuses.length] ?? 0 });
        },
      });
    },
    exitCode: 1,
    reason: /initialize did not create a session: status -?\d+/,
    cases: ['calls/*', 'sessions/*'],
  },
  '100000-header-fields': {
    about: 'answers with 100,000 header fields',
    start: (path) => {
      const headers = Object.fromEntries(
        Array.from({ length: 100_000 }, (_, index) => [`x-${index}`, `value ${index}`]),
      );
      const response = responseBytes({ status: 200, headers, body: Buffer.from('{}') });
      serve(path, { calls: (call) => reply(call, response) });
    },
    exitCode: 1,
    reason: /the response has 100000 header fields/,
    cases: ['calls/four-methods', 'sessions/close'],
  },
  'prototype-keys': {
    about: 'names members and fields after properties of Object.prototype',
    start: (path) => {
      const poison =
        '{"__proto__":{"status":200,"polluted":true},"constructor":{"prototype":{"polluted":true}},"toString":1}';
      serve(path, {
        calls: (call) =>
          answer(call, {
            status: 200,
            headers: JSON.parse(
              '{"__proto__":"x","constructor":"y","hasOwnProperty":"z","content-type":"application/json"}',
            ),
            body: Buffer.from(
              `{"jsonrpc":"2.0","id":${idOf(call)},"result":${poison},"__proto__":${poison}}`,
            ),
          }),
      });
    },
    exitCode: 1,
    reason: /initialize did not create a session/,
    cases: ['calls/*', 'headers/*'],
  },
  'terminal-control-sequences': {
    about: 'puts escape sequences, line breaks and workflow commands in all its texts',
    start: (path) => {
      process.stderr.write(`${terminalPoison}\n`);
      serve(path, {
        health: (call) => answerHealth(call, { version: terminalPoison, mode: terminalPoison }),
        invoke: (call) => {
          process.stdout.write(`${terminalPoison}\n`);
          if (methodOf(call) !== 'initialize') {
            return fail(call, { 'grpc-status': '13', 'grpc-message': encodeURIComponent(terminalPoison) });
          }
          const serverInfo = { name: terminalPoison, version: terminalPoison };
          answer(call, {
            status: 200,
            headers: { 'content-type': 'application/json', 'mcp-session-id': 'a\x1b[31m\n::error::owned' },
            body: Buffer.from(
              JSON.stringify({
                jsonrpc: '2.0',
                id: 'initialize',
                result: { ...initializeResult, serverInfo },
              }),
            ),
          });
        },
      });
    },
    exitCode: 1,
    reason: /\\x1b\[2J/,
    cases: ['calls/*', 'health/*', 'sessions/*', 'streams/*'],
  },
  'session-id-of-1-mb': {
    about: 'creates session ids of 1 MB',
    start: (path) => {
      serve(path, { invoke: (call) => answerInvoke(call, 's'.repeat(1 << 20)) });
    },
    exitCode: 1,
    reason: /initialize returned a session id of 1048576 characters/,
    cases: ['calls/*', 'sessions/*'],
  },
  'endless-pages': {
    about: 'returns a next page after every page',
    start: (path) => {
      let page = 0;
      serve(path, {
        invoke: (call) => {
          if (!String(methodOf(call)).endsWith('/list')) return answerInvoke(call);
          page += 1;
          const tools = Array.from({ length: 1000 }, (_, index) => ({
            name: `tool-${page}-${index}-${'n'.repeat(500)}`,
          }));
          const result = { tools, resources: tools, prompts: tools, nextCursor: `${page}` };
          answerJson(call, JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(idOf(call)), result }));
        },
      });
    },
    exitCode: 1,
    reason: /failed/,
    cases: ['calls/four-methods', 'mcp-tools/*'],
  },
  'slow-pages': {
    about: 'returns an endless list, one page per second',
    start: (path) => {
      serve(path, {
        invoke: (call) => {
          if (!String(methodOf(call)).endsWith('/list')) return answerInvoke(call);
          const result = { tools: [], resources: [], prompts: [], nextCursor: 'more' };
          setTimeout(
            () => answerJson(call, JSON.stringify({ jsonrpc: '2.0', id: JSON.parse(idOf(call)), result })),
            1000,
          );
        },
      });
    },
    exitCode: 1,
    reason: /failed/,
    cases: ['calls/four-methods'],
  },
};
