import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';

let checks = 0;
let lastSeen = '';

/** Faults in health checks. */
export const healthFaults = runtimeFaults([
  {
    name: 'health-status-up',
    clause: 'HEALTH-1',
    about: 'The runtime reports health "up" instead of "ok"',
    hooks: { health: (state) => Object.assign({}, state, { status: 'up' }) },
  },
  {
    name: 'health-every-other-time',
    clause: 'HEALTH-1',
    about: 'The runtime fails every other health check',
    hooks: {
      health(state) {
        checks += 1;
        return checks % 2 === 0 ? Object.assign({}, state, { status: 'busy' }) : state;
      },
    },
  },
  {
    name: 'mode-production',
    clause: 'HEALTH-2',
    about: 'The runtime reports an undefined mode',
    hooks: { health: (state) => ({ ...state, mode: 'production' }) },
  },
  {
    name: 'mode-in-capitals',
    clause: 'HEALTH-2',
    about: 'The runtime reports its mode in upper case',
    hooks: { health: (state) => ({ ...state, mode: state.mode.toUpperCase() }) },
  },
  {
    name: 'version-of-nothing',
    clause: 'HEALTH-3',
    about: 'The runtime reports an empty version',
    hooks: { health: (state) => ({ ...state, version: '' }) },
  },
  {
    name: 'capability-without-a-name',
    clause: 'HEALTH-4',
    about: 'The runtime declares a capability with an empty name',
    hooks: { health: (state) => ({ ...state, capabilities: [...state.capabilities, ''] }) },
  },
  {
    name: 'capability-twice',
    clause: 'HEALTH-4',
    about: 'The runtime declares a capability twice',
    hooks: { health: (state) => ({ ...state, capabilities: [...state.capabilities, 'resume'] }) },
  },
  {
    name: 'health-ok-while-stopping',
    clause: 'HEALTH-5',
    about: 'The runtime reports health "ok" while it stops',
    hooks: { health: (state) => ({ ...state, status: 'ok' }) },
  },
  {
    name: 'health-names-the-last-caller',
    clause: 'HEALTH-6',
    about: 'The runtime reveals the last caller in its health answer',
    hooks: {
      callerOf(claims) {
        const caller = defaultHooks.callerOf(claims);
        if (caller.kind === 'known') lastSeen = caller.email;
        return caller;
      },
      health: (state) => ({ ...state, version: `${state.version} (${lastSeen})` }),
    },
  },
  {
    name: 'health-names-the-last-session',
    clause: 'HEALTH-6',
    about: 'The runtime reveals the last session id in its health answer',
    hooks: {
      newSessionId() {
        lastSeen = defaultHooks.newSessionId();
        return lastSeen;
      },
      health: (state) => ({ ...state, version: `${state.version} ${lastSeen}` }),
    },
  },
]);
