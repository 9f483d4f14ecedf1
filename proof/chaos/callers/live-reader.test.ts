import { expect, test } from 'vitest';
import type { Judgement } from '../invariants/judge.ts';
import { EventSequence } from './event-sequence.ts';
import { LiveReader } from './live-reader.ts';
import type { LiveStream } from './live-stream.ts';
import type { Reply } from './reply.ts';

/** A stream that yields messages and then stays open until it is disposed of. */
function stream(messages: readonly string[], lastEventId: string): LiveStream {
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return {
    kind: 'live',
    lastEventId,
    messages: (async function* () {
      yield* messages;
      await ended;
    })(),
    [Symbol.dispose]: () => end(),
  };
}

/** A stream that breaks after its messages. */
function brokenStream(messages: readonly string[], lastEventId: string): LiveStream {
  const broken = stream(messages, lastEventId);
  broken[Symbol.dispose]();
  return broken;
}

function read(script: readonly (LiveStream | Reply)[], judgement: Judgement = 'failed') {
  const waiting = [...script];
  const seen = { ids: [] as (string | undefined)[], messages: [] as string[], breaks: 0, refusals: 0 };
  const sequence = new EventSequence(1);
  const last = stream([], '');
  const reader = new LiveReader({
    sequence,
    open: async (id) => {
      seen.ids.push(id);
      return waiting.shift() ?? last;
    },
    refused: () => {
      seen.refusals += 1;
      return judgement;
    },
    broke: () => {
      seen.breaks += 1;
    },
    received: (text) => seen.messages.push(text),
  });
  return { reader, seen, sequence };
}

const refusal: Reply = { kind: 'answer', status: 502, headers: {}, body: '' };

test('a broken stream is resumed after its last event', async () => {
  const { reader, seen } = read([brokenStream(['a'], '1'), refusal, stream(['b'], '2')]);
  await using _ = reader;
  await expect.poll(() => seen.messages).toEqual(['a', 'b']);
  expect(seen).toMatchObject({ ids: [undefined, '1', '1'], breaks: 1, refusals: 1 });
  expect(reader.isUncertain).toBe(false);
});

test('a stream that its reader drops is not reported as broken', async () => {
  const { reader, seen } = read([stream(['a'], '1')]);
  await using _ = reader;
  await expect.poll(() => seen.messages).toEqual(['a']);
  reader.drop();
  await expect.poll(() => seen.ids).toEqual([undefined, '1']);
  expect(seen.breaks).toBe(0);
});

test('events of a stream that broke before its first id may be lost', async () => {
  const { reader, seen, sequence } = read([brokenStream([], '')]);
  sequence.announce(1);
  await using _ = reader;
  await expect.poll(() => seen.ids.length).toBe(2);
  expect(reader.isUncertain).toBe(true);
});

test('a stream that is still open elsewhere is tried again without a judgement', async () => {
  const { reader, seen } = read([{ ...refusal, status: 409 }, stream(['a'], '1')]);
  await using _ = reader;
  await expect.poll(() => seen.messages).toEqual(['a']);
  expect(seen.refusals).toBe(0);
});

test('a reader stops when the session is gone', async () => {
  const { reader } = read([{ ...refusal, status: 404 }], 'session-ended');
  expect(await reader.opened).toBe(false);
  expect(reader.hasEnded).toBe(true);
  await reader[Symbol.asyncDispose]();
});
