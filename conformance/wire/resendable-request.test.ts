import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ResendableRequest } from './resendable-request.ts';

const hello = Buffer.from('hello ');
const world = Buffer.from('world');

test('resendOn sends the whole request on another stream, with later writes', async () => {
  const first = new PassThrough();
  const request = new ResendableRequest(first);
  request.write(hello);
  first.destroy();
  request.write(world);
  const second = new PassThrough();
  request.resendOn(second);
  request.write(Buffer.from('!'));
  request.end();
  expect(await text(second)).toBe('hello world!');
});

test('resendOn repeats the half-close, and later writes are ignored', async () => {
  const request = new ResendableRequest(new PassThrough());
  request.write(hello);
  request.end();
  request.write(world);
  for (let round = 0; round < 2; round += 1) {
    const stream = new PassThrough();
    request.resendOn(stream);
    expect(await text(stream)).toBe('hello ');
  }
});

test('resendOn sends nothing after forget', async () => {
  const request = new ResendableRequest(new PassThrough());
  request.write(hello);
  request.forget();
  request.end();
  const stream = new PassThrough();
  request.resendOn(stream);
  expect(await text(stream)).toBe('');
});

test('flushed settles when the stream has accepted the bytes', async () => {
  let accept: () => void = () => undefined;
  const slow = new Writable({
    write: (_chunk, _encoding, done) => {
      accept = done;
    },
  });
  const request = new ResendableRequest(slow);
  request.write(hello);
  let isFlushed = false;
  const flushed = request.flushed.then(() => {
    isFlushed = true;
  });
  await new Promise(setImmediate);
  expect(isFlushed).toBe(false);
  accept();
  await flushed;
});
