import type { Instance, InstanceExit, Runner } from '../../../runners/runner.ts';
import { TargetError } from '../../engine/options.ts';
import type { HealthFacts } from './ready.ts';

/** A target that dies more often than this is given up. */
const maxRestarts = 3;
/** How long a target may take to say that it is there. */
const probeMs = 3_000;

export interface SharedTargetOptions {
  readonly runner: Runner;
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** The instance that most cases share. Started again when it dies under them, a few times. */
export class SharedTarget implements AsyncDisposable {
  readonly #options: SharedTargetOptions;
  #current: Instance | undefined;
  #launching: Promise<Instance> | undefined;
  #starting: Promise<Instance> | undefined;
  #exit: InstanceExit | undefined;
  #restarts = -1;
  #health: HealthFacts | undefined;
  #failure: TargetError | undefined;
  readonly #silent = new WeakSet<Instance>();
  #hadToEnd = false;
  #probing: Promise<void> | undefined;

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

  /**
   * The instance that is starting or running, ready or not.
   * @throws TargetError, RunnerError where there is none and none can be started
   */
  async launched(): Promise<Instance> {
    return (await this.#launching) ?? this.acquire();
  }

  /**
   * Asks the instance whether it is still there, where that is the running one, and ends it where it is not: the next
   * `acquire` starts another.
   */
  async endIfSilent(instance: Instance): Promise<void> {
    if (this.#current !== instance || this.#exit !== undefined) return;
    this.#probing ??= this.#probe(instance).finally(() => {
      this.#probing = undefined;
    });
    await this.#probing;
  }

  /** How an instance ended, in words. */
  describeExit(instance: Instance, { code, signal }: InstanceExit): string {
    if (this.#silent.has(instance)) return 'the target did not answer HealthCheck any more and was ended';
    return `the target ended (${signal === null ? `exit code ${code}` : `signal ${signal}`})`;
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

  async #probe(instance: Instance): Promise<void> {
    const { runner, signal } = this.#options;
    const { askHealth } = await import('./ready.ts');
    const health = await askHealth(instance, { timeoutMs: probeMs, signal });
    if (health.kind === 'ready' || this.#current !== instance || signal.aborted) return;
    if (!runner.controls.has('launch')) {
      this.#failure = new TargetError('silent', `the target is ready no more: ${health.reason}`, {
        advice: 'see what it is busy with, and start it again',
        logs: instance.logs.last(20),
      });
      return;
    }
    this.#silent.add(instance);
    this.#hadToEnd = true;
    await instance[Symbol.asyncDispose]();
  }

  async #start(): Promise<Instance> {
    const { runner, readyTimeoutMs, signal } = this.#options;
    if (this.#restarts >= maxRestarts) {
      this.#failure = new TargetError(
        'keeps-ending',
        `the target ended${this.#hadToEnd ? ', or had to be ended,' : ''} ${this.#restarts + 1} times during the run`,
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
    this.#launching = runner.launch({ signal });
    const instance = await this.#launching;
    this.#current = instance;
    void instance.exit.then((exit) => {
      if (this.#current === instance) this.#exit = exit;
    });
    // Loaded while the target starts.
    const { awaitReady } = await import('./ready.ts');
    const health = await awaitReady(instance, { timeoutMs: readyTimeoutMs, signal });
    this.#health ??= health;
    return instance;
  }
}
