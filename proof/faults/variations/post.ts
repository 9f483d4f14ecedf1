import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { accepted, chunk, onPath, postRefusalAnswers } from '../changes/streams.ts';

/** Variations of streamed answers to POST. */
export const postVariations = variations([
  {
    name: 'messages-with-meta',
    clause: 'POST-1',
    about: 'The runtime adds _meta to every notification and request that belongs to a call',
    hooks: {
      writeMessage(message, request) {
        const text = defaultHooks.writeMessage(message, request);
        return text.replace(/"params":\{(?!\})/, '"params":{"_meta":{"example.com/made-by":"variation"},');
      },
    },
  },
  {
    name: 'accepted-in-two-chunks',
    clause: 'POST-3',
    about: 'The runtime sends head and done of an accepted stream in separate chunks',
    hooks: accepted((only) => [{ ...only, done: false }, chunk({ done: true })]),
  },
  {
    name: 'unknown-notifications-before-responses',
    clause: 'POST-1',
    about: 'The runtime sends a notification of an unknown method before the response to a streamed POST',
    hooks: onPath((path) => ({
      async finish(outcome) {
        if (path.interactive)
          await path.message('{"jsonrpc":"2.0","method":"notifications/com.example/usage"}');
        path.finish(outcome);
      },
    })),
  },
  {
    name: 'refusals-in-small-chunks',
    clause: 'POST-6',
    about: 'The runtime sends the body of a refused streamed POST in chunks of 7 bytes, some of them empty',
    hooks: {
      answerChunks: (answer) =>
        [...defaultHooks.answerChunks(answer, 7)].flatMap((each) => (each.done ? [chunk({}), each] : [each])),
    },
  },
  {
    name: 'refusals-with-a-charset',
    clause: 'POST-6',
    about: 'The runtime adds a charset to the media type of a refused streamed POST',
    hooks: postRefusalAnswers((answer) => ({
      ...answer,
      headers: { ...answer.headers, 'content-type': 'application/json; charset=utf-8' },
    })),
  },
  {
    name: 'refusals-in-two-chunks',
    clause: 'POST-6',
    about: 'The runtime sends the body of a refused streamed POST in the chunk of its head',
    hooks: {
      answerChunks: ({ status, headers, body }) => [
        chunk({ status, headers: { ...headers }, data: body }),
        chunk({ done: true }),
      ],
    },
  },
]);
