/** A wait took longer than it may. */
export class DeadlineError extends Error {
  readonly code = 'deadline';
}

/**
 * The promise's outcome, or a failure once `milliseconds` have passed. The work behind the promise goes on.
 * @throws DeadlineError
 */
export async function withDeadline<T>(promise: Promise<T>, milliseconds: number, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(
          () => reject(new DeadlineError(`${what} took more than ${milliseconds / 1000} s`)),
          milliseconds,
        );
      }),
    ]);
  } finally {
    clearTimeout(timer);
  }
}
