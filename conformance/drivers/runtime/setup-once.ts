import { templateNames } from '../../match/variables.ts';

/**
 * Makes equal setup calls once per run. Many cases begin with the same call, which only proves that they can begin: once
 * it passes for one case, the others need not repeat it.
 */
export class SetupOnce {
  readonly #passed = new Map<string, Promise<void>>();

  /**
   * Makes a call unless an equal one has passed. Waits for an equal one under way, and makes the call if that one fails,
   * so that each blocked case has its own failure and wire log.
   * @param argument the argument of the step; equal arguments are equal calls
   * @throws whatever the call throws
   */
  async run(argument: unknown, call: () => Promise<void>): Promise<void> {
    const key = JSON.stringify(argument);
    const earlier = this.#passed.get(key);
    if (
      earlier !== undefined &&
      (await earlier.then(
        () => true,
        () => false,
      ))
    )
      return;
    const own = call();
    this.#passed.set(key, own);
    await own;
  }
}

/** Whether a step neither uses nor saves a variable, so that it is the same call in every case. */
export function isConstant(argument: unknown): boolean {
  const text = JSON.stringify(argument);
  return templateNames(text).length === 0 && !text.includes('"$save":');
}
