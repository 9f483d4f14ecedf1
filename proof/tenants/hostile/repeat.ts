/** The pace of repeated work. */
export interface Pace {
  readonly everyMs: number;
  /** Turns are skipped while this many are in flight, so that a slow target bounds the memory of the tenant. */
  readonly maxInFlight: number;
  readonly signal: AbortSignal;
}

/**
 * Starts work at a fixed pace until the signal aborts. Resolves when the work in flight has ended, so the work must have a
 * time limit of its own.
 * @throws the first error of the work
 */
export async function repeat(
  work: (turn: number) => Promise<void>,
  { everyMs, maxInFlight, signal }: Pace,
): Promise<void> {
  const inFlight = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let turn = 0;
  const start = () => {
    if (inFlight.size >= maxInFlight) return;
    const done = work(turn).catch((error: unknown) => void failures.push(error));
    turn += 1;
    inFlight.add(done);
    void done.finally(() => inFlight.delete(done));
  };
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const timer = setInterval(start, everyMs);
  if (!signal.aborted) start();
  await stopped;
  clearInterval(timer);
  await Promise.all(inFlight);
  if (failures.length > 0) throw failures[0];
}
