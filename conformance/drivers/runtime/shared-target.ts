import { setMaxListeners } from 'node:events';
import type { Instance, InstanceExit, Runner, Transport } from '../../../runners/runner.ts';
import type { RunningTarget } from '../../engine/driver.ts';
import { TargetError } from '../../engine/options.ts';
import type { HealthFacts } from './ready.ts';

/** Maximum number of restarts of a target that keeps exiting. */
const maxRestarts = 3;
/** Time limit for a target to answer a probe, in milliseconds. */
const probeMs = 3_000;
const shownLogLines = 20;

/** Options for starting the target that cases share. */
export interface SharedTargetOptions {
  readonly runner: Runner;
  /** The protocol of the target's socket. Default: gRPC. */
  readonly transport?: Transport;
  /** Time limit from launch to the first "ok", in milliseconds. */
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
}

/** An instance of the runtime that cases share. */
export interface RuntimeTarget extends RunningTarget {
  readonly instance: Instance;
  readonly gone: AbortSignal;
}

/** The instance that most cases share. It is restarted a few times if it exits during cases. */
export class SharedTarget implements AsyncDisposable {
  /** The first health response of the ready target. */
  health: HealthFacts | undefined;
  readonly #options: SharedTargetOptions;
  #current: RuntimeTarget | undefined;
  #launching: Promise<RuntimeTarget> | undefined;
  #starting: Promise<RuntimeTarget> | undefined;
  #restarts = -1;
  #failure: TargetError | undefined;
  /** The cause of the silence of an instance, as the end of a message. */
  readonly #silent = new WeakMap<Instance, string>();
  #hadToEnd = false;
  #probing: Promise<void> | undefined;

  constructor(options: SharedTargetOptions) {
    this.#options = options;
  }

  /**
   * Returns the running, ready target.
   * @throws TargetError, RunnerError if the target is lost and cannot be restarted
   */
  async acquire(): Promise<RuntimeTarget> {
    if (this.#failure !== undefined) throw this.#failure;
    const current = this.#current;
    // While another instance is starting, the current one is not ready yet.
    if (this.#starting === undefined && current !== undefined && !current.gone.aborted) return current;
    this.#starting ??= this.#start().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /**
   * Returns the target that is starting or running, ready or not.
   * @throws TargetError, RunnerError if the target is lost and cannot be restarted
   */
  async launched(): Promise<RuntimeTarget> {
    return (await this.#launching) ?? this.acquire();
  }

  /**
   * Probes the target, if it is still the current one. Ends it if it does not respond, so that the next `acquire`
   * starts another instance.
   */
  async endIfSilent(target: RuntimeTarget): Promise<void> {
    if (this.#current !== target || target.gone.aborted) return;
    this.#probing ??= this.#probe(target).finally(() => {
      this.#probing = undefined;
    });
    await this.#probing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#starting?.catch(() => undefined);
    await this.#release();
  }

  async #release(): Promise<void> {
    const current = this.#current;
    this.#current = undefined;
    await current?.instance[Symbol.asyncDispose]();
  }

  async #probe(target: RuntimeTarget): Promise<void> {
    const { runner, signal } = this.#options;
    const { instance } = target;
    const { askHealth } = await import('./ready.ts');
    const health = await askHealth(instance, { timeoutMs: probeMs, signal });
    if (health.kind === 'ready' || this.#current !== target || signal.aborted) return;
    if (!runner.controls.has('launch')) {
      this.#failure = new TargetError('silent', `the target is no longer ready: ${health.reason}`, {
        advice: 'find out why it stopped responding, and restart it',
        logs: instance.logs.last(shownLogLines),
      });
      return;
    }
    const diagnosis = await instance.diagnose();
    this.#silent.set(instance, diagnosis === undefined ? '' : `: ${diagnosis.cause}`);
    this.#hadToEnd = true;
    await instance[Symbol.asyncDispose]();
  }

  async #start(): Promise<RuntimeTarget> {
    const { readyTimeoutMs, signal } = this.#options;
    if (this.#restarts >= maxRestarts) {
      const how = this.#hadToEnd ? ' or was stopped' : '';
      const message = `the target exited${how} ${this.#restarts + 1} times during the run`;
      this.#failure = new TargetError('keeps-ending', message, {
        advice: 'run the failed cases one by one with --case to find the one that crashes it',
        logs: this.#current?.logs?.last(shownLogLines) ?? [],
      });
      throw this.#failure;
    }
    this.#restarts += 1;
    await this.#release();
    this.#launching = this.#launch();
    const target = await this.#launching;
    this.#current = target;
    // Loaded while the target starts.
    const { awaitReady } = await import('./ready.ts');
    const health = await awaitReady(target.instance, { timeoutMs: readyTimeoutMs, signal });
    this.health ??= health;
    return target;
  }

  async #launch(): Promise<RuntimeTarget> {
    const { runner, signal } = this.#options;
    const instance = await runner.launch({ signal });
    const gone = new AbortController();
    setMaxListeners(0, gone.signal);
    void instance.exit.then((exit) => gone.abort(new Error(this.#describeExit(instance, exit))));
    const { logs, exitNoticeMs } = instance;
    return { instance, logs, gone: gone.signal, exitNoticeMs };
  }

  #describeExit(instance: Instance, { code, signal, cause }: InstanceExit): string {
    const silence = this.#silent.get(instance);
    if (silence !== undefined) return `the target no longer answered HealthCheck and was stopped${silence}`;
    const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
    return `the target exited (${cause === undefined ? how : `${how}, ${cause}`})`;
  }
}
