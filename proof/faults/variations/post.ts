import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { accepted, chunk } from '../changes/streams.ts';

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
]);
