import { resolve } from 'node:path';
import { diagnoseSocket } from '../diagnosis.ts';
import { variablesOf } from '../environment/socket-environment.ts';
import { LogBuffer } from '../log-buffer.ts';
import {
  type Instance,
  type LaunchOptions,
  type Runner,
  type RunnerDiagnosis,
  RunnerError,
  type Transport,
} from '../runner.ts';
import { checkSocketPathLength } from '../socket-place.ts';
import { inspectSocket, type SocketState } from '../socket-state.ts';

export interface SocketRunnerOptions {
  /** The socket on which the target already listens. */
  readonly path: string;
  /** The protocol on that socket. Default: gRPC. */
  readonly transport?: Transport;
}

/**
 * Creates a runner for a target that the kit did not start. It supports no process control, so cases that start or end
 * a target are skipped.
 * @throws RunnerError `path-too-long`
 */
export function createSocketRunner(options: SocketRunnerOptions): Runner {
  const path = resolve(options.path);
  checkSocketPathLength(
    path,
    'Create the socket in a folder with a shorter path, or use a shorter symbolic link.',
  );
  return {
    label: `socket ${options.path}`,
    kind: 'socket',
    controls: new Set(),
    sessionsOutliveRun: true,
    launch: (launchOptions) => reach({ path, transport: options.transport }, launchOptions),
    makePlace: async () => {
      throw unsupported('create another socket for it');
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function reach(socket: SocketRunnerOptions, options: LaunchOptions): Promise<Instance> {
  const { path } = socket;
  options.signal.throwIfAborted();
  if (options.place !== undefined || options.environment !== undefined) throw unsupported('restart it');
  const state = await inspectSocket(path);
  options.signal.throwIfAborted();
  switch (state.kind) {
    case 'absent':
      throw new RunnerError(
        'no-socket',
        `There is no socket at ${path}.`,
        `Start the target first with that path in ${variablesOf(socket)[0]}, or use --command or --image.`,
      );
    case 'not-a-socket':
      throw new RunnerError('no-socket', `${path} is ${state.what}.`, 'Pass the socket of a running target.');
    case 'refused':
      throw new RunnerError(
        'no-socket',
        `There is a socket file at ${path}, but no process is listening on it.`,
        'Restart the target: the file is left over from an earlier process.',
      );
    case 'denied': {
      const diagnosis = diagnose(socket, state);
      throw new RunnerError('permission', `${sentence(diagnosis?.cause)}.`, diagnosis?.advice ?? '');
    }
    default:
      // The engine waits for a target that is slow to accept.
      return instance(socket);
  }
}

function instance(socket: SocketRunnerOptions): Instance {
  return {
    address: { kind: 'unix', ...socket },
    place: undefined,
    logs: new LogBuffer(),
    exit: new Promise(() => {}),
    mainProcess: async () => undefined,
    signal: async (name) => {
      throw unsupported(`send it ${name}`);
    },
    diagnose: async () => diagnose(socket, await inspectSocket(socket.path)),
    [Symbol.asyncDispose]: async () => {},
  };
}

function diagnose(socket: SocketRunnerOptions, state: SocketState): RunnerDiagnosis | undefined {
  const { path } = socket;
  if (state.kind === 'absent' || state.kind === 'refused') {
    return {
      cause:
        state.kind === 'absent'
          ? `the socket at ${path} no longer exists`
          : `no process is listening on ${path}`,
      advice: 'The target has ended. Start it again and read its log.',
    };
  }
  return diagnoseSocket({
    state,
    path,
    subject: 'the target',
    variables: variablesOf(socket).slice(0, 1),
    permissionAdvice: 'Run the kit as the user that owns the socket (LIFE-7 requires mode 0600).',
  });
}

function unsupported(what: string): RunnerError {
  return new RunnerError(
    'unsupported',
    `The kit did not start the target, so it cannot ${what}.`,
    'Use --command or --image, so that the kit starts the target.',
  );
}

function sentence(text = ''): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
