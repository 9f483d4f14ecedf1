import { RuntimeCallError } from '../../../client/index.ts';
import { gatewayFaults } from '../../harness/fault.ts';
import { around, streams, unary } from '../changes/gateway.ts';

const known: ReadonlySet<string> = new Set(['stream-head', 'stream-post', 'resume']);

/** Faults in the handling of runtimes of other releases. */
export const compatibilityFaults = gatewayFaults([
  {
    name: 'heads-required',
    clause: 'COMPAT-3',
    about: 'The gateway answers 501 to a stream without a head',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.origin === 'assumed' ? { ...head, status: 501 } : head;
      },
    }),
  },
  {
    name: 'error-statuses-replaced',
    clause: 'COMPAT-3',
    about: 'The gateway answers 200 if the runtime sends a JSON-RPC error with status 400 or 404',
    ...unary(async (call, request) => {
      const answer = await call(request);
      const text = new TextDecoder().decode(answer.body);
      return [400, 404].includes(answer.status) && text.includes('"error"')
        ? { ...answer, status: 200 }
        : answer;
    }),
  },
  {
    name: 'unknown-capabilities-refused',
    clause: 'COMPAT-4',
    about: 'The gateway opens no streams at a runtime that lists an unknown capability',
    connection: (inner) => {
      let isKnown = true;
      return around(inner, {
        healthCheck: async (options) => {
          const health = await inner.healthCheck(options);
          isKnown = health.capabilities.every((name) => known.has(name));
          return health;
        },
        invokeStream: (request, options) => {
          if (isKnown) return inner.invokeStream(request, options);
          throw new RuntimeCallError('InvokeStream', 12, 'unknown capability');
        },
      });
    },
  },
]);
