import { inheritedEnvironment } from '../environment/inherited.ts';
import {
  type EnvironmentChanges,
  mergeEnvironment,
  socketEnvironment,
  variablesOf,
} from '../environment/socket-environment.ts';
import { ResourceScope } from '../resource-scope.ts';
import {
  type Instance,
  type LaunchOptions,
  type Runner,
  RunnerError,
  type SocketPlace,
  type Transport,
} from '../runner.ts';
import { makeFolderPlace } from '../socket-place.ts';
import { type ProcessOptions, startProcess } from './instance.ts';

export interface ProcessRunnerOptions extends Pick<ProcessOptions, 'file' | 'args' | 'graceMilliseconds'> {
  readonly label: string;
  readonly kind: string;
  /** Variables in addition to the inherited ones. null removes a variable. */
  readonly environment?: EnvironmentChanges;
  /** Names of variables of this process that the target inherits in addition to the default ones (`inherited.ts`). */
  readonly inherit?: readonly string[];
  /** The variable for the socket path. It replaces the variables of the contract. */
  readonly socketVariable?: string;
  /** The protocol that the target must serve. Default: gRPC. */
  readonly transport?: Transport;
}

/** Starts targets as child processes. Does not check anything before the first launch. */
export class ProcessRunner implements Runner {
  readonly label: string;
  readonly kind: string;
  readonly sessionsOutliveRun = false;
  readonly controls = new Set(['launch', 'signal', 'environment', 'socketFile'] as const);
  readonly #options: ProcessRunnerOptions;
  readonly #scope = new ResourceScope();

  constructor(options: ProcessRunnerOptions) {
    this.label = options.label;
    this.kind = options.kind;
    this.#options = options;
  }

  async launch(options: LaunchOptions): Promise<Instance> {
    options.signal.throwIfAborted();
    const place = options.place ?? (await this.makePlace());
    const { hostPath } = place;
    if (hostPath === undefined) {
      throw new RunnerError(
        'unsupported',
        'The place is not on this machine.',
        'Call makePlace on this runner.',
      );
    }
    try {
      const instance = await startProcess({
        ...this.#options,
        environment: mergeEnvironment(
          inheritedEnvironment(process.env, this.#options.inherit),
          this.#options.environment,
          socketEnvironment(hostPath, this.#options),
          options.environment,
        ),
        place: place as SocketPlace & { readonly hostPath: string },
        ownsPlace: options.place === undefined,
        variables: variablesOf(this.#options),
      });
      return this.#scope.own(instance);
    } catch (error) {
      if (options.place === undefined) await place[Symbol.asyncDispose]();
      throw error;
    }
  }

  async makePlace(): Promise<SocketPlace> {
    return this.#scope.own(await makeFolderPlace());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#scope[Symbol.asyncDispose]();
  }
}
