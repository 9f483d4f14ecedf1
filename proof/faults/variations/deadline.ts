import type { ServerHttp2Stream } from 'node:http2';
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { trackStream } from '../../../reference-runtime/http2/client-connection.ts';
import { errorResponse } from '../../../reference-runtime/mcp/json-rpc-error.ts';
import type { Outcome } from '../../../reference-runtime/mcp/response-path.ts';
import { variations } from '../../harness/fault.ts';
import { changeStatus, onCallStreams } from '../changes/http2.ts';
import { isOk, onAnswerIf, textOf } from '../changes/runtime.ts';

/** Lets connections end the streams of calls (RPC-21), and leaves the rest to grpc-js. */
const trackCalls: ServerInterceptor = (_method, call) => {
  const stream: ServerHttp2Stream | undefined = Reflect.get(call, 'stream');
  if (stream !== undefined) trackStream(stream);
  return new ServerInterceptingCall(call);
};

/** Variations of deadlines and cancellation. */
export const deadlineVariations = variations([
  {
    name: 'grpc-js-by-itself',
    clause: 'DEADLINE-1',
    about: 'The runtime uses grpc-js deadlines, which overflow after 24 days and may expire late',
    hooks: { interceptors: [trackCalls] },
    options: { limits: { chunkBytes: 128 } },
  },
  {
    name: 'cancelled-requests-are-accepted',
    clause: 'DEADLINE-3',
    about: 'The runtime answers a cancelled request with an empty 202',
    hooks: onAnswerIf(
      (answer) => isOk(answer) && textOf(answer).includes('"request_cancelled"'),
      () => ({ status: 202, headers: {}, body: new Uint8Array() }),
    ),
  },
  {
    name: 'passed-deadlines-are-cancellations',
    clause: 'DEADLINE-1',
    about: 'The runtime ends calls whose deadline has passed with CANCELLED',
    hooks: onCallStreams((stream) => changeStatus(stream, (status) => (status === '4' ? '1' : status))),
  },
  {
    name: 'cancelled-streams-end-with-an-error',
    clause: 'DEADLINE-3',
    about: 'The runtime sends the error of a cancelled request on its stream',
    hooks: {
      beginRequest(session, call, exchange) {
        const { request, path } = exchange;
        const finish = (outcome: Outcome) => {
          const error = { code: -32800, message: 'Cancelled' };
          const isStreamed = outcome.kind === 'cancelled' && path.interactive;
          path.finish(isStreamed ? { kind: 'response', json: errorResponse(request.id, error) } : outcome);
        };
        const same = {
          interactive: path.interactive,
          message: (json: string) => path.message(json),
          suspend: (retryMs: number) => path.suspend(retryMs),
          finish,
        };
        return defaultHooks.beginRequest(session, call, { ...exchange, path: same });
      },
    },
  },
]);
