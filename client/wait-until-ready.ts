import { setTimeout as delay } from 'node:timers/promises';
import { type Signal, toAbortSignal } from '../base/signal.ts';
import type { ResolvedClientOptions } from './client-options.ts';
import { AbortError, DeadlineError, RuntimeCallError } from './errors.ts';
import type { RuntimeHealth } from './messages.ts';
import type { CallOptions } from './runtime-client.ts';

/** Connection settings of a client, and a `HealthCheck` that fails as soon as a connection attempt fails. */
interface ReadinessProbe extends Pick<ResolvedClientOptions, 'place' | 'initialBackoffMs' | 'maxBackoffMs'> {
  check(options: CallOptions): Promise<RuntimeHealth>;
}

/**
 * Calls HealthCheck with growing pauses until the runtime answers `ok` (LIFE-3).
 * @throws DeadlineError of kind `ready` with the result of the last attempt, AbortError, ClientClosedError
 */
export async function waitUntilReady(
  probe: ReadinessProbe,
  limits: { readonly deadlineMs: number; readonly signal?: Signal | undefined },
): Promise<RuntimeHealth> {
  const end = performance.now() + limits.deadlineMs;
  let pauseMs = probe.initialBackoffMs;
  let lastResult = 'no answer';
  for (;;) {
    const remainingMs = end - performance.now();
    if (remainingMs <= 0) break;
    try {
      const health = await probe.check({ signal: limits.signal, deadlineMs: remainingMs });
      if (health.status === 'ok') return health;
      lastResult = `HealthCheck answered "${health.status}"`;
    } catch (error) {
      // Keeps the result of an earlier attempt after a DeadlineError, which says less about the cause.
      if (error instanceof RuntimeCallError) lastResult = error.message;
      else if (!(error instanceof DeadlineError)) throw error;
    }
    await pause('waitUntilReady', Math.min(pauseMs, Math.max(0, end - performance.now())), limits.signal);
    pauseMs = Math.min(pauseMs * 1.6, probe.maxBackoffMs);
  }
  const late = `was not ready within ${limits.deadlineMs} ms: ${lastResult}`;
  throw new DeadlineError('ready', `the runtime at ${probe.place} ${late}`);
}

/** Pauses. @param call the waiting call, for the message. @throws AbortError if the signal aborts */
export async function pause(call: string, milliseconds: number, signal?: Signal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: signal && toAbortSignal(signal) });
  } catch {
    throw new AbortError(call, signal?.reason);
  }
}
