import { CallRefused } from '../../../reference-runtime/failures/call-refused.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { variations } from '../../harness/fault.ts';
import { onHandlers } from '../changes/runtime.ts';
import { withoutDeclaring } from '../changes/streams.ts';

const manyCapabilities = Array.from({ length: 300 }, (_, index) => `x-vendor.größe/${index} "a b"`);

let isStopping = false;

/** Variations of health checks. */
export const healthVariations = variations([
  {
    name: 'mode-edge',
    clause: 'HEALTH-2',
    about: 'The runtime reports the mode edge and a vendor capability',
    hooks: {
      health: (state) =>
        defaultHooks.health({
          ...state,
          mode: 'edge',
          version: '2.0.0-rc.1+build.7',
          capabilities: [...state.capabilities, 'x-vendor.feature'],
        }),
    },
  },
  {
    name: 'head-not-declared',
    clause: 'HEALTH-4',
    about: 'The runtime sends stream heads without declaring stream-head',
    servesLess: true,
    hooks: withoutDeclaring('stream-head', 'mcp-2026-07-28'),
  },
  {
    name: 'resume-not-declared',
    clause: 'HEALTH-4',
    about: 'The runtime resumes streams without declaring resume',
    servesLess: true,
    hooks: withoutDeclaring('resume'),
  },
  {
    name: 'health-fails-while-stopping',
    clause: 'HEALTH-5',
    about: 'The runtime fails health checks with UNAVAILABLE while it stops',
    process: (serve) => {
      process.once('SIGTERM', () => {
        isStopping = true;
      });
      const hooks = onHandlers(({ healthCheck }) => ({
        healthCheck: (call, callback) => {
          if (isStopping) callback({ code: 14, details: 'Stopping' });
          else healthCheck(call, callback);
        },
      }));
      return serve({ hooks });
    },
  },
  {
    name: 'mode-off',
    clause: 'HEALTH-2',
    about: 'The runtime reports the mode off while it serves',
    options: { mode: 'off' },
  },
  {
    name: 'many-capabilities',
    clause: 'HEALTH-4',
    about: 'The runtime declares 300 further capabilities, in another order',
    hooks: {
      health: (state) =>
        defaultHooks.health({
          ...state,
          capabilities: [...manyCapabilities, ...state.capabilities.toReversed()],
        }),
    },
  },
  {
    name: 'stream-post-not-served',
    clause: 'HEALTH-4',
    about: 'The runtime neither declares nor serves streamed answers to POST',
    servesLess: true,
    hooks: {
      ...withoutDeclaring('stream-post', 'mcp-2026-07-28'),
      readMethod(rpc, method) {
        if (rpc !== 'InvokeStream' || method !== 'POST') return defaultHooks.readMethod(rpc, method);
        throw new CallRefused('INVALID_ARGUMENT', 'method: InvokeStream stands for GET');
      },
    },
  },
  {
    name: 'health-says-draining',
    clause: 'HEALTH-5',
    about: 'The runtime reports the status draining while it stops',
    hooks: {
      health: (state) => {
        const status: string = state.status === 'ok' ? 'ok' : 'draining';
        return { ...defaultHooks.health(state), status } as typeof state;
      },
    },
    process: (serve) => serve(),
  },
]);
