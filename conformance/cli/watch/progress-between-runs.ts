import type { Report } from '../../report/report.ts';
import { preventsGreen, standingOf } from '../../report/summary.ts';
import { count, firstOf } from '../../text/text.ts';

const maxIds = 8;

/** Compares each run with the outcomes of the runs before. */
export class ProgressBetweenRuns {
  /** The last outcome of each case, by its name in the comparison. Empty before the first run. */
  readonly #last = new Map<string, { readonly id: string; readonly failed: boolean }>();
  #fixed: string[] = [];
  #broken: string[] = [];
  #hasRun = false;
  /** Whether a run has been added that follows an earlier one. */
  #isComparable = false;
  #earlierRun = false;

  /** Starts a comparison with all earlier runs. */
  begin(): void {
    this.#fixed = [];
    this.#broken = [];
    this.#earlierRun = this.#hasRun;
    this.#isComparable = false;
  }

  /** @param name the name of the target, if there are several */
  add(report: Report, name?: string): void {
    if (report.kind !== 'run') return;
    this.#hasRun = true;
    this.#isComparable = this.#earlierRun;
    for (const result of report.run.results) {
      const standing = standingOf(result);
      if (standing === 'not run') continue;
      const { id } = result.case;
      const shown = name === undefined ? id : `${name}: ${id}`;
      const failed = preventsGreen(standing);
      const before = this.#last.get(shown)?.failed;
      if (before === true && !failed) this.#fixed.push(shown);
      if (before !== true && failed) this.#broken.push(shown);
      this.#last.set(shown, { id, failed });
    }
  }

  /** Returns the ids of the cases that failed in their last run, on any target. */
  failing(): ReadonlySet<string> {
    return new Set([...this.#last.values()].filter(({ failed }) => failed).map(({ id }) => id));
  }

  /** Returns the changes since the earlier runs. Empty after the first run, and if the target could not be tested. */
  lines(): readonly string[] {
    if (!this.#isComparable) return [];
    const failing = [...this.#last.values()].filter(({ failed }) => failed).length;
    const still = failing - this.#broken.length;
    return [
      'since the last run',
      ...(this.#fixed.length === 0 ? [] : [`  now passing    ${idsOf(this.#fixed)}`]),
      ...(this.#broken.length === 0 ? [] : [`  newly failing  ${idsOf(this.#broken)}`]),
      ...(still === 0 ? [] : [`  still failing  ${count(still, 'case')}`]),
      ...(failing + this.#fixed.length === 0 ? ['  no case fails'] : []),
    ];
  }
}

function idsOf(ids: readonly string[]): string {
  return `${ids.length}: ${firstOf(ids, maxIds)}`;
}
