import { grpcStatusCode } from '../base/grpc-status.ts';

const cancelled = grpcStatusCode('CANCELLED');
const deadlineExceeded = grpcStatusCode('DEADLINE_EXCEEDED');

/** The longest time in milliseconds for which `CallDeadline` is used: about 270 years. */
const maxMs = 2 ** 43;

/**
 * A deadline for grpc-js, which compares deadlines with the wall clock. This deadline moves with the wall clock, so that a
 * jump of the clock neither shortens nor prolongs the call.
 */
class CallDeadline extends Date {
  readonly #endMs: number;

  constructor(milliseconds: number) {
    super(Date.now() + milliseconds);
    this.#endMs = performance.now() + milliseconds;
  }

  override getTime(): number {
    return Date.now() + this.#endMs - performance.now();
  }
}

/** Returns the deadline of a call that starts now. @param milliseconds a positive number, or Infinity for no deadline */
export function callDeadline(milliseconds: number): Date | number {
  return milliseconds <= maxMs ? new CallDeadline(milliseconds) : Date.now() + milliseconds;
}

/**
 * Returns whether a call ended because of its deadline. At the deadline, a server may also reset the stream, as grpc-go
 * does, and the caller may read that before its own timer runs.
 * @param code the status of the call
 * @param endMs the deadline as `performance.now()` counts time, or Infinity
 */
export function isEndAtDeadline(code: number, endMs: number): boolean {
  // Timers count whole milliseconds.
  const isOver = performance.now() > endMs - 1;
  return code === deadlineExceeded || (code === cancelled && isOver);
}
