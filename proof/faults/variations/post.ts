import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { accepted, chunk } from '../changes/streams.ts';

/** Variations of streamed answers to POST. */
export const postVariations = variations([
  {
    name: 'messages-with-meta',
    clause: 'POST-1',
    about: 'Every notification and every request of the server that belongs to a call carries _meta',
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
    about: 'What is accepted without data has its head on one chunk and done on the next',
    hooks: accepted((only) => [{ ...only, done: false }, chunk({ done: true })]),
  },
]);
