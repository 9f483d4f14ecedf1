import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { Signal } from '../../../base/signal.ts';
import { RefusedStreamError } from '../../../client/index.ts';
import type { OpenedStream } from '../../../gateway/index.ts';
import { type GatewayChange, gatewayFaults } from '../../harness/fault.ts';
import { around, type Bytes, droppingRetired, fieldOf, streams, unaryOptions } from '../changes/gateway.ts';

async function* untilTruncated(bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TruncatedStreamError')) throw error;
  }
}

/** Changes the body of a refusal. */
async function* withRefusalBody(
  bytes: Bytes,
  change: (body: Uint8Array) => Uint8Array,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof RefusedStreamError)) throw error;
    throw new RefusedStreamError(error.status, error.headers, change(error.body));
  }
}

const withoutSignal = <Options extends { readonly signal?: Signal | undefined }>(
  options: Options | undefined,
): Options | undefined => (options === undefined ? options : { ...options, signal: undefined });

/** Reads ahead without limit. */
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

/** Faults in streams. */
export const streamFaults = gatewayFaults([
  {
    name: 'heads-without-fields',
    clause: 'GW-31',
    about: 'The gateway drops the header fields of a stream head',
    ...streams({
      head: async (stream) => ({ ...(await stream.head), headers: { 'content-type': 'text/event-stream' } }),
    }),
  },
  {
    name: 'heads-are-ok',
    clause: 'GW-31',
    about: 'The gateway replaces the status of a stream head with 200',
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
    about: 'The gateway omits content-type from a stream without a head',
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
    about: 'The gateway answers a refused stream with 502',
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
    about: 'The gateway drops the header fields of a refused stream',
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
    about: 'The gateway adds a body to a refused stream',
    answer: (answer) =>
      answer.status >= 400 &&
      answer.status !== 502 &&
      answer.body instanceof Uint8Array &&
      answer.body.length === 0
        ? { ...answer, body: new TextEncoder().encode('refused') }
        : answer,
  },
  {
    name: 'refusal-bodies-dropped',
    clause: 'GW-50',
    about: 'The gateway drops the body of a refused stream',
    ...streams({ bytes: (bytes) => withRefusalBody(bytes, () => new Uint8Array()) }),
  },
  {
    name: 'refusal-bodies-cut',
    clause: 'GW-50',
    about: 'The gateway drops the last byte of the body of a refused stream',
    ...streams({ bytes: (bytes) => withRefusalBody(bytes, (body) => body.subarray(0, -1)) }),
  },
  {
    name: 'refusals-with-an-own-body',
    clause: 'GW-50',
    about: 'The gateway replaces the body of a refused stream with an error of its own',
    ...streams({
      bytes: (bytes) =>
        withRefusalBody(bytes, (body) =>
          body.length === 0
            ? body
            : Buffer.from('{"jsonrpc":"2.0","id":null,"error":{"code":-32000,"message":"Refused"}}'),
        ),
    }),
  },
  {
    name: 'refusals-with-a-body-are-bad-gateway',
    clause: 'GW-50',
    about: 'The gateway answers 502 if a refused stream has a body',
    ...streams({
      bytes: async function* (bytes) {
        try {
          yield* bytes;
        } catch (error) {
          if (error instanceof RefusedStreamError && error.body.length > 0) throw new Error('has a body');
          throw error;
        }
      },
    }),
  },
  {
    name: 'data-with-done-dropped',
    clause: 'GW-33',
    about: 'The gateway drops data in the chunk with done',
    chunk: (chunk) => (chunk.done ? { ...chunk, data: new Uint8Array() } : chunk),
  },
  {
    name: 'empty-chunks-end-a-stream',
    clause: 'GW-33',
    about: 'The gateway ends a stream at an empty chunk',
    chunk: (chunk) => (chunk.data.length === 0 ? { ...chunk, done: true } : chunk),
  },
  {
    name: 'chunks-as-text',
    clause: 'GW-33',
    about: 'The gateway decodes each chunk as text',
    ...streams({
      bytes: async function* (bytes) {
        for await (const piece of bytes) yield Buffer.from(Buffer.from(piece).toString());
      },
    }),
  },
  {
    name: 'chunks-of-lines',
    clause: 'GW-33',
    about: 'The gateway removes carriage returns from a stream',
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
    about: 'The gateway delays each chunk until the next one arrives',
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
    about: 'The gateway delays data until an event is complete',
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
    about: 'The gateway compresses a stream for callers that send accept-encoding',
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
    about: 'The gateway delays the head until the first data arrives',
    ...headWithData(),
  },
  {
    name: 'ends-cut-off',
    clause: 'GW-35',
    about: 'The gateway aborts a complete stream',
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
    about: 'The gateway ends a broken stream as if it were complete',
    ...streams({
      bytes: async function* (bytes) {
        try {
          yield* bytes;
        } catch {
          // The fault: the gateway ignores the error.
        }
      },
    }),
  },
  {
    name: 'truncated-streams-end-well',
    clause: 'GW-36',
    about: 'The gateway ends a stream without done as if it were complete',
    ...streams({ bytes: untilTruncated }),
  },
  {
    name: 'broken-streams-say-so',
    clause: 'GW-36',
    about: 'The gateway appends an error event to a broken stream',
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
    about: 'The gateway buffers stream data for a slow caller without limit',
    ...streams({ bytes: readAhead }),
  },
  {
    name: 'calls-outlive-callers',
    clause: 'GW-38',
    about: 'The gateway continues a call after its caller disconnects',
    ...unaryOptions(withoutSignal),
  },
  {
    name: 'deletes-outlive-callers',
    clause: 'GW-38',
    about: 'The gateway continues CloseSession after its caller disconnects',
    connection: (inner) =>
      around(inner, {
        closeSession: (request, options) => inner.closeSession(request, withoutSignal(options)),
      }),
  },
  {
    name: 'streams-outlive-callers',
    clause: 'GW-38',
    about: 'The gateway keeps a stream open after its caller disconnects',
    ...streams({ options: withoutSignal, cancel: () => undefined, bytes: detached }),
  },
  {
    name: 'subscriptions-outlive-callers',
    clause: 'GW-38',
    about: 'The gateway keeps a subscription of MCP 2026-07-28 open after its caller disconnects',
    connection: (inner, httpOf) => {
      const detaching = streams({ options: withoutSignal, cancel: () => undefined, bytes: detached });
      const outliving = detaching.connection?.(inner, httpOf) ?? inner;
      return around(inner, {
        invokeStream: (request, options) => {
          const http = httpOf(request);
          const isListen = http !== undefined && fieldOf(http, 'mcp-method') === 'subscriptions/listen';
          return (isListen ? outliving : inner).invokeStream(request, options);
        },
      });
    },
  },
  {
    name: 'goaway-ends-streams',
    clause: 'GW-62',
    about: 'The gateway drops a connection with its streams when the runtime sends GOAWAY',
    connection: droppingRetired,
  },
]);

/** Hides the iterator's `return` method, so that reading continues after the caller disconnects. */
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
