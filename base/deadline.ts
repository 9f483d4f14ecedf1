/** A wait took longer than it may. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
}

/**
 * Waits for `work`, but no longer than `milliseconds`. The work itself goes on.
 * @param what names the work in the error's message, or makes an error of your own
 * @throws DeadlineError once the time has passed, and whatever the work rejects with before
 */
export async function withDeadline<T>(
  work: Promise<T>,
  milliseconds: number,
  what: string | (() => Error),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const late = () =>
      typeof what === 'string'
        ? new DeadlineError(`${what} took more than ${milliseconds / 1000} s`)
        : what();
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/**
 * Waits for `work`, or until `milliseconds` have passed: then it resolves to undefined, and the work itself goes on.
 * @throws what the work rejects with in time
 */
export async function withTimeLimit<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/** Waits for `work` until `signal` is aborted; the work itself goes on. @throws the signal's reason once it is aborted */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
