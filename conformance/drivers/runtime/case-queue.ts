import type { DataCase } from '../../case/case.ts';
import { capabilitiesOf, needsSurvey } from './applicability.ts';
import { launches, longestFirst } from './case-order.ts';

/** How much is known of the target: nothing while it starts, its capabilities once it is ready, then what it serves. */
export type TargetPhase = 'starting' | 'ready' | 'surveyed';

/** Cases that have not begun. Each is given out as soon as enough is known of the target for it, the longest first. */
export class CaseQueue {
  readonly #launching: DataCase[] = [];
  readonly #others: DataCase[] = [];

  constructor(cases: readonly DataCase[]) {
    for (const testCase of longestFirst(cases))
      (launches(testCase) ? this.#launching : this.#others).push(testCase);
  }

  get isEmpty(): boolean {
    return this.#launching.length === 0 && this.#others.length === 0;
  }

  /**
   * The next case that can begin; undefined where none can, yet or at all.
   * @param launchingFirst prefer the cases that start processes
   */
  take(phase: TargetPhase, launchingFirst: boolean): DataCase | undefined {
    const order = launchingFirst ? [this.#launching, this.#others] : [this.#others, this.#launching];
    for (const queue of order) {
      const index = queue.findIndex((testCase) => canBegin(testCase, phase));
      if (index >= 0) return queue.splice(index, 1)[0];
    }
    return undefined;
  }
}

function canBegin(testCase: DataCase, phase: TargetPhase): boolean {
  switch (phase) {
    case 'starting':
      return launches(testCase) && capabilitiesOf(testCase).length === 0 && !needsSurvey(testCase);
    case 'ready':
      return !needsSurvey(testCase);
    case 'surveyed':
      return true;
  }
}
