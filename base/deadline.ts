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
  const error = () =>
    typeof what === 'string' ? new DeadlineError(`${what} took more than ${milliseconds / 1000} s`) : what();
  return settled(work, milliseconds, (_, reject) => reject(error()));
}

/**
 * Waits for `work`, but not longer than `milliseconds`. After that, it resolves to undefined, and the work continues in
 * the background.
 * @throws the error with which `work` rejects within the time limit
 */
export async function withTimeLimit<T>(work: Promise<T>, milliseconds: number): Promise<T | undefined> {
  return settled<T | undefined>(work, milliseconds, (resolve) => resolve(undefined));
}

/** Settles like `work`, or as `late` decides after the time limit. It creates fewer promises than `Promise.race`. */
function settled<T>(
  work: Promise<T>,
  milliseconds: number,
  late: (resolve: (value: T) => void, reject: (error: Error) => void) => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => late(resolve, reject), milliseconds);
    work.then(
      (value) => {
        clearTimeout(timer);
        resolve(value);
      },
      (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    );
  });
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
