import { errorMessage } from '../../../base/error-message.ts';
import { RunnerError } from '../../../runners/runner.ts';
import { startInstance } from '../../case/step-annotations.ts';
import { StepFailure } from '../../engine/failure.ts';
import { TargetError } from '../../engine/options.ts';
import { awaitReady } from './ready.ts';
import type { SharedTargetOptions } from './shared-target.ts';

/**
 * Proves that a second instance can run concurrently with the one under test. Otherwise an instance that is expected to
 * exit with an error may exit for an unrelated reason, such as a TCP port in use.
 */
export class SecondInstance {
  readonly #options: SharedTargetOptions;
  #proof: Promise<void> | undefined;
  /** Starts of other instances under way. */
  readonly #starting = new Set<Promise<void>>();

  constructor(options: SharedTargetOptions) {
    this.#options = options;
  }

  /**
   * Watches the start of another instance, because an instance that becomes ready proves that a second one can run.
   * @param ready settles once the instance is ready or has failed
   */
  watch(ready: Promise<unknown>): void {
    const start = ready.then(
      () => {
        this.#proof ??= Promise.resolve();
      },
      () => undefined,
    );
    this.#starting.add(start);
    start.finally(() => this.#starting.delete(start));
  }

  /**
   * Waits for starts under way, or starts a second instance, once per run.
   * @throws StepFailure, which blocks the case, if it does not become ready
   */
  async ensure(): Promise<void> {
    while (this.#proof === undefined && this.#starting.size > 0) await Promise.race(this.#starting);
    this.#proof ??= this.#start();
    try {
      await this.#proof;
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
      const reason = errorMessage(error);
      const summary = `a second instance cannot start, so its exit would prove nothing: ${reason}`;
      throw new StepFailure(summary, {
        blockedBy: startInstance,
        logs: 'logs' in error ? error.logs : undefined,
      });
    }
  }

  async #start(): Promise<void> {
    const { runner, readyTimeoutMs, signal } = this.#options;
    await using instance = await runner.launch({ signal });
    await awaitReady(instance, { timeoutMs: readyTimeoutMs, signal });
  }
}
