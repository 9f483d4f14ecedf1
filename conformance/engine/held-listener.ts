import type { CaseHead } from '../case/case.ts';
import type { CaseResult, RunListener } from './result.ts';

type Start = Parameters<NonNullable<RunListener['onStart']>>[0];

/** Tells another listener of cases that began before all was known of the target only after the start of the run. */
export class HeldListener implements RunListener {
  readonly #listener: RunListener;
  #held: (() => void)[] | undefined = [];

  constructor(listener: RunListener) {
    this.#listener = listener;
  }

  /** Tells of the start, then of all that was held back. */
  start(event: Start): void {
    this.#listener.onStart?.(event);
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const tell of held) tell();
  }

  onCaseStart(head: CaseHead): void {
    this.#tell(() => this.#listener.onCaseStart?.(head));
  }

  onCaseEnd(result: CaseResult): void {
    this.#tell(() => this.#listener.onCaseEnd?.(result));
  }

  #tell(tell: () => void): void {
    if (this.#held === undefined) tell();
    else this.#held.push(tell);
  }
}
