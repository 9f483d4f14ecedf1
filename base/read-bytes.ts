/**
 * Reads pieces into one, up to a limit; what lies beyond is not read to its end.
 * @param tooLarge makes the error for more than `maxBytes`
 * @throws the error of `tooLarge`, and whatever reading throws
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
