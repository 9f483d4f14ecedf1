import type { CaseHead } from '../case/case.ts';

/** The cases that have not begun. Cases that start processes wait in a separate queue. */
export class CaseQueue<Case extends CaseHead> {
  readonly #launching: Case[];
  readonly #others: Case[];

  /** @param cases in the order in which to begin them */
  constructor(cases: readonly Case[]) {
    this.#launching = cases.filter(launches);
    this.#others = cases.filter((testCase) => !launches(testCase));
  }

  get isEmpty(): boolean {
    return this.#launching.length === 0 && this.#others.length === 0;
  }

  /**
   * Takes the next case that may begin. Returns undefined if no case may begin yet.
   * @param launchingFirst whether to prefer cases that start processes
   */
  take(mayBegin: (testCase: Case) => boolean, launchingFirst: boolean): Case | undefined {
    const queues = [this.#launching, this.#others];
    for (const queue of launchingFirst ? queues : queues.reverse()) {
      const index = queue.findIndex(mayBegin);
      if (index >= 0) return queue.splice(index, 1)[0];
    }
    return undefined;
  }
}

/** Returns whether a case starts processes. Such cases take longer than all others. */
export function launches({ needs }: CaseHead): boolean {
  return needs.runner?.includes('launch') ?? false;
}
