/** The size of the header of an HTTP/2 frame. */
export const frameHeaderBytes = 9;

/** The largest payload of a frame that every peer accepts. */
export const maxFrameBytes = 16_384;

/** The types of frames that the load generator reads or writes. */
export const frameTypes = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

export const flags = { endStream: 1, ack: 1, endHeaders: 4, padded: 8, priority: 32 } as const;

/** The settings that the load generator reads or writes. */
export const settingIds = {
  headerTableSize: 1,
  enablePush: 2,
  maxConcurrentStreams: 3,
  initialWindowSize: 4,
} as const;

/** The window of the connection and of each stream before any setting. */
export const initialWindowBytes = 65_535;

/** The largest window that HTTP/2 permits. */
export const largestWindowBytes = 2 ** 31 - 1;

/** CANCEL, the error code of a call that the caller no longer wants. */
const cancelCode = 8;

interface Frame {
  readonly type: number;
  readonly stream: number;
  readonly flags?: number;
  readonly payload: Uint8Array;
}

function frame({ type, stream, flags: bits = 0, payload }: Frame): Buffer {
  const bytes = Buffer.allocUnsafe(frameHeaderBytes + payload.length);
  writeFrameHeader(bytes, { type, stream, flags: bits, length: payload.length });
  bytes.set(payload, frameHeaderBytes);
  return bytes;
}

/** Writes the header of a frame to the start of `bytes`. */
function writeFrameHeader(
  bytes: Buffer,
  { type, stream, flags: bits, length }: Omit<Required<Frame>, 'payload'> & { readonly length: number },
): void {
  bytes.writeUIntBE(length, 0, 3);
  bytes.writeUInt8(type, 3);
  bytes.writeUInt8(bits, 4);
  bytes.writeUInt32BE(stream, 5);
}

function number(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** Makes frames. Payloads must not exceed `maxFrameBytes`. */
export const frames = {
  headers: (stream: number, block: Uint8Array, isLast: boolean): Buffer =>
    frame({
      type: frameTypes.headers,
      stream,
      flags: flags.endHeaders | (isLast ? flags.endStream : 0),
      payload: block,
    }),
  data: (stream: number, payload: Uint8Array, isLast: boolean): Buffer =>
    frame({ type: frameTypes.data, stream, flags: isLast ? flags.endStream : 0, payload }),
  /** The header of a data frame, whose payload follows without a copy. */
  dataHeader: (stream: number, length: number, isLast: boolean): Buffer => {
    const bytes = Buffer.allocUnsafe(frameHeaderBytes);
    writeFrameHeader(bytes, { type: frameTypes.data, stream, flags: isLast ? flags.endStream : 0, length });
    return bytes;
  },
  settings: (values: readonly (readonly [id: number, value: number])[]): Buffer => {
    const payload = Buffer.alloc(values.length * 6);
    for (const [index, [id, value]] of values.entries()) {
      payload.writeUInt16BE(id, index * 6);
      payload.writeUInt32BE(value, index * 6 + 2);
    }
    return frame({ type: frameTypes.settings, stream: 0, payload });
  },
  settingsAck: (): Buffer =>
    frame({ type: frameTypes.settings, stream: 0, flags: flags.ack, payload: Buffer.alloc(0) }),
  pingAck: (payload: Uint8Array): Buffer =>
    frame({ type: frameTypes.ping, stream: 0, flags: flags.ack, payload }),
  cancel: (stream: number): Buffer => frame({ type: frameTypes.reset, stream, payload: number(cancelCode) }),
  windowUpdate: (stream: number, increment: number): Buffer =>
    frame({ type: frameTypes.windowUpdate, stream, payload: number(increment) }),
};

/**
 * The first bytes of a client. They forbid a dynamic table, so that the same header block always has the same meaning,
 * and open the windows as far as possible, so that flow control does not limit the target.
 */
export function clientPreface(): Buffer {
  return Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1'),
    frames.settings([
      [settingIds.headerTableSize, 0],
      [settingIds.enablePush, 0],
      [settingIds.initialWindowSize, largestWindowBytes],
    ]),
    frames.windowUpdate(0, largestWindowBytes - initialWindowBytes),
  ]);
}
