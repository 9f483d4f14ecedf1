/** A source that can also be read as a whole, because an async iterator creates several promises for each piece. */
export interface WholeReadable extends AsyncIterable<Uint8Array> {
  /** Reads and concatenates all pieces, like `readBytes`. */
  readAll(maxBytes: number, tooLarge: () => Error): Promise<Uint8Array>;
}

/**
 * Reads and concatenates the pieces of a source. It stops at the first piece that exceeds `maxBytes`.
 * @param tooLarge creates the error for more than `maxBytes`
 * @throws the error of `tooLarge`, or an error of the source
 */
export async function readBytes(
  pieces: AsyncIterable<Uint8Array> | WholeReadable,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  if ('readAll' in pieces) return pieces.readAll(maxBytes, tooLarge);
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    read.push(piece);
  }
  return Buffer.concat(read, bytes);
}
