import { expect, it } from 'vitest';
import { SentFrames } from './sent-frames.ts';

function frame(type: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}
const reset = (stream: number) => frame(3, stream, Buffer.of(0, 0, 0, 8));

it.each([1, 2, 5, 9, 13, 20, 1000])('removes one reset of a stream, in pieces of %d bytes', (pieceBytes) => {
  const frames = new SentFrames();
  frames.removeReset(1);
  frames.removeReset(5);
  const before = Buffer.concat([frame(4, 0, Buffer.alloc(0)), frame(0, 1, reset(1)), reset(3)]);
  const after = Buffer.concat([frame(6, 0, Buffer.alloc(8)), reset(1)]);
  const bytes = Buffer.concat([before, reset(1), reset(5), after]);
  const passed: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    passed.push(...frames.push(bytes.subarray(at, at + pieceBytes)));
  }
  expect(Buffer.concat(passed).toString('hex')).toBe(Buffer.concat([before, after]).toString('hex'));
});

it('passes bytes on without copying them', () => {
  const bytes = frame(0, 1, Buffer.alloc(100));
  const passed = new SentFrames().push(bytes);
  expect(passed.map(({ buffer, byteOffset, length }) => [buffer, byteOffset, length])).toEqual([
    [bytes.buffer, bytes.byteOffset, bytes.length],
  ]);
});

it('remembers a limited number of streams', () => {
  const frames = new SentFrames();
  for (let stream = 1; stream <= 20_001; stream += 2) frames.removeReset(stream);
  expect(frames.push(Buffer.concat([reset(1), reset(3)]))).toEqual([reset(1)]);
});
