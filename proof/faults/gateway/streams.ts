import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { OpenedStream } from '../../../gateway/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { around, type Bytes, fieldOf, streams, unaryOptions } from '../changes/gateway.ts';

async function* untilTruncated(bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TruncatedStreamError')) throw error;
  }
}

const withoutSignal = <Options extends { readonly signal?: AbortSignal | undefined }>(
  options: Options | undefined,
): Options | undefined => (options === undefined ? options : { ...options, signal: undefined });

/** Reads ahead without end. */
function readAhead(bytes: Bytes): Bytes {
  const pieces: Uint8Array[] = [];
  let wake: () => void = () => undefined;
  let end: { readonly error?: unknown } | undefined;
  void (async () => {
    try {
      for await (const piece of bytes) {
        pieces.push(piece);
        wake();
      }
      end = {};
    } catch (error) {
      end = { error };
    }
    wake();
  })();
  return (async function* () {
    for (;;) {
      const piece = pieces.shift();
      if (piece !== undefined) {
        yield piece;
        continue;
      }
      if (end !== undefined) {
        if ('error' in end) throw end.error;
        return;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  })();
}

/** Faults of streams. */
export const streamFaults = gatewayFaults([
  {
    name: 'heads-without-fields',
    clause: 'GW-31',
    about: 'The header fields of a head do not come back',
    ...streams({
      head: async (stream) => ({ ...(await stream.head), headers: { 'content-type': 'text/event-stream' } }),
    }),
  },
  {
    name: 'heads-are-ok',
    clause: 'GW-31',
    about: 'The status of a head is taken for 200',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.status < 400 ? { ...head, status: 200 } : head;
      },
    }),
  },
  {
    name: 'streams-without-a-type',
    clause: 'GW-31',
    about: 'A stream without head has no content-type',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.origin === 'assumed' ? { ...head, headers: {} } : head;
      },
    }),
  },
  {
    name: 'refused-is-bad-gateway',
    clause: 'GW-32',
    about: 'A refused stream is answered 502',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.status >= 400 ? { ...head, status: 502 } : head;
      },
    }),
  },
  {
    name: 'refused-without-fields',
    clause: 'GW-32',
    about: 'A refused stream loses the header fields of its head',
    ...streams({
      head: async (stream) => {
        const head = await stream.head;
        return head.status >= 400 ? { ...head, headers: {} } : head;
      },
    }),
  },
  {
    name: 'refused-with-a-body',
    clause: 'GW-32',
    about: 'A refused stream gets a body',
    answer: (answer) =>
      answer.status >= 400 &&
      answer.status !== 502 &&
      answer.body instanceof Uint8Array &&
      answer.body.length === 0
        ? { ...answer, body: new TextEncoder().encode('refused') }
        : answer,
  },
  {
    name: 'data-with-done-dropped',
    clause: 'GW-33',
    about: 'Data on the chunk with done gets lost',
    chunk: (chunk) => (chunk.done ? { ...chunk, data: new Uint8Array() } : chunk),
  },
  {
    name: 'empty-chunks-end-a-stream',
    clause: 'GW-33',
    about: 'An empty chunk counts as the last one',
    chunk: (chunk) => (chunk.data.length === 0 ? { ...chunk, done: true } : chunk),
  },
  {
    name: 'chunks-as-text',
    clause: 'GW-33',
    about: 'Each chunk goes through text',
    ...streams({
      bytes: async function* (bytes) {
        for await (const piece of bytes) yield Buffer.from(Buffer.from(piece).toString());
      },
    }),
  },
  {
    name: 'chunks-of-lines',
    clause: 'GW-33',
    about: 'Line ends are written anew',
    ...streams({
      bytes: async function* (bytes) {
        for await (const piece of bytes)
          yield Buffer.from(Buffer.from(piece).toString('latin1').replaceAll('\r', ''), 'latin1');
      },
    }),
  },
  {
    name: 'one-chunk-behind',
    clause: 'GW-34',
    about: 'A chunk is passed on when the next one comes',
    ...streams({
      bytes: async function* (bytes) {
        let held: Uint8Array | undefined;
        for await (const piece of bytes) {
          if (held !== undefined) yield held;
          held = piece;
        }
        if (held !== undefined) yield held;
      },
    }),
  },
  {
    name: 'whole-events-alone',
    clause: 'GW-34',
    about: 'Data is passed on when an event is whole',
    ...streams({
      bytes: async function* (bytes) {
        let held = Buffer.alloc(0);
        for await (const piece of bytes) {
          held = Buffer.concat([held, piece]);
          if (!held.includes('\n\n')) continue;
          yield held;
          held = Buffer.alloc(0);
        }
        if (held.length > 0) yield held;
      },
    }),
  },
  {
    name: 'streams-compressed',
    clause: 'GW-34',
    about: 'A stream is compressed for those who take it so',
    answer: (answer, http) =>
      answer.body instanceof Uint8Array || fieldOf(http, 'accept-encoding') === undefined
        ? answer
        : {
            ...answer,
            headers: [...answer.headers, ['content-encoding', 'gzip']],
            body: Readable.from(answer.body).pipe(createGzip()).iterator(),
          },
  },
  {
    name: 'head-with-the-first-data',
    clause: 'GW-34',
    about: 'A head waits for the first data',
    ...headWithData(),
  },
  {
    name: 'ends-cut-off',
    clause: 'GW-35',
    about: 'A stream that is whole is cut off',
    ...streams({
      bytes: async function* (bytes) {
        yield* bytes;
        throw new Error('cut off');
      },
    }),
  },
  {
    name: 'broken-streams-end-well',
    clause: 'GW-36',
    about: 'A stream that breaks ends like one that is whole',
    ...streams({
      bytes: async function* (bytes) {
        try {
          yield* bytes;
        } catch {
          // That is the fault.
        }
      },
    }),
  },
  {
    name: 'truncated-streams-end-well',
    clause: 'GW-36',
    about: 'A stream that ends without done ends like one that is whole',
    ...streams({ bytes: untilTruncated }),
  },
  {
    name: 'broken-streams-say-so',
    clause: 'GW-36',
    about: 'A stream that breaks ends with an event that says so',
    ...streams({
      bytes: async function* (bytes) {
        try {
          yield* bytes;
        } catch {
          yield Buffer.from('event: error\ndata: broken\n\n');
        }
      },
    }),
  },
  {
    name: 'gathered-for-slow-readers',
    clause: 'GW-37',
    about: 'What a caller does not read is gathered',
    ...streams({ bytes: readAhead }),
  },
  {
    name: 'calls-outlive-callers',
    clause: 'GW-38',
    about: 'A caller that goes away before the answer does not cancel the call',
    ...unaryOptions(withoutSignal),
  },
  {
    name: 'deletes-outlive-callers',
    clause: 'GW-38',
    about: 'A caller of DELETE that goes away does not cancel its call',
    connection: (inner) =>
      around(inner, {
        closeSession: (request, options) => inner.closeSession(request, withoutSignal(options)),
      }),
  },
  {
    name: 'streams-outlive-callers',
    clause: 'GW-38',
    about: 'A caller that goes away from a stream does not cancel it',
    ...streams({ options: withoutSignal, cancel: () => undefined, bytes: detached }),
  },
]);

/** Goes on reading when the reader has left. */
function detached(bytes: Bytes): Bytes {
  const inner = bytes[Symbol.asyncIterator]();
  return { [Symbol.asyncIterator]: () => ({ next: () => inner.next() }) };
}

function headWithData(): Pick<GatewayChange, 'connection'> {
  return {
    connection: (inner) =>
      around(inner, {
        invokeStream: (request, options): OpenedStream => {
          const stream = inner.invokeStream(request, options);
          const iterator = stream[Symbol.asyncIterator]();
          let first: Promise<IteratorResult<Uint8Array>> | undefined;
          const begin = () => {
            first ??= iterator.next();
            first.catch(() => undefined);
            return first;
          };
          return {
            head: stream.head.then(async (head) => {
              await begin();
              return head;
            }),
            cancel: () => stream.cancel(),
            [Symbol.asyncIterator]: () => ({
              next: () => {
                const earlier = first;
                first = undefined;
                return earlier ?? iterator.next();
              },
            }),
          };
        },
      }),
  };
}
