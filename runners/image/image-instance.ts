import { readdir } from 'node:fs/promises';
import { withTimeLimit } from '../../base/deadline.ts';
import { describeExit, describeOutput, diagnoseSocket, userName } from '../diagnosis.ts';
import {
  type Address,
  type Instance,
  type InstanceExit,
  type LogReader,
  type RunnerDiagnosis,
  RunnerError,
  type SocketPlace,
  type Transport,
} from '../runner.ts';
import type { FolderPlace } from '../socket-place.ts';
import { inspectSocket, type SocketState, stateAfter } from '../socket-state.ts';
import type { RunningContainer } from './container.ts';
import { type Docker, dockerMessage } from './docker.ts';
import type { RelayPlace } from './relay.ts';

/** The place of the target's socket: a bind-mounted folder, or a volume behind a relay. */
export type ImagePlace =
  | { readonly kind: 'bind'; readonly place: FolderPlace }
  | { readonly kind: 'relay'; readonly place: RelayPlace };

export interface ImageInstanceOptions {
  readonly docker: Docker;
  readonly container: RunningContainer;
  readonly where: ImagePlace;
  readonly ownsPlace: boolean;
  /** The socket path in the container. */
  readonly socketPath: string;
  /** The variables that pass the path to the target. */
  readonly variables: readonly string[];
  /** The protocol of the socket. Default: gRPC. */
  readonly transport?: Transport;
}

const statsMilliseconds = 5_000;

/** A target in a container. */
export class ImageInstance implements Instance {
  readonly address: Address;
  readonly place: SocketPlace;
  readonly logs: LogReader;
  readonly exit: Promise<InstanceExit>;
  /** Docker reports an exit only after it has cleaned up. */
  readonly exitNoticeMs = 500;
  readonly #options: ImageInstanceOptions;

  constructor(options: ImageInstanceOptions) {
    const { where, container, transport } = options;
    this.#options = options;
    const address: Address =
      where.kind === 'bind' ? { kind: 'unix', path: where.place.hostPath } : where.place.address;
    this.address = { ...address, transport };
    this.place = where.place;
    this.logs = container.logs;
    this.exit = container.exit;
  }

  async mainProcess(): Promise<number | undefined> {
    const { container, docker } = this.#options;
    // The processes of a daemon on another machine have ids of that machine.
    if (!docker.sharesFiles) return undefined;
    const { State } = await docker.client.container.inspect(container.api);
    return State.Pid > 0 ? State.Pid : undefined;
  }

  async signal(name: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    try {
      await this.#options.container.api.kill({ signal: name });
    } catch (error) {
      const ended = this.#options.container.ended();
      const why =
        ended === undefined ? `: ${dockerMessage(error)}` : `, which ${describeExit(ended)} earlier`;
      throw new RunnerError(
        'signal-failed',
        `${name} could not be sent to the container${why}.`,
        describeOutput(this.logs),
      );
    }
  }

  async diagnose(): Promise<RunnerDiagnosis | undefined> {
    const { container, docker } = this.#options;
    const state = await docker.client.container.inspect(container.api).then(
      (inspection) => inspection.State,
      () => undefined,
    );
    const ended = container.ended();
    if (state?.OOMKilled === true && state.Running !== true) {
      return {
        cause: `the container was killed (${ended?.cause ?? 'out of memory'})`,
        advice: 'Find the memory leak in the runtime, or raise the limit with --memory.',
      };
    }
    if (ended !== undefined || state?.Running === false) {
      const how = ended === undefined ? `ended with exit code ${state?.ExitCode}` : describeExit(ended);
      return {
        cause: `the container ${how}. ${describeOutput(this.logs)}`,
        advice:
          ended?.signal == null
            ? 'Read its log, and pass missing input with --env, --env-file, --mount or arguments after --.'
            : 'Find the sender of that signal. The kit sends signals only in life-cycle cases.',
      };
    }
    return (await this.#diagnoseProcesses()) ?? this.#diagnoseSocket();
  }

  /** Finds out whether the container has as many processes and threads as it may have. */
  async #diagnoseProcesses(): Promise<RunnerDiagnosis | undefined> {
    const { api } = this.#options.container;
    const stats = await withTimeLimit(
      api.stats({ stream: false, 'one-shot': true }).catch(() => undefined),
      statsMilliseconds,
    );
    const { current = 0, limit } = stats?.pids_stats ?? {};
    if (limit === undefined || limit === 0 || current < limit - marginOf(limit)) return undefined;
    return {
      cause: `the container reached its limit of ${limit} processes and threads`,
      advice: 'Find out why the runtime starts so many, or raise the limit with --pids-limit.',
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await this.#options.container[Symbol.asyncDispose]();
    } finally {
      if (this.#options.ownsPlace) await this.place[Symbol.asyncDispose]();
    }
  }

  async #diagnoseSocket(): Promise<RunnerDiagnosis | undefined> {
    const { where, socketPath, variables } = this.#options;
    const state =
      where.kind === 'bind' ? await inspectSocket(where.place.hostPath) : relayedState(where.place);
    if (state === undefined) return undefined;
    const diagnosis = diagnoseSocket({
      state,
      path: `${socketPath} (in the container)`,
      subject: 'the container',
      variables,
      permissionAdvice: `Run the container as the calling user: omit --user, or use --user ${userName()}.`,
    });
    const others =
      where.kind === 'bind' && state.kind === 'absent'
        ? await readdir(where.place.folder).catch(() => [])
        : [];
    return diagnosis === undefined || others.length === 0
      ? diagnosis
      : { ...diagnosis, cause: `${diagnosis.cause}; the folder contains ${others.join(', ')}` };
  }
}

function relayedState(place: RelayPlace): SocketState | undefined {
  const fact = place.lastFact();
  if (fact?.kind !== 'failed') return undefined;
  const { code, mode, uid, gid } = fact;
  return code === 'ECONNREFUSED' && fact.socket === false
    ? { kind: 'not-a-socket', what: 'a file that is not a socket' }
    : stateAfter(code, code, { mode, uid, gid });
}

/**
 * Number of free processes and threads at which a container counts as full. A process that needs several threads fails
 * before the exact limit is reached.
 */
function marginOf(limit: number): number {
  return Math.min(16, Math.floor(limit / 4));
}
