import type { McpChunk } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { onStream } from '../changes/runtime.ts';
import { data, encoder, heads } from '../changes/streams.ts';

/** Delays the first message of every stream, and everything after it. */
function beginningLater(delayMs: number): Hooks {
  return onStream((call) => {
    const write = call.write.bind(call) as (message: McpChunk, written?: () => void) => boolean;
    const end = call.end.bind(call);
    const waiting: (() => void)[] = [];
    let isOpen = false;
    setTimeout(() => {
      isOpen = true;
      for (const act of waiting) act();
    }, delayMs);
    const later = (act: () => void) => {
      if (isOpen) act();
      else waiting.push(act);
    };
    Object.assign(call, {
      write: (message: McpChunk, written?: () => void) => {
        later(() => write(message, written));
        return true;
      },
      end: () => later(() => end()),
    });
  });
}

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
  {
    name: 'heads-with-data',
    clause: 'HEAD-1',
    about: 'The runtime sends a comment in the chunk of the head',
    hooks: {
      headChunks: (head) => {
        const [first, ...others] = defaultHooks.headChunks(head);
        return first === undefined ? [] : [{ ...first, data: encoder.encode(': hello\n\n') }, ...others];
      },
    },
  },
  {
    name: 'heads-after-a-while',
    clause: 'HEAD-3',
    about: 'The runtime begins every stream after 300 ms',
    hooks: beginningLater(300),
  },
  {
    name: 'heads-of-slow-requests-after-a-second',
    clause: 'HEAD-3',
    about: 'The runtime begins the stream of a slow request of MCP 2026-07-28 after a second',
    options: { limits: { headDelayMs: 1000 } },
  },
]);
