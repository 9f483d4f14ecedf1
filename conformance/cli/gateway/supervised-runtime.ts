import { setTimeout as pause } from 'node:timers/promises';
import { unlessAborted } from '../../../base/deadline.ts';
import { errorMessage } from '../../../base/error-message.ts';
import { describeExit } from '../../../runners/diagnosis.ts';
import type { Address, Instance, LaunchOptions, Runner, SocketPlace } from '../../../runners/runner.ts';
import { awaitReady } from '../../drivers/runtime/ready.ts';

const firstPauseMs = 100;
const maxPauseMs = 5000;

/** How a runtime is kept running. */
export interface SupervisionOptions {
  readonly runner: Runner;
  /** Variables for the runtime, once its place is known. */
  readonly environment?: (place: SocketPlace) => LaunchOptions['environment'];
  readonly readyTimeoutMs: number;
  readonly signal: AbortSignal;
  /** Takes a message, without line end, for people. */
  readonly warn: (message: string) => void;
}

/**
 * A runtime that is started again, at the same place, whenever it ends. Disposing of it ends it for good; what the
 * runner made is the runner's to remove.
 */
export class SupervisedRuntime implements AsyncDisposable {
  readonly address: Address;
  readonly place: SocketPlace;
  readonly #options: SupervisionOptions;
  readonly #over = new AbortController();
  readonly #watching: Promise<void>;
  #instance: Instance;

  private constructor(options: SupervisionOptions, place: SocketPlace, instance: Instance) {
    this.#options = options;
    this.place = place;
    this.address = instance.address;
    this.#instance = instance;
    this.#watching = this.#watch();
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
    this.#over.abort();
    await this.#watching;
    await this.#instance[Symbol.asyncDispose]();
  }

  async #watch(): Promise<void> {
    const { signal } = this.#over;
    let pauseMs = firstPauseMs;
    while (!signal.aborted) {
      const startedAt = Date.now();
      const exit = await unlessAborted(this.#instance.exit, signal).catch(() => undefined);
      if (exit === undefined) return;
      this.#options.warn(`the runtime ${describeExit(exit)}; starting it again`);
      pauseMs = Date.now() - startedAt > maxPauseMs ? firstPauseMs : Math.min(pauseMs * 2, maxPauseMs);
      await this.#startAgain(pauseMs);
    }
  }

  async #startAgain(pauseMs: number): Promise<void> {
    const { signal } = this.#over;
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
