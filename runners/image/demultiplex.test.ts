import { expect, it } from 'vitest';
import { demultiplex } from './demultiplex.ts';

function frame(stream: 1 | 2, text: string): Buffer {
  const header = Buffer.alloc(8);
  header[0] = stream;
  header.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([header, Buffer.from(text)]);
}

it.each([1, 3, 8, 1000])('splits frames that arrive in chunks of %d bytes', (size) => {
  const bytes = Buffer.concat([frame(1, 'out'), frame(2, 'error'), frame(1, ''), frame(1, ' more')]);
  const written = { stdout: '', stderr: '' };
  const take = demultiplex((stream, payload) => {
    written[stream] += payload.toString();
  });
  for (let start = 0; start < bytes.length; start += size) {
    take(bytes.subarray(start, start + size));
  }
  expect(written).toEqual({ stdout: 'out more', stderr: 'error' });
});
