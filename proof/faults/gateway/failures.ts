import { RuntimeCallError } from '../../../client/index.ts';
import type { OpenedStream, RuntimeConnection } from '../../../gateway/index.ts';
import { gatewayFaults } from '../../harness/fault.ts';
import { answering, around, type Bytes, bytesOf, failing, json, streams, unary } from '../changes/gateway.ts';

const assumed = {
  status: 200,
  headers: { 'content-type': 'text/event-stream' },
  origin: 'assumed',
} as const;

/** Replaces the head of a stream with a default head if the stream fails with a matching error. */
function orElse(isSelected: (error: Error) => boolean): (stream: OpenedStream) => OpenedStream['head'] {
  return async (stream) => {
    try {
      return await stream.head;
    } catch (error) {
      if (error instanceof Error && isSelected(error)) return assumed;
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

/** Faults in the handling of failed calls. */
export const failureFaults = gatewayFaults([
  {
    name: 'unreachable-is-unavailable',
    clause: 'GW-40',
    about: 'The gateway answers an interrupted call with 503',
    ...failing(({ grpcStatusName }) => (grpcStatusName === 'UNAVAILABLE' ? { status: 503 } : undefined)),
  },
  {
    name: 'cancelled-is-an-empty-answer',
    clause: 'GW-40',
    about: 'The gateway answers a reset call with an empty 200',
    ...failing(({ grpcStatusName, details }) =>
      grpcStatusName === 'INTERNAL' && /RST_STREAM|closed/i.test(details) ? {} : undefined,
    ),
  },
  {
    name: 'failures-without-an-id',
    clause: 'GW-40',
    about: 'The gateway omits the id from the JSON-RPC error of a failed call',
    ...answering((answer) =>
      answer.status === 502
        ? { body: bytesOf({ jsonrpc: '2.0', error: { code: -32000, message: 'failed' } }) }
        : {},
    ),
  },
  {
    name: 'not-found-is-not-found',
    clause: 'GW-41',
    about: 'The gateway answers NOT_FOUND with 404',
    ...failing(({ grpcStatusName }) => (grpcStatusName === 'NOT_FOUND' ? { status: 404 } : undefined)),
  },
  {
    name: 'statuses-mapped',
    clause: 'GW-41',
    about: 'The gateway answers INVALID_ARGUMENT with 400 and UNAUTHENTICATED with 401',
    ...failing(({ grpcStatusName }) => {
      if (grpcStatusName === 'INVALID_ARGUMENT') return { status: 400 };
      return grpcStatusName === 'UNAUTHENTICATED' ? { status: 401 } : undefined;
    }),
  },
  {
    name: 'internal-error-code',
    clause: 'GW-41',
    about: 'The gateway reports a failed call with the error code -32603',
    ...answering((answer) =>
      answer.status === 502
        ? { body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32603, message: 'failed' } }) }
        : {},
    ),
  },
  {
    name: 'nothing-is-an-empty-stream',
    clause: 'GW-42',
    about: 'The gateway returns an empty stream if the runtime ends it before the first chunk',
    ...streams({ head: orElse((error) => error.name === 'TruncatedStreamError'), bytes: untilTruncated }),
  },
  {
    name: 'nonsense-is-a-stream',
    clause: 'GW-42',
    about: 'The gateway answers 200 to a stream whose first chunk is invalid',
    ...streams({ head: orElse((error) => /parsing|deseriali/i.test(error.message)) }),
  },
  {
    name: 'no-message-is-an-empty-answer',
    clause: 'GW-42',
    about: 'The gateway answers 200 to an OK status without a message',
    ...failing(({ details }) => (/no message/i.test(details) ? {} : undefined)),
  },
  {
    name: 'nonsense-is-an-empty-answer',
    clause: 'GW-42',
    about: 'The gateway answers 202 to an undecodable message',
    ...failing(({ details }) => (/parsing|deseriali/i.test(details) ? { status: 202 } : undefined)),
  },
  {
    name: 'no-status-is-an-empty-answer',
    clause: 'GW-42',
    about: 'The gateway answers 200 to a response without a gRPC status',
    ...failing(({ details }) => (/without gRPC status/i.test(details) ? {} : undefined)),
  },
  {
    name: 'compressed-is-an-empty-answer',
    clause: 'GW-42',
    about: 'The gateway answers 200 to a compressed message',
    ...failing(({ details }) => (/compressed message/.test(details) ? {} : undefined)),
  },
  {
    name: 'bare-http-errors-pass',
    clause: 'GW-42',
    about: 'The gateway forwards an HTTP error status from a non-gRPC response',
    ...failing(({ details }) => (/HTTP status code 404|404/.test(details) ? { status: 404 } : undefined)),
  },
  {
    name: 'failures-explained',
    clause: 'GW-43',
    about: "The gateway exposes the runtime's error details",
    ...failing(({ details }) => ({
      status: 502,
      headers: json,
      body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32000, message: details } }),
    })),
  },
  {
    name: 'failures-with-their-status',
    clause: 'GW-43',
    about: 'The gateway exposes the gRPC status in a header field',
    ...failing(({ grpcStatusName }) => ({
      status: 502,
      headers: { ...json, 'x-reason': grpcStatusName },
      body: bytesOf({ jsonrpc: '2.0', id: null, error: { code: -32000, message: 'failed' } }),
    })),
  },
  {
    name: 'made-again',
    clause: 'GW-44',
    about: 'The gateway retries a failed call',
    ...unary((call, request) => call(request).catch(() => call(request))),
  },
  {
    name: 'made-again-when-unavailable',
    clause: 'GW-44',
    about: 'The gateway retries a call that ended with UNAVAILABLE',
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
    about: 'The gateway never reconnects to a runtime that was unavailable',
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
