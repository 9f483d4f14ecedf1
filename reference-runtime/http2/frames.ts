/** The length of the head of a frame, which precedes its payload. */
export const headBytes = 9;
/** The length of a RST_STREAM frame. */
export const resetBytes = headBytes + 4;
export const frameTypes = { headers: 1, reset: 3, continuation: 9 } as const;

/** Returns the length of the payload of a frame. @param frame at least its head */
export function payloadBytesOf(frame: Buffer): number {
  return frame.readUIntBE(0, 3);
}

export function isReset(frame: Buffer): boolean {
  return frame.readUInt8(3) === frameTypes.reset && payloadBytesOf(frame) === resetBytes - headBytes;
}

/** Returns the id of the stream of a frame. */
export function streamOf(frame: Buffer): number {
  return frame.readUInt32BE(5) & 0x7fff_ffff;
}
