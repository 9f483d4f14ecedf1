import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { errorResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import type { ResponsePath } from '../../../reference-runtime/mcp/response-path.ts';
import type { Session } from '../../../reference-runtime/session/session.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { idLast, insideStrings, onEveryMessage, outsideStrings } from '../changes/json-text.ts';
import { asEvents, onAnswerIf, onErrors, onRequest, refuse, withFields } from '../changes/runtime.ts';
import { onPath, withoutDeclaring } from '../changes/streams.ts';

/** The requests in flight in each session: their methods by id. */
const idsInFlight = new WeakMap<Session, Map<string, string>>();

/** Refuses a request whose id is that of a request in flight in its session, for another method. */
const idsInFlightRefused: Hooks = {
  beginRequest(session, call, exchange) {
    const { request, path } = exchange;
    const ids = idsInFlight.get(session) ?? new Map<string, string>();
    idsInFlight.set(session, ids);
    if (ids.has(request.id) && ids.get(request.id) !== request.method) {
      const error = { code: -32600, message: 'The id is in use' };
      path.finish({ kind: 'response', json: errorResponse(request.id, error) });
      return { cancel: () => undefined, release: () => undefined };
    }
    ids.set(request.id, request.method);
    const finish: ResponsePath['finish'] = (outcome) => {
      ids.delete(request.id);
      path.finish(outcome);
    };
    const same: ResponsePath = {
      interactive: path.interactive,
      message: (json) => path.message(json),
      suspend: (retryMs) => path.suspend(retryMs),
      finish,
    };
    return defaultHooks.beginRequest(session, call, { ...exchange, path: same });
  },
};

/** Refuses bodies that match with a JSON-RPC error. */
const bodiesRefused = (when: RegExp, code: number): Hooks => ({
  parseMessage(body) {
    if (when.test(Buffer.from(body).toString())) refuse('INVALID_ARGUMENT', 400, code);
    return defaultHooks.parseMessage(body);
  },
});

/** Variations of JSON-RPC. */
export const jsonRpcVariations = variations([
  {
    name: 'ids-in-flight-refused',
    clause: 'JSONRPC-14',
    about: 'The runtime refuses a request whose id is that of a request in flight for another method',
    hooks: idsInFlightRefused,
  },
  {
    name: 'errors-of-its-own-range',
    clause: 'JSONRPC-12',
    about: 'The runtime uses other error codes from -32000 to -32099, which JSON-RPC leaves to servers',
    hooks: onErrors(/"code":-3200[01]\b/, (json) => ({
      ...json,
      error: { ...Object(json['error']), code: -32050 },
    })),
  },
  {
    name: 'byte-order-mark-skipped',
    clause: 'JSONRPC-5',
    about: 'The runtime skips a byte order mark at the start of a body',
    hooks: onRequest((request) => {
      const { body } = request;
      if (body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf) request.body = body.subarray(3);
    }),
  },
  {
    name: 'numbers-beyond-doubles-are-parse-errors',
    clause: 'JSONRPC-13',
    about: 'The runtime refuses a number beyond the range of a double as a parse error',
    hooks: bodiesRefused(/:-?1[eE]\d{3,}/, -32700),
  },
  {
    name: 'params-of-another-type-are-invalid-requests',
    clause: 'JSONRPC-9',
    about: 'The runtime refuses params that are a list as an invalid request',
    hooks: bodiesRefused(/"method":"tools\/call","params":\[/, -32600),
  },
  {
    name: 'json-in-another-order',
    clause: 'JSONRPC-1',
    about: 'The runtime writes the members of a response in another order',
    hooks: onEveryMessage(idLast),
  },
  {
    name: 'messages-with-further-members',
    clause: 'JSONRPC-12',
    about: 'The runtime adds a member that JSON-RPC does not define to every message',
    hooks: onEveryMessage((json) => json.replace(/\}\s*$/, ',"x-durationMs":1.5}')),
  },
  {
    name: 'accepted-with-a-media-type',
    clause: 'JSONRPC-3',
    about: 'The runtime adds a content-type to an empty 202 response',
    hooks: onAnswerIf(
      ({ status }) => status === 202,
      (answer) => withFields(answer, { 'content-type': 'application/json' }),
    ),
  },
  {
    name: 'bad-requests-have-no-id',
    clause: 'JSONRPC-7',
    about: 'The runtime answers an invalid request with the id null',
    hooks: onErrors(/"code":-32600,"message":"(The (member|body)|A )/, (json) => ({ ...json, id: null })),
  },
  {
    name: 'responses-as-events',
    clause: 'JSONRPC-10',
    about: 'The runtime sends every response as an SSE body with one event, without resumption',
    servesLess: true,
    hooks: { ...asEvents((data) => `data: ${data}\n\n`), ...withoutDeclaring('resume') },
  },
  {
    name: 'json-with-white-space',
    clause: 'JSONRPC-10',
    about: 'The runtime writes white space and line breaks between JSON tokens',
    hooks: onEveryMessage(
      (json) => `\n${outsideStrings(json, (text) => text.replace(/[{[,:]/g, '$&\n\t '))} \n`,
    ),
  },
  {
    name: 'json-alone-on-invoke',
    clause: 'JSONRPC-10',
    about: 'The runtime drops messages that precede the response to Invoke',
    hooks: onPath((path) => (path.interactive ? {} : { message: async () => undefined })),
  },
  {
    name: 'json-in-ascii',
    clause: 'JSONRPC-11',
    about: 'The runtime escapes all characters outside ASCII in JSON',
    hooks: onEveryMessage((json) =>
      json.replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ),
  },
  {
    name: 'json-with-escaped-slashes',
    clause: 'JSONRPC-11',
    about: 'The runtime escapes slashes in JSON strings',
    hooks: onEveryMessage((json) => insideStrings(json, (text) => text.replaceAll('/', '\\/'))),
  },
  {
    name: 'modern-ids-with-escapes',
    clause: 'JSONRPC-2',
    about: 'The runtime escapes characters outside ASCII in the ids of modern responses',
    hooks: {
      modernCall(received) {
        if (received.message.kind !== 'request') return received;
        const id = received.message.id.replace(
          /[^ -~]/g,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        );
        return { ...received, message: { ...received.message, id } };
      },
    },
  },
]);
