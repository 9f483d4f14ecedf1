import { setTimeout as pause } from 'node:timers/promises';
import type { Operation } from '../workloads/call.ts';
import { type RecordedTime, Recorder, type SliceRecord } from './recorder.ts';
import { Users } from './users.ts';

/** The part of the load that one thread generates. */
export type ThreadLoad =
  | { readonly kind: 'closed' }
  /** The first operation is due at `offsetMs` after the start, the others at a fixed interval after it. */
  | { readonly kind: 'open'; readonly intervalMs: number; readonly offsetMs: number };

/** A slice of load. Times are of `performance.now()`. */
export interface SliceOptions {
  readonly operations: readonly Operation[];
  readonly load: ThreadLoad;
  /** The start of the load, at or before the measured time. */
  readonly start: number;
  readonly time: RecordedTime;
  readonly deadlineMs: number;
  /** Ends the slice early. What was measured so far counts. */
  readonly stop: AbortSignal;
  /** Called after each measured operation. */
  readonly onProgress?: (isSuccess: boolean) => void;
}

/** Milliseconds that a user waits after a failed operation, so that a broken target does not cause a busy loop. */
const failurePauseMs = 10;

/** Generates the load of a slice. Resolves when every operation has ended. */
export async function runSlice(options: SliceOptions): Promise<SliceRecord> {
  await waitUntil(options.start, options.stop);
  const before = performance.eventLoopUtilization();
  const recorder = new Recorder(options.time);
  await (options.load.kind === 'closed'
    ? closedLoop(options, recorder)
    : openLoop(options, options.load, recorder));
  const end = options.stop.aborted ? Math.min(performance.now(), recorder.until) : recorder.until;
  return recorder.finish(end, performance.eventLoopUtilization(before).utilization);
}

/** Each user starts its next operation when the last one has ended. Counts operations that end in the measured time. */
async function closedLoop(
  { operations, time, deadlineMs, stop, onProgress }: SliceOptions,
  recorder: Recorder,
): Promise<void> {
  const { until } = recorder;
  const goesOn = () => performance.now() < until && !stop.aborted;
  const next = () => {
    if (goesOn() && users.hasIdle) users.start(performance.now());
  };
  using users = new Users(operations, {
    deadlineMs,
    onEnd: ({ since, at, failure }) => {
      if (failure === undefined) {
        if (at >= time.from && at < until) {
          recorder.success(at, at - since);
          onProgress?.(true);
        }
        next();
        return;
      }
      // Failures after the end count as well. Otherwise a target that hangs would show none.
      if (at >= time.from) {
        recorder.failure(Math.min(at, lastOf(until)), failure);
        onProgress?.(false);
      }
      setTimeout(next, failurePauseMs);
    },
  });
  for (const _ of operations) next();
  await waitUntil(until, stop);
  if (stop.aborted) users.cancelAll();
  await users.drained();
}

/**
 * Operations are due at fixed times. Latency counts from the due time, also of an operation that waits for a user.
 * Operations that wait are only counted, so a backlog takes no memory. Counts operations that are due in the measured
 * time.
 */
async function openLoop(
  { operations, start, time, deadlineMs, stop, onProgress }: SliceOptions,
  { intervalMs, offsetMs }: ThreadLoad & { kind: 'open' },
  recorder: Recorder,
): Promise<void> {
  const { until } = recorder;
  const dueAt = (index: number) => start + offsetMs + index * intervalMs;
  // Without the margin, rounding of the times would add an operation.
  const dueBefore = (at: number) =>
    Math.max(0, Math.ceil((Math.min(at, until) - start - offsetMs) / intervalMs - 1e-6));
  let started = 0;
  const startDue = () => {
    if (stop.aborted) return;
    const now = performance.now();
    if (now >= until) return;
    const due = dueBefore(now);
    while (started < due && users.hasIdle) {
      started += 1;
      users.start(dueAt(started - 1));
    }
    if (now >= time.from) recorder.backlog(now, due - started);
  };
  using users = new Users(operations, {
    deadlineMs,
    onEnd: ({ since, at, failure }) => {
      if (since >= time.from) {
        const counted = Math.min(Math.max(at, time.from), lastOf(until));
        if (failure === undefined) recorder.success(counted, at - since);
        else recorder.failure(counted, failure);
        onProgress?.(failure === undefined);
      }
      if (failure === undefined) startDue();
    },
  });
  const ticks = setInterval(startDue, 1);
  try {
    startDue();
    await waitUntil(until, stop);
  } finally {
    clearInterval(ticks);
  }
  const end = stop.aborted ? Math.min(performance.now(), until) : until;
  if (stop.aborted) users.cancelAll();
  await users.drained();
  for (let index = started; index < dueBefore(end); index += 1) {
    if (dueAt(index) >= time.from) recorder.unstarted(lastOf(end), end - dueAt(index));
  }
}

/** The last instant before a time. */
function lastOf(until: number): number {
  return until - 0.001;
}

/** Resolves at a time or when the signal is aborted. */
async function waitUntil(at: number, stop: AbortSignal): Promise<void> {
  const ms = Math.max(0, at - performance.now());
  await pause(ms, undefined, { signal: stop }).catch((error: unknown) => {
    if (!stop.aborted) throw error;
  });
}
