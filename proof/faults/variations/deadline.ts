import { variations } from '../../harness/fault.ts';
import { isOk, onAnswerIf, textOf } from '../changes/runtime.ts';

/** Variations of deadlines and cancellation. */
export const deadlineVariations = variations([
  {
    name: 'grpc-js-by-itself',
    clause: 'DEADLINE-1',
    about: 'The runtime uses grpc-js deadlines, which overflow after 24 days and may expire late',
    hooks: { interceptors: [] },
    options: { limits: { chunkBytes: 128 } },
  },
  {
    name: 'cancelled-requests-are-accepted',
    clause: 'DEADLINE-3',
    about: 'The runtime answers a cancelled request with an empty 202',
    hooks: onAnswerIf(
      (answer) => isOk(answer) && textOf(answer).includes('"request_cancelled"'),
      () => ({ status: 202, headers: {}, body: new Uint8Array() }),
    ),
  },
]);
