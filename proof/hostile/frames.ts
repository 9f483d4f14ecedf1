/** HTTP/2 frame types, RFC 9113 section 6. */
export const frameType = {
  data: 0x0,
  headers: 0x1,
  settings: 0x4,
  ping: 0x6,
  goaway: 0x7,
  continuation: 0x9,
} as const;

export interface Frame {
  readonly type: number;
  readonly flags?: number;
  readonly streamId?: number;
  readonly payload?: Uint8Array;
}

/** Encodes an HTTP/2 frame. The frame may be invalid. */
export function frame({ type, flags = 0, streamId = 0, payload = new Uint8Array() }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(streamId, 5);
  return Buffer.concat([head, payload]);
}

/** Encodes an HPACK literal header field without indexing (RFC 7541 section 6.2.2). Limits strings to 126 bytes. */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0]), shortString(name), shortString(value)]);
}

function shortString(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
