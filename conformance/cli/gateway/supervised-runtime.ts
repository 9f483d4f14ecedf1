import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../../../base/deadline.ts';
import { errorMessage } from '../../../base/error-message.ts';
import { describeExit } from '../../../runners/diagnosis.ts';
import type { Address, Instance, LaunchOptions, Runner, SocketPlace } from '../../../runners/runner.ts';
import { awaitReady } from '../../drivers/runtime/ready.ts';

const firstPauseMs = 100;
const maxPauseMs = 5000;

/** Options of a supervised runtime. */
export interface SupervisionOptions {
  readonly runner: Runner;
  /** Returns variables for the runtime in its place. */
  readonly environment?: (place: SocketPlace) => LaunchOptions['environment'];
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Receives a message for people, without a line ending. */
  readonly warn: (message: string) => void;
}

/**
 * A runtime that restarts with the same place after every exit. Disposing of it ends the runtime, but not the runner,
 * which removes its own resources.
 */
export class SupervisedRuntime implements AsyncDisposable {
  readonly address: Address;
  readonly place: SocketPlace;
  readonly #options: SupervisionOptions;
  readonly #disposed = new AbortController();
  readonly #supervision: Promise<void>;
  #instance: Instance;

  private constructor(options: SupervisionOptions, place: SocketPlace, instance: Instance) {
    this.#options = options;
    this.place = place;
    this.address = instance.address;
    this.#instance = instance;
    this.#supervision = this.#supervise();
  }

  /**
   * Starts a runtime and waits until it is ready.
   * @throws RunnerError, TargetError
   */
  static async start(options: SupervisionOptions): Promise<SupervisedRuntime> {
    const { runner, environment, readyTimeoutMs: timeoutMs, signal } = options;
    const place = await runner.makePlace();
    const instance = await runner.launch({ place, signal, environment: environment?.(place) });
    await awaitReady(instance, { timeoutMs, signal });
    return new SupervisedRuntime(options, place, instance);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed.abort();
    await this.#supervision;
    await this.#instance[Symbol.asyncDispose]();
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#disposed;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const exit = await unlessAborted(this.#instance.exit, signal).catch(() => undefined);
      if (exit === undefined) return;
      this.#options.warn(`the runtime ${describeExit(exit)}; restarting it`);
      pauseMs = Date.now() - startedAt > maxPauseMs ? firstPauseMs : Math.min(pauseMs * 2, maxPauseMs);
      await this.#restart(pauseMs);
    }
  }

  async #restart(pauseMs: number): Promise<void> {
    const { signal } = this.#disposed;
    const { place } = this;
    const { runner, environment } = this.#options;
    try {
      await this.#instance[Symbol.asyncDispose]();
      await pause(pauseMs, undefined, { signal });
      this.#instance = await runner.launch({ place, signal, environment: environment?.(place) });
    } catch (error) {
      if (signal.aborted) return;
      this.#options.warn(`the runtime could not be started: ${errorMessage(error)}`);
    }
  }
}
