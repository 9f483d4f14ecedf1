import type { Step } from '../../case/case.ts';
import type { NotExpressibleError } from '../../wire/runtime-call.ts';

/** Verbs that make one call. Other steps can run without the call, unless they use its answer. */
const callVerbs: ReadonlySet<string> = new Set(['invoke', 'closeSession', 'openStream']);

/** The steps of a case that the protocol of the socket cannot carry. The other steps can still be checked. */
export class UnsentSteps {
  readonly #steps = new Set<Step>();
  readonly #items = new Set<string>();
  /** The names of streams and calls that were not started. */
  readonly #names = new Set<unknown>();
  #reason: NotExpressibleError | undefined;

  /** Leaves out a step. @returns false if other steps depend on it, so that the whole case is left out */
  add(step: Step, reason: NotExpressibleError): boolean {
    const { verb, item, argument } = step;
    const isCall = callVerbs.has(verb) && !(JSON.stringify(argument) ?? '').includes('"$save"');
    if (item === undefined && !isCall) return false;
    this.#reason ??= reason;
    this.#steps.add(step);
    if (item !== undefined) this.#items.add(item);
    const { as } = Object(argument);
    if (as !== undefined) this.#names.add(as);
    return true;
  }

  /** Returns whether a step cannot run, because an earlier one was left out. */
  concern(step: Step): boolean {
    const { item, argument } = step;
    const { stream, call } = Object(argument);
    const isConcerned =
      (item !== undefined && this.#items.has(item)) || this.#names.has(stream ?? call ?? '');
    if (isConcerned) this.#steps.add(step);
    return isConcerned;
  }

  /** Returns the reason that a case proves nothing, because no step remains that checks the same clauses. */
  reasonNotToCount(steps: readonly Step[]): NotExpressibleError | undefined {
    const isUnsent = (step: Step) => this.#steps.has(step);
    const unsent = new Set(steps.filter(isUnsent).flatMap(({ clauses = [''] }) => clauses));
    const compares = ({ verb, argument, item }: Step) =>
      item !== undefined || (callVerbs.has(verb) && Object(argument).expect !== undefined);
    const checks = (step: Step) =>
      compares(step) && !step.setup && (step.clauses ?? ['']).some((clause) => unsent.has(clause));
    const remain = steps.some((step) => !step.leftOut && !isUnsent(step) && checks(step));
    return remain ? undefined : this.#reason;
  }
}
