import { isObject } from '../../../base/is-object.ts';
import type { Answer } from '../../../reference-runtime/http/answer.ts';
import { jsonToken, replaceToken } from '../../../reference-runtime/mcp/json-token.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onAnswerFields } from '../changes/http2.ts';
import { onMessagesOfBothEras } from '../changes/json-text.ts';
import { changedJson } from '../changes/lossless-json.ts';
import { type Members, onAnswerIf, onText, withFields, withText } from '../changes/runtime.ts';
import { decoder } from '../changes/streams.ts';

/**
 * Returns whether a refusal may have a body other than a JSON-RPC error. MODERN-10 requires a JSON-RPC error for an
 * unknown method.
 */
const isPlainRefusal = ({ status, body }: Answer) =>
  [401, 403, 404, 409, 413, 429].includes(status) && !decoder.decode(body).includes('"code":-32601');

/** An encoded google.rpc.Status without details. */
const statusDetails = Buffer.from('080312044e656e6e', 'hex').toString('base64');

/** Members of `data` that clauses require (INIT-6, MODERN-3, MODERN-18, MODERN-46). */
const requiredMembers: ReadonlySet<string> = new Set([
  'supported',
  'requested',
  'requiredCapabilities',
  'uri',
]);

/** Returns the data of an error that a clause requires. */
function requiredOf(data: unknown): { readonly data?: object } {
  const kept = Object.entries(Object(data)).filter(([member]) => requiredMembers.has(member));
  return kept.length === 0 ? {} : { data: Object.fromEntries(kept) };
}

/** Changes the error of every JSON-RPC message. */
function onErrorsOfBothEras(change: (error: Members) => Members): Hooks {
  return onMessagesOfBothEras((json) => {
    if (!json.includes('"error":{')) return json;
    const token = jsonToken(json, ['id']);
    const changed = changedJson(json, (message) =>
      isObject(message['error']) ? { ...message, error: change(message['error']) } : message,
    );
    return token === undefined ? changed : replaceToken(changed, ['id'], token);
  });
}

const dataOfEachType = [null, false, 0, [], 'text', {}];
let dataSent = 0;
const nextData = (): unknown => dataOfEachType[dataSent++ % dataOfEachType.length];

/** Variations of failures, on the HTTP layer and the gRPC layer. */
export const errorVariations = variations([
  {
    name: 'refusals-without-a-body',
    clause: 'ERROR-2',
    about: 'The runtime omits the body of refusals that need not be JSON-RPC errors',
    hooks: onAnswerIf(isPlainRefusal, ({ status }) => ({ status, headers: {}, body: new Uint8Array() })),
  },
  {
    name: 'refusals-in-words',
    clause: 'ERROR-2',
    about: 'The runtime sends plain text in refusals that need not be JSON-RPC errors',
    hooks: onAnswerIf(isPlainRefusal, (answer) =>
      withText(withFields(answer, { 'content-type': 'text/plain; charset=utf-8' }), 'No.\n'),
    ),
  },
  {
    name: 'refusals-in-latin-1',
    clause: 'ERROR-2',
    about: 'The runtime sends Latin-1 HTML in refusals that need not be JSON-RPC errors',
    hooks: onAnswerIf(isPlainRefusal, (answer) => ({
      ...withFields(answer, { 'content-type': 'text/html; charset=iso-8859-1' }),
      body: Buffer.from('<p>Zugriff abgewiesen: ungültig</p>', 'latin1'),
    })),
  },
  {
    name: 'refusals-as-problems',
    clause: 'ERROR-2',
    about: 'The runtime sends problem details (RFC 9457) in refusals that need not be JSON-RPC errors',
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
    about: 'The runtime sends plain JSON in refusals that need not be JSON-RPC errors',
    hooks: onAnswerIf(isPlainRefusal, (answer) => withText(answer, '{"detail":"Refused"}')),
  },
  {
    name: 'errors-in-other-words',
    clause: 'ERROR-5',
    about: 'The runtime sends JSON-RPC errors with other messages and a string as data',
    hooks: onText(
      ({ headers }) => headers['content-type'] === 'application/json',
      (text) =>
        // Edited as text, to keep the token of the id.
        text.replace(/("error":)(\{.*\})\}$/s, (_all, name: string, error: string) => {
          const { code, data } = JSON.parse(error) as { code: number; data?: object };
          const kept = Object.entries(data ?? {}).filter(([member]) => requiredMembers.has(member));
          return `${name}${JSON.stringify({
            code,
            message: 'Leider nein: « ça ne va pas »',
            data: kept.length === 0 ? 'see the manual' : Object.fromEntries(kept),
          })}}`;
        }),
    ),
  },
  {
    name: 'long-messages',
    clause: 'ERROR-7',
    about: 'The runtime sends gRPC messages of 4,096 bytes',
    hooks: {
      grpcStatus: (status) => ({
        ...status,
        details: (status.details ?? '').padEnd(4096, '.').slice(0, 4096),
      }),
    },
  },
  {
    name: 'statuses-without-messages',
    clause: 'ERROR-7',
    about: 'The runtime omits the text of gRPC statuses',
    hooks: onAnswerFields(({ 'grpc-message': _, ...fields }) => fields),
  },
  {
    name: 'statuses-in-other-words',
    clause: 'ERROR-7',
    about: 'The runtime writes the text of gRPC statuses in percent-encoded UTF-8, with details',
    hooks: onAnswerFields((fields) =>
      Number(fields['grpc-status'] ?? 0) === 0
        ? fields
        : {
            ...fields,
            'grpc-message': '%e2%9d%8c Leider nein: ung%C3%BCltig',
            'grpc-status-details-bin': statusDetails,
          },
    ),
  },
  {
    name: 'errors-without-words',
    clause: 'ERROR-5',
    about: 'The runtime sends JSON-RPC errors with an empty message and without optional data',
    hooks: onErrorsOfBothEras(({ code, data }) => ({ code, message: '', ...requiredOf(data) })),
  },
  {
    name: 'errors-with-data-of-each-type',
    clause: 'ERROR-5',
    about: 'The runtime sends JSON-RPC errors whose data is null, a boolean, a number or a list',
    hooks: onErrorsOfBothEras(({ data, ...others }) => ({
      ...others,
      data: nextData(),
      ...requiredOf(data),
    })),
  },
]);
