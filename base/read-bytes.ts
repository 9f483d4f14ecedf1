/**
 * Reads and concatenates the pieces of a source. It stops at the first piece that exceeds `maxBytes`.
 * @param tooLarge creates the error for more than `maxBytes`
 * @throws the error of `tooLarge`, or an error of the source
 */
export async function readBytes(
  pieces: AsyncIterable<Uint8Array>,
  maxBytes: number,
  tooLarge: () => Error,
): Promise<Uint8Array> {
  const read: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    bytes += piece.byteLength;
    if (bytes > maxBytes) throw tooLarge();
    read.push(piece);
  }
  return Buffer.concat(read, bytes);
}
