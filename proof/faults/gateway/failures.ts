import { RuntimeCallError } from '../../../client/index.ts';
import type { OpenedStream, RuntimeConnection } from '../../../gateway/index.ts';
import { gatewayFaults } from '../../harness/fault.ts';
import { answering, around, type Bytes, bytesOf, failing, json, streams, unary } from '../changes/gateway.ts';

const assumed = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  origin: 'assumed',
} as const;

/** The head of a stream; one that is assumed where it fails in this way. */
function orElse(isMeant: (error: Error) => boolean): (stream: OpenedStream) => OpenedStream['head'] {
  return async (stream) => {
    try {
      return await stream.head;
    } catch (error) {
      if (error instanceof Error && isMeant(error)) return assumed;
      throw error;
    }
  };
}

async function* untilTruncated(bytes: Bytes): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    if (!(error instanceof Error && error.name === 'TruncatedStreamError')) throw error;
  }
}

/** Faults of failures. */
export const failureFaults = gatewayFaults([
  {
    name: 'unreachable-is-unavailable',
    clause: 'GW-40',
    about: 'A call that broke is answered 503',
    ...failing(({ grpcStatusName }) => (grpcStatusName === 'UNAVAILABLE' ? { status: 503 } : undefined)),
  },
  {
    name: 'cancelled-is-an-empty-answer',
    clause: 'GW-40',
    about: 'A call that is reset is answered 200, with nothing in it',
    ...failing(({ grpcStatusName, details }) =>
      grpcStatusName === 'INTERNAL' && /RST_STREAM|closed/i.test(details) ? {} : undefined,
    ),
  },
  {
    name: 'failures-without-an-id',
    clause: 'GW-40',
    about: 'The JSON-RPC error of a failure has no id',
    ...answering((answer) =>
      answer.status === 502
        ? { body: bytesOf({ jsonrpc: '2.0', error: { code: -32000, message: 'failed' } }) }
        : {},
    ),
  },
  {
    name: 'not-found-is-not-found',
    clause: 'GW-41',
    about: 'A call that ends with NOT_FOUND is answered 404',
    ...failing(({ grpcStatusName }) => (grpcStatusName === 'NOT_FOUND' ? { status: 404 } : undefined)),
  },
  {
    name: 'statuses-mapped',
    clause: 'GW-41',
    about: 'INVALID_ARGUMENT is answered 400 and UNAUTHENTICATED 401',
    ...failing(({ grpcStatusName }) => {
      if (grpcStatusName === 'INVALID_ARGUMENT') return { status: 400 };
      return grpcStatusName === 'UNAUTHENTICATED' ? { status: 401 } : undefined;
    }),
  },
  {
    name: 'internal-error-code',
    clause: 'GW-41',
    about: 'The JSON-RPC error of a failure has the code -32603',
    ...answering((answer) =>
      answer.status === 502
        ? { body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32603, message: 'failed' } }) }
        : {},
    ),
  },
  {
    name: 'nothing-is-an-empty-stream',
    clause: 'GW-42',
    about: 'A stream that ends before its first chunk is an empty one',
    ...streams({ head: orElse((error) => error.name === 'TruncatedStreamError'), bytes: untilTruncated }),
  },
  {
    name: 'nonsense-is-a-stream',
    clause: 'GW-42',
    about: 'A stream that begins with what is no chunk is answered 200',
    ...streams({ head: orElse((error) => /parsing|deseriali/i.test(error.message)) }),
  },
  {
    name: 'no-message-is-an-empty-answer',
    clause: 'GW-42',
    about: 'An OK without a message is answered 200',
    ...failing(({ details }) => (/no message/i.test(details) ? {} : undefined)),
  },
  {
    name: 'nonsense-is-an-empty-answer',
    clause: 'GW-42',
    about: 'A message that cannot be read is answered 202',
    ...failing(({ details }) => (/parsing|deseriali/i.test(details) ? { status: 202 } : undefined)),
  },
  {
    name: 'no-status-is-an-empty-answer',
    clause: 'GW-42',
    about: 'An answer without a status is answered 200',
    ...failing(({ details }) => (/without gRPC status/i.test(details) ? {} : undefined)),
  },
  {
    name: 'compressed-is-an-empty-answer',
    clause: 'GW-42',
    about: 'A compressed message is answered 200',
    // The gRPC library gives no details for this one.
    ...failing(({ grpcStatusName, details }) =>
      grpcStatusName === 'INTERNAL' && details === '' ? {} : undefined,
    ),
  },
  {
    name: 'bare-http-errors-pass',
    clause: 'GW-42',
    about: 'An HTTP status without gRPC is passed on',
    ...failing(({ details }) => (/HTTP status code 404|404/.test(details) ? { status: 404 } : undefined)),
  },
  {
    name: 'failures-explained',
    clause: 'GW-43',
    about: 'A failure says what the runtime said',
    ...failing(({ details }) => ({
      status: 502,
      headers: json,
      body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32000, message: details } }),
    })),
  },
  {
    name: 'failures-with-their-status',
    clause: 'GW-43',
    about: 'A failure names its gRPC status in a header field',
    ...failing(({ grpcStatusName }) => ({
      status: 502,
      headers: { ...json, 'x-reason': grpcStatusName },
      body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'failed' } }),
    })),
  },
  {
    name: 'made-again',
    clause: 'GW-44',
    about: 'A call that failed is made again',
    ...unary((call, request) => call(request).catch(() => call(request))),
  },
  {
    name: 'made-again-when-unavailable',
    clause: 'GW-44',
    about: 'A call that ended with UNAVAILABLE is made again',
    ...unary((call, request) =>
      call(request).catch((error: unknown) => {
        if (error instanceof RuntimeCallError && error.retryable) return call(request);
        throw error;
      }),
    ),
  },
  {
    name: 'gone-for-ever',
    clause: 'GW-45',
    about: 'A runtime that was away once is not tried again',
    connection: (inner): RuntimeConnection => {
      let gone: unknown;
      return around(inner, {
        healthCheck: async (options) => {
          if (gone !== undefined) throw gone;
          try {
            return await inner.healthCheck(options);
          } catch (error) {
            gone = error;
            throw error;
          }
        },
      });
    },
  },
]);
