import { randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { Metadata, type ServerOptions } from '@grpc/grpc-js';
import { McpRequestSchema } from '../../proto/index.ts';
import { defaultHooks } from '../../reference-runtime/hooks.ts';
import { type Answer, eventsAnswer } from '../../reference-runtime/http/answer.ts';
import {
  isOk,
  onAnswer,
  onAnswerIf,
  onHandlers,
  onResponse,
  onText,
  onUnary,
  textOf,
  withText,
} from '../mutants/faults.ts';
import type { Hooks } from '../mutants/mutant.ts';
import { onPath } from '../mutants/stream-faults.ts';
import { idLast, insideStrings, onEveryMessage, outsideStrings } from './json-text.ts';
import type { Variation } from './variation.ts';

/** A response alone, without the messages that would make an answer a stream. */
const isResponse = (answer: Answer) => isOk(answer) && answer.headers['content-type'] === 'application/json';

const withFields = (answer: Answer, headers: Record<string, string>): Answer => ({
  ...answer,
  headers: { ...answer.headers, ...headers },
});

/** Statuses whose answer needs no JSON-RPC error. */
const isPlainRefusal = (answer: Answer) => [401, 403, 404, 409, 413, 429].includes(answer.status);

/** Every answer as events, framed by `frame`. */
function asEvents(frame: (data: string) => string) {
  return onAnswerIf(isResponse, (answer) =>
    withFields(eventsAnswer(frame(textOf(answer))), sessionOf(answer)),
  );
}

function sessionOf({ headers }: Answer): Record<string, string> {
  const id = headers['mcp-session-id'];
  return id === undefined ? {} : { 'mcp-session-id': id };
}

function channelOptions(options: ServerOptions): Hooks {
  return { messageLimits: (limits) => ({ ...defaultHooks.messageLimits(limits), ...options }) };
}

/** A request body that is too large ends its call with this gRPC status. */
function tooLargeIs(code: number): Hooks {
  return onUnary((handler) => (call, callback) => {
    handler(call, (error, response, ...rest) => {
      if (response?.status === 413) callback({ code, details: 'Too large' });
      else callback(error, response, ...rest);
    });
  });
}

/** Other ways to answer a unary call. */
export const answerVariations: readonly Variation[] = [
  {
    name: 'responses-as-events',
    clause: 'JSONRPC-10',
    about: 'Every response comes as a stream of one event',
    hooks: asEvents((data) => `data: ${data}\n\n`),
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
    name: 'json-with-white-space',
    clause: 'JSONRPC-10',
    about: 'JSON is written with white space and line ends between its tokens',
    hooks: onEveryMessage(
      (json) => `\n${outsideStrings(json, (text) => text.replace(/[{[,:]/g, '$&\n\t '))} \n`,
    ),
  },
  {
    name: 'json-in-ascii',
    clause: 'JSONRPC-11',
    about: 'JSON is written in ASCII alone, everything else escaped',
    hooks: onEveryMessage((json) =>
      json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ),
  },
  {
    name: 'json-with-escaped-slashes',
    clause: 'JSONRPC-11',
    about: 'Slashes in strings are escaped',
    hooks: onEveryMessage((json) => insideStrings(json, (text) => text.replaceAll('/', '\\/'))),
  },
  {
    name: 'json-in-another-order',
    clause: 'JSONRPC-1',
    about: 'The members of a response come in another order',
    hooks: onEveryMessage(idLast),
  },
  {
    name: 'media-types-with-charset',
    clause: 'HEADER-1',
    about: 'Media types have parameters',
    hooks: onAnswer((answer) => {
      const type = answer.headers['content-type'];
      return type === undefined ? answer : withFields(answer, { 'content-type': `${type}; charset=utf-8` });
    }),
  },
  {
    name: 'media-types-in-capitals',
    clause: 'HEADER-1',
    about: 'Media types are written in capitals',
    hooks: onAnswer((answer) => {
      const type = answer.headers['content-type'];
      return type === undefined ? answer : withFields(answer, { 'content-type': type.toUpperCase() });
    }),
  },
  {
    name: 'more-header-fields',
    clause: 'HEADER-2',
    about: 'Answers carry header fields that nobody asked for',
    hooks: onAnswer((answer) =>
      withFields(answer, {
        'cache-control': 'no-store, no-transform',
        date: 'Mon, 23 Nov 2026 10:00:00 GMT',
        'x-request-id': randomUUID(),
        'x_odd.name!': 'a\tb ~',
        'x-empty': '',
      }),
    ),
  },
  {
    name: 'session-in-every-answer',
    clause: 'INIT-1',
    about: 'Every answer within a session names it',
    hooks: onResponse((response, { sessionId }) => {
      if (sessionId !== '' && response.status < 300) response.headers['mcp-session-id'] = sessionId;
      return response;
    }),
  },
  {
    name: 'accepted-with-a-media-type',
    clause: 'JSONRPC-3',
    about: 'The empty answer 202 has a media type',
    hooks: onAnswerIf(
      ({ status }) => status === 202,
      (answer) => withFields(answer, { 'content-type': 'application/json' }),
    ),
  },
  {
    name: 'closed-with-200',
    clause: 'SESSION-4',
    about: 'CloseSession answers 200 with a body',
    hooks: onAnswerIf(
      ({ status }) => status === 204,
      (answer) => ({
        ...withText(withFields(answer, { 'content-type': 'application/json' }), '{}'),
        status: 200,
      }),
    ),
  },
  {
    name: 'closed-with-202',
    clause: 'SESSION-4',
    about: 'CloseSession answers 202',
    hooks: onAnswerIf(
      ({ status }) => status === 204,
      (answer) => ({ ...answer, status: 202 }),
    ),
  },
  {
    name: 'refusals-without-a-body',
    clause: 'ERROR-2',
    about: 'Refusals have no body where the contract asks for none',
    hooks: onAnswerIf(isPlainRefusal, ({ status }) => ({ status, headers: {}, body: new Uint8Array() })),
  },
  {
    name: 'refusals-in-words',
    clause: 'ERROR-2',
    about: 'Refusals are plain text where the contract asks for no JSON-RPC error',
    hooks: onAnswerIf(isPlainRefusal, (answer) =>
      withText(withFields(answer, { 'content-type': 'text/plain; charset=utf-8' }), 'No.\n'),
    ),
  },
  {
    name: 'refusals-in-latin-1',
    clause: 'ERROR-2',
    about: 'Refusals are HTML in ISO 8859-1 where the contract asks for no JSON-RPC error',
    hooks: onAnswerIf(isPlainRefusal, (answer) => ({
      ...withFields(answer, { 'content-type': 'text/html; charset=iso-8859-1' }),
      body: Buffer.from('<p>Zugriff abgewiesen: ungültig</p>', 'latin1'),
    })),
  },
  {
    name: 'refusals-as-problems',
    clause: 'ERROR-2',
    about: 'Refusals are problem details (RFC 9457) where the contract asks for no JSON-RPC error',
    hooks: onAnswerIf(isPlainRefusal, (answer) =>
      withText(
        withFields(answer, { 'content-type': 'application/problem+json' }),
        JSON.stringify({ title: 'Refused', status: answer.status }),
      ),
    ),
  },
  {
    name: 'refusals-as-json',
    clause: 'ERROR-2',
    about: 'Refusals are JSON, but no JSON-RPC, where the contract asks for no JSON-RPC error',
    hooks: onAnswerIf(isPlainRefusal, (answer) => withText(answer, '{"detail":"Refused"}')),
  },
  {
    name: 'errors-in-other-words',
    clause: 'ERROR-5',
    about: 'JSON-RPC errors have another message, and data that is a string',
    hooks: onText(
      ({ headers }) => headers['content-type'] === 'application/json',
      (text) =>
        // As text: the token of the id has to stay.
        text.replace(/("error":)(\{.*\})\}$/s, (_all, name: string, error: string) => {
          const { code, data } = JSON.parse(error) as { code: number; data?: { supported?: unknown } };
          const supported = data?.supported;
          return `${name}${JSON.stringify({
            code,
            message: 'Leider nein: « ça ne va pas »',
            data: supported === undefined ? 'see the manual' : { supported },
          })}}`;
        }),
    ),
  },
  {
    name: 'answers-take-their-time',
    clause: 'RPC-11',
    about: 'Every answer comes 15 ms later',
    hooks: onUnary((handler) => (call, callback) => {
      handler(call, (...answer) => {
        setTimeout(() => callback(...answer), 15);
      });
    }),
  },
  {
    name: 'answers-out-of-order',
    clause: 'RPC-11',
    about: 'Answers wait up to 20 ms, each another time',
    hooks: onUnary((handler) => (call, callback) => {
      handler(call, (...answer) => {
        setTimeout(() => callback(...answer), Math.random() * 20);
      });
    }),
  },
  {
    name: 'metadata-and-trailers',
    clause: 'RPC-14',
    about: 'Calls are answered with metadata and trailers of their own, at once where they are refused',
    hooks: onHandlers(({ invoke, closeSession, healthCheck, invokeStream }) => {
      const metadata = () => {
        const fields = new Metadata();
        fields.set('x-served-by', 'variation');
        fields.set('x-bytes-bin', Buffer.from([0, 255]));
        return fields;
      };
      return {
        invoke: (call, callback) => {
          call.sendMetadata(metadata());
          invoke(call, (error, value) => callback(error, value, metadata()));
        },
        closeSession: (call, callback) => {
          call.sendMetadata(metadata());
          closeSession(call, (error, value) => callback(error, value, metadata()));
        },
        healthCheck: (call, callback) => {
          call.sendMetadata(metadata());
          healthCheck(call, (error, value) => callback(error, value, metadata()));
        },
        invokeStream: (call) => {
          call.sendMetadata(metadata());
          invokeStream(call);
        },
      };
    }),
  },
  {
    name: 'refused-on-the-layer-of-grpc',
    clause: 'LIMIT-2',
    about: 'A request body that is too large is refused with RESOURCE_EXHAUSTED',
    hooks: tooLargeIs(8),
  },
  {
    name: 'refused-as-out-of-range',
    clause: 'LIMIT-2',
    about: 'A request body that is too large is refused with OUT_OF_RANGE',
    hooks: tooLargeIs(11),
  },
  {
    name: 'no-response-beyond-4-mib',
    clause: 'LIMIT-3',
    about: 'A response of more than 4 MiB fails with RESOURCE_EXHAUSTED',
    hooks: channelOptions({ 'grpc.max_send_message_length': 4 * 1024 * 1024 + 1024 }),
  },
  {
    name: 'bodies-of-one-mebibyte',
    clause: 'LIMIT-1',
    about: 'Request bodies of more than 1 MiB are refused',
    options: { limits: { maxBodyBytes: 1024 * 1024 } },
  },
  {
    name: 'json-alone-on-invoke',
    clause: 'JSONRPC-10',
    about:
      'Invoke answers with the response alone: the messages before it, which nobody waits for, are dropped',
    hooks: onPath((path) => (path.interactive ? {} : { message: async () => undefined })),
  },
  {
    name: 'hundred-calls-on-a-connection',
    clause: 'RPC-11',
    about: 'A connection carries 100 calls at a time: further ones wait',
    hooks: channelOptions({ 'grpc.max_concurrent_streams': 100 }),
  },
  {
    name: 'connections-are-given-up',
    clause: 'RPC-11',
    about: 'A connection is given up by GOAWAY after 50 ms, and ends with the last of its calls',
    hooks: channelOptions({ 'grpc.max_connection_age_ms': 50, 'grpc.max_connection_age_grace_ms': 60_000 }),
  },
  {
    name: 'connections-are-pinged',
    clause: 'STREAM-7',
    about: 'Every connection is pinged by HTTP/2 all the time',
    hooks: channelOptions({ 'grpc.keepalive_time_ms': 10, 'grpc.keepalive_timeout_ms': 20_000 }),
  },
  {
    name: 'cancelled-requests-are-accepted',
    clause: 'DEADLINE-3',
    about: 'A request that notifications/cancelled names is answered 202 and empty',
    hooks: onAnswerIf(
      (answer) => isOk(answer) && textOf(answer).includes('"request_cancelled"'),
      () => ({ status: 202, headers: {}, body: new Uint8Array() }),
    ),
  },
  {
    name: 'calls-of-a-closed-session-are-aborted',
    clause: 'SESSION-8',
    about: 'Calls under way in a session that is closed end with ABORTED',
    hooks: onUnary((handler) => (call, callback) => {
      const { sessionId } = fromBinary(McpRequestSchema, call.request);
      handler(call, (error, response, ...rest) => {
        const isClosed = sessionId !== '' && Buffer.from(response?.body ?? []).includes('"session_closed"');
        if (isClosed) callback({ code: 10, details: 'The session was closed' });
        else callback(error, response, ...rest);
      });
    }),
  },
];
