import { setTimeout as delay } from 'node:timers/promises';
import type { ResolvedClientOptions } from './client-options.ts';
import { AbortError, DeadlineError, RuntimeCallError } from './errors.ts';
import type { RuntimeHealth } from './messages.ts';
import type { CallOptions } from './runtime-client.ts';

/** A client's connection settings, and one `HealthCheck` that fails as soon as an attempt to connect has failed. */
interface ReadinessProbe extends Pick<ResolvedClientOptions, 'place' | 'initialBackoffMs' | 'maxBackoffMs'> {
  check(options: CallOptions): Promise<RuntimeHealth>;
}

/**
 * Asks until the runtime answers `ok` (LIFE-3), with growing pauses.
 * @throws DeadlineError of kind `ready`, saying what the last attempt met; AbortError; ClientClosedError
 */
export async function waitUntilReady(
  probe: ReadinessProbe,
  limits: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
): Promise<RuntimeHealth> {
  const end = performance.now() + limits.deadlineMs;
  let pauseMs = probe.initialBackoffMs;
  let met = 'no answer';
  for (;;) {
    const remainingMs = end - performance.now();
    if (remainingMs <= 0) break;
    try {
      const health = await probe.check({ signal: limits.signal, deadlineMs: remainingMs });
      if (health.status === 'ok') return health;
      met = `HealthCheck answered "${health.status}"`;
    } catch (error) {
      // A DeadlineError says less than what an earlier attempt met.
      if (error instanceof RuntimeCallError) met = error.message;
      else if (!(error instanceof DeadlineError)) throw error;
    }
    await pause('waitUntilReady', Math.min(pauseMs, Math.max(0, end - performance.now())), limits.signal);
    pauseMs = Math.min(pauseMs * 1.6, probe.maxBackoffMs);
  }
  const late = `was not ready within ${limits.deadlineMs} ms: ${met}`;
  throw new DeadlineError('ready', `the runtime at ${probe.place} ${late}`);
}

/** Waits. `call` names what is waiting, for the message. @throws AbortError when the signal fires */
export async function pause(call: string, milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal });
  } catch {
    throw new AbortError(call, signal?.reason);
  }
}
