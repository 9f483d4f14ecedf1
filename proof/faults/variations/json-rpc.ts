import { variations } from '../../harness/fault.ts';
import { idLast, insideStrings, onEveryMessage, outsideStrings } from '../changes/json-text.ts';
import { asEvents, onAnswerIf, onErrors, withFields } from '../changes/runtime.ts';
import { onPath } from '../changes/streams.ts';

/** Variations of JSON-RPC. */
export const jsonRpcVariations = variations([
  {
    name: 'json-in-another-order',
    clause: 'JSONRPC-1',
    about: 'The members of a response come in another order',
    hooks: onEveryMessage(idLast),
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
    name: 'bad-requests-have-no-id',
    clause: 'JSONRPC-7',
    about: 'The error to a request that is none has the id null',
    hooks: onErrors(/"code":-32600,"message":"(The (member|body)|A )/, (json) => ({ ...json, id: null })),
  },
  {
    name: 'responses-as-events',
    clause: 'JSONRPC-10',
    about: 'Every response comes as a stream of one event',
    hooks: asEvents((data) => `data: ${data}\n\n`),
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
    name: 'json-alone-on-invoke',
    clause: 'JSONRPC-10',
    about:
      'Invoke answers with the response alone: the messages before it, which nobody waits for, are dropped',
    hooks: onPath((path) => (path.interactive ? {} : { message: async () => undefined })),
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
]);
