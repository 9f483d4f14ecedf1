import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { onStream } from '../changes/runtime.ts';
import { chunk, data, heads, refusals, typeOfEvents } from '../changes/streams.ts';

/** Faults in stream heads. */
export const headFaults = runtimeFaults([
  {
    name: 'head-left-out',
    clause: 'HEAD-1',
    about: 'The runtime omits the head of a stream',
    hooks: { headChunks: () => [] },
  },
  {
    name: 'head-left-out-of-refusals',
    clause: 'HEAD-1',
    about: 'The runtime omits the head of a refused stream',
    hooks: refusals(({ errorStatus }) => [chunk({ errorStatus, done: true })]),
  },
  {
    name: 'head-in-every-chunk',
    clause: 'HEAD-1',
    about: 'The runtime repeats the status in every chunk',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        [...defaultHooks.dataChunks(bytes, chunkBytes)].map((each) => chunk({ ...each, status: 200 })),
    },
  },
  {
    name: 'head-again-at-the-end',
    clause: 'HEAD-1',
    about: 'The runtime repeats the head in the chunk with done',
    hooks: {
      lastChunks: () => [
        chunk({ done: true, status: 200, headers: { 'content-type': 'text/event-stream' } }),
      ],
    },
  },
  {
    name: 'head-after-a-comment',
    clause: 'HEAD-1',
    about: 'The runtime sends the head in the second chunk',
    hooks: { headChunks: (head) => [data(': hello\n\n'), ...defaultHooks.headChunks(head)] },
  },
  {
    name: 'head-of-plain-text',
    clause: 'HEAD-2',
    about: 'The runtime sends text/plain in the head of a stream',
    hooks: typeOfEvents('text/plain'),
  },
  {
    name: 'head-of-json',
    clause: 'HEAD-2',
    about: 'The runtime sends application/json in the head of a stream',
    hooks: typeOfEvents('application/json'),
  },
  {
    name: 'head-with-status-202',
    clause: 'HEAD-2',
    about: 'The runtime sends status 202 in the head of a stream',
    hooks: heads((head) => ({ ...head, status: 202 })),
  },
  {
    name: 'head-of-refusals-is-500',
    clause: 'HEAD-2',
    about: 'The runtime sends a status other than error_status in the head of a refusal',
    hooks: refusals((only) => [chunk({ ...only, status: 500 })]),
  },
  {
    name: 'head-with-the-first-event',
    clause: 'HEAD-3',
    about: 'The runtime sends the head of a stream together with its first event',
    hooks: onStream((call) => {
      const write = call.write.bind(call);
      const withheld: Parameters<typeof call.write>[] = [];
      call.write = (...written: Parameters<typeof call.write>) => {
        withheld.push(written);
        const [{ status, data: bytes, done }] = written;
        const isHead = status === 200 && bytes.length === 0 && !done;
        return isHead || withheld.splice(0).every((each) => write(...each));
      };
    }),
  },
]);
