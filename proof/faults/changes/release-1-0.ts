import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Hooks } from '../../harness/fault.ts';
import { bodilessWithoutHeads } from './streams.ts';

/** Removes what release 1.1 of the contract added: capabilities, streamed POSTs, stream heads and event ids. */
export const likeRelease10: Hooks = {
  health: (state) => defaultHooks.health({ ...state, capabilities: [] }),
  readMethod(rpc, method) {
    if (rpc === 'InvokeStream' && method === 'POST') {
      throw new CallRefused('INVALID_ARGUMENT', 'method: InvokeStream stands for GET');
    }
    return defaultHooks.readMethod(rpc, method);
  },
  headChunks: () => [],
  ...bodilessWithoutHeads,
  frameEvent: ({ data: text }) => (text === '' ? '' : `data: ${text}\n\n`),
};
