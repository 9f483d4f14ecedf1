import {
  type EnvironmentChanges,
  mergeEnvironment,
  socketEnvironment,
  socketVariables,
} from '../environment/socket-environment.ts';
import { ResourceScope } from '../resource-scope.ts';
import { type Instance, type LaunchOptions, type Runner, RunnerError, type SocketPlace } from '../runner.ts';
import { makeFolderPlace } from '../socket-place.ts';
import { startProcess } from './instance.ts';

export interface ProcessRunnerOptions {
  readonly label: string;
  readonly kind: string;
  readonly file: string;
  readonly args: readonly string[];
  /** On top of this process's own variables. */
  readonly environment?: EnvironmentChanges;
  readonly socketVariable?: string;
  readonly graceMilliseconds?: number;
}

/** Starts targets as child processes. Nothing is checked before the first launch. */
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
    const { socketVariable } = this.#options;
    const place = options.place ?? (await this.makePlace());
    const { hostPath } = place;
    if (hostPath === undefined) {
      throw new RunnerError('unsupported', 'The place given is not on this machine.', 'Use makePlace.');
    }
    try {
      const instance = await startProcess({
        file: this.#options.file,
        args: this.#options.args,
        environment: mergeEnvironment(
          process.env,
          this.#options.environment,
          socketEnvironment(hostPath, socketVariable),
          options.environment,
        ),
        place: place as SocketPlace & { readonly hostPath: string },
        ownsPlace: options.place === undefined,
        variables: socketVariable === undefined ? socketVariables : [socketVariable],
        graceMilliseconds: this.#options.graceMilliseconds,
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
