import { PassThrough, Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { ResendableRequest } from './resendable-request.ts';

const hello = Buffer.from('hello ');
const world = Buffer.from('world');

test('another stream gets the whole request, and what is sent later', async () => {
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

test('a half-close is sent again as well, and nothing follows it', async () => {
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

test('a forgotten request is not sent again', async () => {
  const request = new ResendableRequest(new PassThrough());
  request.write(hello);
  request.forget();
  request.end();
  const stream = new PassThrough();
  request.resendOn(stream);
  expect(await text(stream)).toBe('');
});

test('it is flushed when the stream has taken the bytes', async () => {
  let take: () => void = () => undefined;
  const slow = new Writable({
    write: (_chunk, _encoding, done) => {
      take = done;
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
  take();
  await flushed;
});
