import { withTimeLimit } from '../../base/deadline.ts';
import { toAbortSignal } from '../../base/signal.ts';
import { refused } from '../../reference-runtime/failures/request-refused.ts';
import { type Answer, emptyAnswer } from '../../reference-runtime/http/answer.ts';
import type { Call } from '../../reference-runtime/http/call.ts';
import { type Caller, identify, identityHooks } from '../../reference-runtime/identity/caller.ts';
import { parseMessage, type RequestMessage } from '../../reference-runtime/mcp/envelope.ts';
import { rpcErrorCodes } from '../../reference-runtime/mcp/json-rpc-error.ts';
import { collect, pump } from '../../reference-runtime/modern/response-body.ts';
import { endAtExpiry, listenMethod } from '../../reference-runtime/modern/subscription.ts';
import type { StreamAnswer } from '../../reference-runtime/service/service.ts';
import type { Service } from '../../reference-runtime/service/serving.ts';

/** Sends an HTTP request to the server of an SDK. */
export type Exchange = (request: Request, caller: Caller, call: Call) => Promise<Response>;

/** Fields that belong to one HTTP connection. */
const connectionFields: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'date',
  'keep-alive',
  'transfer-encoding',
]);
/** Time after which a stream begins although the server has not answered. */
const headDelayMs = 1000;
/** The fields of a stream of events that the adapter begins itself. */
const eventFields = { 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };
const maxTextLength = 128 * 1024 * 1024;

/**
 * A service that forwards each call to the HTTP handler of an SDK and returns the response. An HTTP server cannot
 * follow two rules of the contract, so the service does: it ends a subscription when the caller's credentials expire,
 * and refuses one on a unary call.
 */
export class HandlerService implements Service {
  readonly #exchange: Exchange;

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  async invoke(call: Call): Promise<Answer> {
    const listen = requestIn(call);
    if (listen?.method === listenMethod) {
      const message = `${listenMethod} needs a streamed answer`;
      const { invalidRequest: rpcCode } = rpcErrorCodes;
      throw refused('INVALID_ARGUMENT', 'stream_required', message, { id: listen.id, rpcCode });
    }
    return answerOf(await this.#send(call));
  }

  async openStream(call: Call): Promise<StreamAnswer> {
    const sent = this.#send(call);
    const early = await withTimeLimit(sent, headDelayMs);
    if (early !== undefined && !isStreamed(early)) {
      const answer = await answerOf(early);
      // A refused GET has only a status (STREAM-2).
      return { kind: 'answer', answer: call.method === 'GET' ? emptyAnswer(answer.status) : answer };
    }
    // A result in JSON becomes one event (POST-1), and a stream without a head gets the fields of one.
    const headers =
      early !== undefined && isEvents(early)
        ? fieldsOf(early)
        : { ...(early && fieldsOf(early)), ...eventFields };
    const run = (sink: Parameters<typeof pump>[1]['sink']) => {
      const message = requestIn(call);
      if (message?.method === listenMethod) {
        endAtExpiry(sink, message.id, call.authContext?.expiresAtEpochMs ?? 0n);
      }
      const onError = (error: unknown) => process.stderr.write(`stream: ${String(error)}\n`);
      void sent.then(
        (response) => pump(response, { sink, restore: (text) => text, onError }),
        (error: unknown) => {
          onError(error);
          sink.fail('INTERNAL', 'The request failed');
        },
      );
    };
    return { kind: 'events', headers, run };
  }

  async closeSession(call: Call): Promise<Answer> {
    return answerOf(await this.#send(call));
  }

  async #send(call: Call): Promise<Response> {
    const caller = identify(call.authContext, identityHooks);
    const fields = [...call.headers].filter(([name]) => !connectionFields.has(name));
    const request = new Request('http://127.0.0.1/mcp', {
      method: call.method,
      headers: fields,
      signal: toAbortSignal(call.signal),
      ...(call.method === 'POST' && { body: call.body }),
    });
    return this.#exchange(request, caller, call);
  }
}

/** Returns the request in the body of a call, or undefined for any other body. The server answers that. */
export function requestIn({ method, body }: Call): RequestMessage | undefined {
  if (method !== 'POST') return undefined;
  try {
    const message = parseMessage(body);
    return message.kind === 'request' ? message : undefined;
  } catch {
    return undefined;
  }
}

async function answerOf(response: Response): Promise<Answer> {
  const text = response.body === null ? '' : await collect(response.body, maxTextLength);
  return { status: response.status, headers: fieldsOf(response), body: new TextEncoder().encode(text) };
}

function fieldsOf({ headers }: Response): Readonly<Record<string, string>> {
  return Object.fromEntries([...headers].filter(([name]) => !connectionFields.has(name)));
}

/** Returns whether a response becomes a stream of events: unless it is a refusal, or accepts a notification. */
function isStreamed({ status, body }: Response): boolean {
  return status === 200 && body !== null;
}

function isEvents({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}
