import { describe, expect, it } from 'vitest';
import { FrameFilter } from './frame-filter.ts';

const preface = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

function frame(type: number, flags: number, payload: Buffer, stream = 1): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** A literal field without Huffman code, with the index of its name or with its name. */
function field(name: number | string, value: string): Buffer {
  const text = (written: string) =>
    Buffer.concat([Buffer.of(written.length), Buffer.from(written, 'latin1')]);
  const start = typeof name === 'number' ? [Buffer.of(name)] : [Buffer.of(0), text(name)];
  return Buffer.concat([...start, text(value)]);
}

const reset = (stream: number) => frame(3, 0, Buffer.of(0, 0, 0, 8), stream);

/** Filters bytes in pieces of this size. */
function filtered(bytes: Buffer, pieceBytes = bytes.length): { bytes: Buffer; resets: readonly number[] } {
  const resets: number[] = [];
  const filter = new FrameFilter((stream) => resets.push(stream));
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    passed.push(...filter.push(Buffer.from(bytes.subarray(at, at + pieceBytes))));
  }
  return { bytes: Buffer.concat(passed), resets };
}

describe('the authority of a call', () => {
  const path = '/run/mcp:1/ü.sock';
  const changed = '-run-mcp-1--.sock';
  const block = (authority: string) =>
    Buffer.concat([
      Buffer.of(0x83),
      field(0x04, '/service/Method'),
      field(0x01, authority),
      field(':authority', authority),
      field('x-path', '/a:b'),
      field(0x41, authority),
    ]);

  it.each([1, 2, 3, 7, 1000])('has only permitted characters, in pieces of %d bytes', (pieceBytes) => {
    const send = (authority: string) => {
      const whole = block(authority);
      return Buffer.concat([
        preface,
        frame(4, 0, Buffer.alloc(0), 0),
        frame(1, 0x4, whole),
        frame(1, 0x4 | 0x8, Buffer.concat([Buffer.of(3), whole, Buffer.from('/:/')]), 3),
        frame(1, 0x20, Buffer.concat([Buffer.alloc(5), whole.subarray(0, 30)]), 5),
        frame(9, 0x4, whole.subarray(30), 5),
        frame(0, 0x1, Buffer.from('/:/'), 5),
      ]);
    };
    expect(filtered(send(path), pieceBytes).bytes.toString('hex')).toBe(send(changed).toString('hex'));
  });

  it('has only permitted characters in Huffman code', () => {
    // "/:% ", and the characters that replace them.
    const code = (bits: string) =>
      Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
    const given = code('011000' + '1011100' + '010101' + '010100' + '1111111');
    const wanted = code('011001' + '1011101' + '010111' + '010110' + '1111111');
    const send = (text: Buffer) =>
      Buffer.concat([preface, frame(1, 4, Buffer.concat([Buffer.of(0x41, 0x80 | text.length), text]))]);
    expect(filtered(send(given)).bytes.toString('hex')).toBe(send(wanted).toString('hex'));
  });
});

describe('resets', () => {
  it('reach the server up to a number, and are reported beyond it', () => {
    const streams = Array.from({ length: 1500 }, (_, index) => 2 * index + 1);
    const bytes = Buffer.concat([preface, ...streams.map(reset), frame(6, 0, Buffer.alloc(8), 0)]);
    for (const pieceBytes of [5, 4096]) {
      const { bytes: passed, resets } = filtered(bytes, pieceBytes);
      expect(resets.length).toBeGreaterThanOrEqual(500);
      expect(resets.length).toBeLessThanOrEqual(700);
      expect(resets.at(-1)).toBe(streams.at(-1));
      expect(passed.length).toBe(bytes.length - resets.length * reset(1).length);
      expect(passed.subarray(-17)).toEqual(bytes.subarray(-17));
    }
  });
});
