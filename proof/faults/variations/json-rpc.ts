import { variations } from '../../harness/fault.ts';
import { idLast, insideStrings, onEveryMessage, outsideStrings } from '../changes/json-text.ts';
import { asEvents, onAnswerIf, onErrors, withFields } from '../changes/runtime.ts';
import { onPath } from '../changes/streams.ts';

/** Variations of JSON-RPC. */
export const jsonRpcVariations = variations([
  {
    name: 'json-in-another-order',
    clause: 'JSONRPC-1',
    about: 'The runtime writes the members of a response in another order',
    hooks: onEveryMessage(idLast),
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
    about: 'The runtime sends every response as an SSE body with one event',
    hooks: asEvents((data) => `data: ${data}\n\n`),
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
