import type { Answer } from '../../../reference-runtime/http/answer.ts';
import { variations } from '../../harness/fault.ts';
import { onAnswerIf, onText, withFields, withText } from '../changes/runtime.ts';

/** Statuses whose answer needs no JSON-RPC error. */
const isPlainRefusal = (answer: Answer) => [401, 403, 404, 409, 413, 429].includes(answer.status);

/** Variations of the two layers of failure. */
export const errorVariations = variations([
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
]);
