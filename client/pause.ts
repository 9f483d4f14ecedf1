import { setTimeout as delay } from 'node:timers/promises';
import { AbortError } from './errors.ts';

/** Waits. `call` names what is waiting, for the message. @throws AbortError when the signal fires */
export async function pause(
  call: string,
  milliseconds: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal ? { signal } : {});
  } catch {
    throw new AbortError(call, signal?.reason);
  }
}
