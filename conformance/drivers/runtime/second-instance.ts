import { errorMessage } from '../../../base/error-message.ts';
import { RunnerError } from '../../../runners/runner.ts';
import type { Coverage } from '../../case/case.ts';
import { StepFailure } from '../../engine/failure.ts';
import { TargetError } from '../../engine/options.ts';
import { awaitReady } from './ready.ts';
import type { SharedTargetOptions } from './shared-target.ts';

/** The case that checks the start of an instance. */
const coverage: Coverage = { case: 'lifecycle/serves', clause: 'LIFE-3' };

/**
 * The proof that a second instance can start beside the one under test. Without it, an instance that had to end with an
 * error may have ended for another reason, such as a TCP port in use.
 */
export class SecondInstance {
  readonly #options: SharedTargetOptions;
  #proof: Promise<void> | undefined;

  constructor(options: SharedTargetOptions) {
    this.#options = options;
  }

  /** Called when a further instance was ready: that is the proof. */
  noteReady(): void {
    this.#proof = Promise.resolve();
  }

  /** Starts a second instance, once a run. @throws StepFailure, which blocks the case, if it does not become ready */
  async ensure(): Promise<void> {
    this.#proof ??= this.#start();
    try {
      await this.#proof;
    } catch (error) {
      if (!(error instanceof TargetError || error instanceof RunnerError)) throw error;
      const reason = errorMessage(error);
      const summary = `no second instance can start beside the first, so its exit would prove nothing: ${reason}`;
      throw new StepFailure(summary, { blockedBy: coverage, logs: 'logs' in error ? error.logs : undefined });
    }
  }

  async #start(): Promise<void> {
    const { runner, readyTimeoutMs, signal } = this.#options;
    await using instance = await runner.launch({ signal });
    await awaitReady(instance, { timeoutMs: readyTimeoutMs, signal });
  }
}
