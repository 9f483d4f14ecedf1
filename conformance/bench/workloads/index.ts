import type { RuntimeRequest } from '../../../client/messages.ts';
import { expectText } from './answer-check.ts';
import { type Operation, requestOperation } from './call.ts';
import { cancelOperation } from './cancel.ts';
import { FanOut } from './live.ts';
import { inTurns } from './mixed.ts';
import { requestOf, toolCall } from './requests.ts';
import { sessionOperation, type User } from './session.ts';
import { streamOperation } from './stream.ts';
import type { Workload, WorkloadOptions } from './workload.ts';

type Make = (user: User, options: WorkloadOptions) => Operation;

/** Makes a workload in which each user repeats an operation of its own. */
function each(
  name: string,
  make: Make,
  facts: Pick<Workload, 'about'> & Partial<Pick<Workload, 'tools' | 'capabilities'>>,
): Workload {
  return {
    name,
    tools: [],
    capabilities: [],
    ...facts,
    ready: async (users, options) => ({
      operations: users.map((user) => make(user, options)),
      close: () => undefined,
    }),
  };
}

function echo(kibibytes: number): Make {
  return (user) => {
    const requestWith = (text: string): RuntimeRequest =>
      toolCall('conformance_echo', { text }, user.sessionId);
    const { body = '' } = requestWith('');
    const text = 'x'.repeat(Math.round(kibibytes * 1_024) - body.length);
    return requestOperation(user, requestWith(text), expectText(text));
  };
}

function echoWorkload(kibibytes: number): Workload {
  return each(`echo-${kibibytes}k`, echo(kibibytes), {
    about: `tools/call that returns its text; the message has ${kibibytes} KiB`,
    tools: ['conformance_echo'],
  });
}

const list: Make = (user) =>
  requestOperation(user, requestOf('tools/list', {}, user.sessionId), (result) =>
    Array.isArray(Object(result).tools) ? undefined : 'the result has no list of tools',
  );

const stream: Make = (user, { events }) => streamOperation(user, events);

/** Shares of the operations in the mixed workload, in turns of 20. */
const mixed: Make = (user, options) =>
  inTurns([
    [13, echo(0.2)(user, options)],
    [3, echo(4)(user, options)],
    [2, list(user, options)],
    [1, stream(user, options)],
    [1, sessionOperation(user)],
  ]);

const mixedFacts = {
  tools: ['conformance_echo', 'conformance_events'],
  capabilities: ['stream-post'],
};

const live: Workload = {
  name: 'live',
  about: 'changes a resource, until the live stream of each user reports it',
  tools: ['conformance_touch'],
  capabilities: ['stream-head'],
  ready: async (users, { key, deadlineMs }) => {
    const fanOut = await FanOut.open(users, { uri: `test://template/${key}/data`, deadlineMs });
    return { operations: [fanOut], close: () => fanOut.close() };
  },
};

/** All workloads, in the order of the help. */
export const workloads: readonly Workload[] = [
  echoWorkload(0.2),
  echoWorkload(4),
  echoWorkload(64),
  echoWorkload(1_024),
  each('session', sessionOperation, {
    about: 'opens and closes a session: initialize, initialized, CloseSession',
  }),
  each('list', list, { about: 'tools/list' }),
  each('stream', stream, {
    about: 'tools/call by POST with a streamed response',
    tools: ['conformance_events'],
    capabilities: ['stream-post'],
  }),
  live,
  each('cancel', cancelOperation, {
    about: 'cancels a blocking call, until the target has noticed',
    tools: ['conformance_wait', 'conformance_state'],
  }),
  each('mixed', mixed, {
    about: '65 % echo-0.2k, 15 % echo-4k, 10 % list, 5 % stream, 5 % session',
    ...mixedFacts,
  }),
  each('soak', mixed, {
    about: 'the mixed workload, for long runs that observe memory',
    ...mixedFacts,
  }),
];

/** The workloads of a run without `--workload`. */
export const defaultWorkloads: readonly string[] = ['echo-0.2k', 'echo-64k', 'session', 'list', 'stream'];

/** Returns a workload by its name. */
export function findWorkload(name: string): Workload | undefined {
  return workloads.find((workload) => workload.name === name);
}
