import type { Writable } from 'node:stream';

/** Writes the same bytes forever, as fast as the reader accepts them. Stops when the reader disconnects. */
export function flood(to: Writable, bytes: Uint8Array): void {
  to.on('error', () => undefined);
  const more = (): void => {
    while (!to.destroyed && to.writable) {
      if (!to.write(bytes)) {
        to.once('drain', more);
        return;
      }
    }
  };
  more();
}

/** Repeats bytes `count` times. */
export function times(piece: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => piece));
}
