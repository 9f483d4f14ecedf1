import type { Writable } from 'node:stream';

/** Writes the same bytes without end, as fast as they are taken. Ends when the other side goes away. */
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

/** A piece many times over. */
export function times(piece: Uint8Array, count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => piece));
}
