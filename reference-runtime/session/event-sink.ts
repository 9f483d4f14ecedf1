import type { FailureCategory } from '../failures/category.ts';

/** Where the events of a stream go: one open call. */
export interface EventSink {
  /** Bytes that were written and that the reader has not taken yet. */
  readonly pendingBytes: number;
  /** Writes text of the stream. The promise resolves when there is room for more (STREAM-11). */
  write(text: string): Promise<void>;
  /** Ends the stream in the regular way, with `done` (STREAM-3). */
  end(): void;
  /** Breaks the stream: a gRPC status other than OK and no `done` (STREAM-5). */
  fail(category: FailureCategory, message: string): void;
  /** Called once, when the reader has gone or the stream has ended. */
  onClose(listener: () => void): void;
}
