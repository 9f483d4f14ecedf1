import { expect, test } from 'vitest';
import { encodeLengthPrefixed } from '../../base/length-prefix.ts';
import { ReceiveBudget } from './receive-budget.ts';
import { ReceiveBuffer } from './receive-buffer.ts';

/** A fake stream that only records whether it is paused. */
class FakeStream {
  closed = false;
  #paused = false;
  isPaused = (): boolean => this.#paused;
  pause = (): void => {
    this.#paused = true;
  };
  resume = (): void => {
    this.#paused = false;
  };
}

function makeBuffer(budget = new ReceiveBudget(8 << 20, 1 << 18)) {
  const stream = new FakeStream() as FakeStream & ConstructorParameters<typeof ReceiveBuffer>[0];
  return { stream, buffer: new ReceiveBuffer(stream, { receiveLimit: 1 << 20, acceptsGzip: false, budget }) };
}

const message = (size: number): Buffer => encodeLengthPrefixed(Buffer.alloc(size));

test('next returns the messages in order, waits for the next one and reports the end', async () => {
  const { buffer } = makeBuffer();
  buffer.push(Buffer.concat([message(1), message(2)]));
  expect(await buffer.next()).toHaveLength(1);
  expect(await buffer.next()).toHaveLength(2);
  const third = buffer.next();
  buffer.push(message(3));
  expect(await third).toHaveLength(3);
  const afterEnd = buffer.next();
  buffer.end();
  expect(await afterEnd).toBeUndefined();
});

test('next returns messages that arrived before the end', async () => {
  const { buffer } = makeBuffer();
  expect(buffer.firstMessageAt).toBeUndefined();
  buffer.push(message(1));
  expect(buffer.firstMessageAt).toBeLessThanOrEqual(performance.now());
  buffer.end();
  expect(await buffer.next()).toHaveLength(1);
  expect(await buffer.next()).toBeUndefined();
});

test('push keeps the messages before an invalid one, and truncatedMessage describes an incomplete one', async () => {
  const { buffer } = makeBuffer();
  expect(() => buffer.push(Buffer.concat([message(1), Buffer.from('0200000000', 'hex')]))).toThrow(
    'the compression flag of a message is 2, not 0 or 1',
  );
  expect(await buffer.next()).toHaveLength(1);
  const truncated = makeBuffer().buffer;
  expect(truncated.truncatedMessage).toBeUndefined();
  truncated.push(message(3).subarray(0, 6));
  expect(truncated.truncatedMessage).toBe('the stream ended after 1 of 3 bytes of a message');
});

test('pauses the stream while more than 1 MiB of messages is unread', async () => {
  const { buffer, stream } = makeBuffer();
  buffer.push(message(1 << 19));
  expect(stream.isPaused()).toBe(false);
  buffer.push(message(1 << 19));
  expect(stream.isPaused()).toBe(true);
  await buffer.next();
  expect(stream.isPaused()).toBe(false);
});

test('counts empty messages', () => {
  const { buffer, stream } = makeBuffer();
  buffer.push(Buffer.concat(Array.from({ length: 5_000 }, () => message(0))));
  expect(stream.isPaused()).toBe(true);
});

test('a buffer over the shared budget waits until another one ends', () => {
  const budget = new ReceiveBudget(100, 10);
  const [first, second] = [makeBuffer(budget), makeBuffer(budget)];
  first.buffer.push(message(80));
  second.buffer.push(message(80));
  expect([first, second].map(({ stream }) => stream.isPaused())).toEqual([false, true]);
  first.buffer.end();
  expect(second.stream.isPaused()).toBe(false);
});
