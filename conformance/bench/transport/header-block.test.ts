import { once } from 'node:events';
import { createServer } from 'node:http2';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { clientPreface, frameHeaderBytes, frames } from './frames.ts';
import { decodeHeaderBlock, encodeHeaderBlock } from './header-block.ts';

test('fields of any length survive encoding and decoding', () => {
  const fields = { ':path': '/a', 'x-long': 'v'.repeat(100_000), 'x-empty': '', 'x-127': 'a'.repeat(127) };
  expect(Object.fromEntries(decodeHeaderBlock(encodeHeaderBlock(fields)))).toEqual(fields);
});

test('fields that Node has encoded are decoded, with every printable character', async () => {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join('');
  const sent = {
    'x-all': `a${printable}a`,
    'content-type': 'application/grpc',
    'x-é': undefined,
    'x-latin': 'ÿ±é',
  };
  const server = createServer();
  onTestFinished(() => void server.close());
  server.on('stream', (stream) => {
    stream.respond({
      ':status': 404,
      'x-all': sent['x-all'],
      'content-type': sent['content-type'],
      'x-latin': 'ÿ±é',
    });
    stream.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  const socket = connect(address.port, '127.0.0.1');
  const request = encodeHeaderBlock({ ':method': 'GET', ':scheme': 'http', ':path': '/', ':authority': 'x' });
  socket.write(Buffer.concat([clientPreface(), frames.headers(1, request, true)]));
  let bytes = Buffer.alloc(0);
  let fields: ReadonlyMap<string, string> | undefined;
  for await (const chunk of socket) {
    bytes = Buffer.concat([bytes, chunk]);
    fields = headersIn(bytes);
    if (fields !== undefined) break;
  }
  socket.destroy();
  expect(fields?.get(':status')).toBe('404');
  expect(fields?.get('x-all')).toBe(sent['x-all']);
  expect(fields?.get('x-latin')).toBe('ÿ±é');
  expect(fields?.get('content-type')).toBe('application/grpc');
});

/** Returns the fields of the first HEADERS frame, if it is complete. */
function headersIn(bytes: Buffer): ReadonlyMap<string, string> | undefined {
  for (let at = 0; at + frameHeaderBytes <= bytes.length; ) {
    const length = bytes.readUIntBE(at, 3);
    const end = at + frameHeaderBytes + length;
    if (end > bytes.length) return undefined;
    if (bytes[at + 3] === 1) return decodeHeaderBlock(bytes.subarray(at + frameHeaderBytes, end));
    at = end;
  }
  return undefined;
}

test.each([
  ['an unknown entry', Buffer.of(0x80 + 62)],
  ['a dynamic table', Buffer.of(0x3f, 0xe1, 0x1f)],
  ['a string beyond the end', Buffer.of(0x00, 0x05, 0x61)],
  ['an incomplete integer', Buffer.of(0xff)],
])('%s is an error', (_, block) => {
  expect(() => decodeHeaderBlock(block)).toThrow(RangeError);
});
