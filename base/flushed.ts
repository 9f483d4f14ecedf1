import type { Writable } from 'node:stream';

/**
 * Resolves when everything that was written to a stream has left the process, or when the stream fails. `process.exit`
 * would discard the rest of a long output if its reader, such as a pipe, is slow.
 */
export async function flushed(stream: Writable): Promise<void> {
  if (stream.destroyed || stream.writableLength === 0) return;
  await new Promise<void>((resolve) => {
    stream.once('error', () => resolve());
    stream.write('', () => resolve());
  });
}
