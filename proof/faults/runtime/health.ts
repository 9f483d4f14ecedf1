import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { runtimeFaults } from '../../harness/fault.ts';

let checks = 0;
let lastSeen = '';

/** Faults of health. */
export const healthFaults = runtimeFaults([
  {
    name: 'health-status-up',
    clause: 'HEALTH-1',
    about: 'Health says "up" in place of "ok"',
    hooks: { health: (state) => Object.assign({}, state, { status: 'up' }) },
  },
  {
    name: 'health-every-other-time',
    clause: 'HEALTH-1',
    about: 'Every other health check fails',
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
    about: 'The mode is none of the four',
    hooks: { health: (state) => ({ ...state, mode: 'production' }) },
  },
  {
    name: 'mode-in-capitals',
    clause: 'HEALTH-2',
    about: 'The mode is in capitals',
    hooks: { health: (state) => ({ ...state, mode: state.mode.toUpperCase() }) },
  },
  {
    name: 'version-of-nothing',
    clause: 'HEALTH-3',
    about: 'Health names no version',
    hooks: { health: (state) => ({ ...state, version: '' }) },
  },
  {
    name: 'capability-without-a-name',
    clause: 'HEALTH-4',
    about: 'A capability has no name',
    hooks: { health: (state) => ({ ...state, capabilities: [...state.capabilities, ''] }) },
  },
  {
    name: 'capability-twice',
    clause: 'HEALTH-4',
    about: 'A capability is named twice',
    hooks: { health: (state) => ({ ...state, capabilities: [...state.capabilities, 'resume'] }) },
  },
  {
    name: 'health-ok-while-stopping',
    clause: 'HEALTH-5',
    about: 'Health is ok until the end',
    hooks: { health: (state) => ({ ...state, status: 'ok' }) },
  },
  {
    name: 'health-names-the-last-caller',
    clause: 'HEALTH-6',
    about: 'Health tells who called last',
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
    about: 'Health tells the id of the last session',
    hooks: {
      newSessionId() {
        lastSeen = defaultHooks.newSessionId();
        return lastSeen;
      },
      health: (state) => ({ ...state, version: `${state.version} ${lastSeen}` }),
    },
  },
]);
