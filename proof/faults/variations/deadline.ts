import { variations } from '../../harness/fault.ts';
import { isOk, onAnswerIf, textOf } from '../changes/runtime.ts';

/** Variations of deadlines and cancellation. */
export const deadlineVariations = variations([
  {
    name: 'grpc-js-by-itself',
    clause: 'DEADLINE-1',
    about: 'Deadlines are as grpc-js has them: of months pass at once, and some calls outlast theirs',
    hooks: { interceptors: [] },
    options: { limits: { chunkBytes: 128 } },
  },
  {
    name: 'cancelled-requests-are-accepted',
    clause: 'DEADLINE-3',
    about: 'A request that notifications/cancelled names is answered 202 and empty',
    hooks: onAnswerIf(
      (answer) => isOk(answer) && textOf(answer).includes('"request_cancelled"'),
      () => ({ status: 202, headers: {}, body: new Uint8Array() }),
    ),
  },
]);
