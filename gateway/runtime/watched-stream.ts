import { withTimeLimit } from '../../base/deadline.ts';
import { mediaTypeOf } from '../../base/http-fields.ts';
import { DeadlineError } from '../../client/index.ts';
import type { GatewayLimits } from '../options.ts';
import { EventBoundary } from './event-boundary.ts';
import type { OpenedStream } from './runtime-connection.ts';

const comment = new TextEncoder().encode(': keep-alive\n\n');

/** Options of a watched stream. */
export interface WatchOptions {
  readonly limits: Pick<GatewayLimits, 'streamIdleMs' | 'streamCommentMs'>;
  /** Rejects if the runtime is not alive. */
  checkRuntime(): Promise<unknown>;
}

/**
 * Watches a stream whose runtime may be silent (STREAM-7). A silent stream of events sends comments to its caller
 * (GW-33). A silent stream ends only if the runtime is not alive (CLIENT-15).
 */
export function watchedStream(stream: OpenedStream, options: WatchOptions): OpenedStream {
  return {
    head: stream.head,
    cancel: () => stream.cancel(),
    [Symbol.asyncIterator]: () => watch(stream, options),
  };
}

async function* watch(
  stream: OpenedStream,
  { limits, checkRuntime }: WatchOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { streamIdleMs, streamCommentMs } = limits;
  const boundary = new EventBoundary();
  const commentMs = (await hasEvents(stream)) ? streamCommentMs : Number.POSITIVE_INFINITY;
  const bytes = stream[Symbol.asyncIterator]();
  for (;;) {
    const next = bytes.next();
    // A reader that cancels the stream does not wait for it.
    next.catch(() => {});
    let silentMs = 0;
    let result: IteratorResult<Uint8Array> | undefined;
    for (;;) {
      const waitMs = Math.min(commentMs, streamIdleMs - silentMs);
      result = await withTimeLimit(next, waitMs);
      if (result !== undefined) break;
      silentMs += waitMs;
      if (silentMs >= streamIdleMs) {
        await ensureAlive(stream, silentMs, checkRuntime);
        silentMs = 0;
      }
      if (waitMs === commentMs && boundary.isBetweenEvents) yield comment;
    }
    if (result.done === true) return;
    boundary.push(result.value);
    yield result.value;
  }
}

/** Returns whether a stream has events. If it fails, reading it reports the failure. */
async function hasEvents(stream: OpenedStream): Promise<boolean> {
  const head = await stream.head.catch(() => undefined);
  return head !== undefined && head.status === 200 && mediaTypeOf(head.headers) === 'text/event-stream';
}

/** @throws DeadlineError if the runtime is not alive */
async function ensureAlive(
  stream: OpenedStream,
  silentMs: number,
  checkRuntime: WatchOptions['checkRuntime'],
): Promise<void> {
  try {
    await checkRuntime();
  } catch {
    stream.cancel();
    throw new DeadlineError(
      'idle',
      `the stream was silent for ${silentMs} ms, and the runtime does not answer`,
    );
  }
}
