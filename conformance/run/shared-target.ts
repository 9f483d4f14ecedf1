import type { Instance, InstanceExit, Runner } from '../../runners/runner.ts';
import { TargetError } from './options.ts';
import { awaitReady, type HealthFacts } from './ready.ts';

/** A target that dies more often than this is given up. */
const mostRestarts = 3;

export interface SharedTargetOptions {
  readonly runner: Runner;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** The instance that most cases share. Started again when it dies under them, a few times. */
export class SharedTarget implements AsyncDisposable {
  readonly #options: SharedTargetOptions;
  #current: Instance | undefined;
  #starting: Promise<Instance> | undefined;
  #exit: InstanceExit | undefined;
  #restarts = -1;
  #health: HealthFacts | undefined;
  #failure: TargetError | undefined;

  constructor(options: SharedTargetOptions) {
    this.#options = options;
  }

  /** What the target said when it first was ready. */
  get health(): HealthFacts | undefined {
    return this.#health;
  }

  /** The running, ready instance. @throws TargetError, RunnerError where there is none and none can be started */
  async acquire(): Promise<Instance> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#current !== undefined && this.#exit === undefined) return this.#current;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** Stops the instance; the next `acquire` starts another, without counting as a restart. */
  async release(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.release();
  }

  async #start(): Promise<Instance> {
    const { runner, readyTimeoutMs, signal } = this.#options;
    if (this.#restarts >= mostRestarts) {
      this.#failure = new TargetError(
        'keeps-ending',
        `the target ended ${this.#restarts + 1} times during the run`,
        {
          advice: 'run the failed cases one by one with --case to find the one it does not survive',
          logs: this.#current?.logs.last(20) ?? [],
        },
      );
      throw this.#failure;
    }
    this.#restarts += 1;
    await this.release();
    this.#exit = undefined;
    const instance = await runner.launch({ signal });
    this.#current = instance;
    void instance.exit.then((exit) => {
      if (this.#current === instance) this.#exit = exit;
    });
    const health = await awaitReady(instance, { timeoutMs: readyTimeoutMs, signal });
    this.#health ??= health;
    return instance;
  }
}
