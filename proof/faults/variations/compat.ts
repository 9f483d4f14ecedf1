import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { bodilessWithoutHeads } from '../changes/streams.ts';

/** Variations of compatibility with earlier releases. */
export const compatVariations = variations([
  {
    name: 'release-1-0',
    clause: 'COMPAT-1',
    about: 'The runtime declares no capabilities, like contract release 1.0',
    servesLess: true,
    hooks: {
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
    },
  },
]);
