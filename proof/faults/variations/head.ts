import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { data, heads } from '../changes/streams.ts';

/** Variations of stream heads. */
export const headVariations = variations([
  {
    name: 'head-without-data-first',
    clause: 'HEAD-1',
    about: 'The runtime sends an empty comment right after the head',
    hooks: {
      headChunks: (head) => [...defaultHooks.headChunks(head), data(':\n\n')],
    },
  },
  {
    name: 'heads-with-more-fields',
    clause: 'HEAD-2',
    about: 'The runtime sends extra header fields and a charset in the head',
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
