import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';
import { chunk, data, heads, refusals, typeOfEvents } from '../changes/streams.ts';

/** Faults of stream heads. */
export const headFaults = runtimeFaults([
  {
    name: 'head-left-out',
    clause: 'HEAD-1',
    about: 'Streams have no head',
    hooks: { headChunks: () => [] },
  },
  {
    name: 'head-left-out-of-refusals',
    clause: 'HEAD-1',
    about: 'Refused streams have no head',
    hooks: refusals(({ errorStatus }) => [chunk({ errorStatus, done: true })]),
  },
  {
    name: 'head-in-every-chunk',
    clause: 'HEAD-1',
    about: 'Every chunk has the status',
    hooks: {
      dataChunks: (bytes, chunkBytes) =>
        [...defaultHooks.dataChunks(bytes, chunkBytes)].map((each) => chunk({ ...each, status: 200 })),
    },
  },
  {
    name: 'head-again-at-the-end',
    clause: 'HEAD-1',
    about: 'The chunk with done has the head again',
    hooks: {
      lastChunks: () => [
        chunk({ done: true, status: 200, headers: { 'content-type': 'text/event-stream' } }),
      ],
    },
  },
  {
    name: 'head-after-a-comment',
    clause: 'HEAD-1',
    about: 'The head comes in the second chunk',
    hooks: { headChunks: (head) => [data(': hello\n\n'), ...defaultHooks.headChunks(head)] },
  },
  {
    name: 'head-of-plain-text',
    clause: 'HEAD-2',
    about: 'The head says text/plain',
    hooks: typeOfEvents('text/plain'),
  },
  {
    name: 'head-of-json',
    clause: 'HEAD-2',
    about: 'The head says application/json',
    hooks: typeOfEvents('application/json'),
  },
  {
    name: 'head-with-status-202',
    clause: 'HEAD-2',
    about: 'The head has status 202',
    hooks: heads((head) => ({ ...head, status: 202 })),
  },
  {
    name: 'head-of-refusals-is-500',
    clause: 'HEAD-2',
    about: 'The head of a refusal says another status than error_status',
    hooks: refusals((only) => [chunk({ ...only, status: 500 })]),
  },
]);
