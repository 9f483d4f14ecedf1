import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { data, heads } from '../changes/streams.ts';

/** Variations of stream heads. */
export const headVariations = variations([
  {
    name: 'head-without-data-first',
    clause: 'HEAD-1',
    about: 'An empty comment follows the head at once',
    hooks: {
      headChunks: (head) => [...defaultHooks.headChunks(head), data(':\n\n')],
    },
  },
  {
    name: 'heads-with-more-fields',
    clause: 'HEAD-2',
    about: 'The head of a stream has more header fields, and a charset',
    hooks: heads(({ status, headers }) => ({
      status,
      headers: {
        ...headers,
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
        ...(headers['content-type'] === 'text/event-stream' && {
          'content-type': 'text/event-stream; charset=utf-8',
        }),
      },
    })),
  },
]);
