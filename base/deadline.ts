/** A time limit passed. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
  readonly code = 'deadline';
}

/**
 * Waits for `work`, but not longer than `milliseconds`. After that, the work continues in the background.
 * @param what the name of the work for the DeadlineError message, or a function that creates a different error
 * @throws DeadlineError after the time limit, or the error with which `work` rejects
 */
export async function withDeadline<T>(
  work: Promise<T>,
  milliseconds: number,
  what: string | (() => Error),
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const error = () =>
      typeof what === 'string'
        ? new DeadlineError(`${what} took more than ${milliseconds / 1000} s`)
        : what();
    timer = setTimeout(() => reject(error()), milliseconds);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/**
 * Waits for `work`, but not longer than `milliseconds`. After that, it resolves to undefined, and the work continues in
 * the background.
 * @throws the error with which `work` rejects within the time limit
 */
export async function withTimeLimit<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, milliseconds, undefined);
  });
  return Promise.race([work, limit]).finally(() => clearTimeout(timer));
}

/** Waits for `work` until `signal` aborts. The work continues in the background. @throws the signal's reason */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', stop));
}
