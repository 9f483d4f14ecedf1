import { withDeadline } from '../../../base/deadline.ts';
import type { RuntimeRequest } from '../../../client/messages.ts';
import type { RequestRpc } from '../../../proto/index.ts';
import { type Failure, idCount, type Receiver, type Transport, templateId } from '../transport/transport.ts';
import { AnswerCheck, type CallResponse, type ExpectResult } from './answer-check.ts';
import { readableText } from './readable-text.ts';

/** Called once at the end of an operation. @param failure undefined if it ended as expected */
export type Done = (failure: Failure | undefined) => void;

/** Ends an operation early. Its `Done` is then called with a failure. */
export type Cancel = () => void;

/** Something that a user does again and again, but only once at a time. */
export interface Operation {
  start(done: Done): Cancel;
}

/** The origin of calls: a user with its connection. */
export interface Caller {
  readonly transport: Transport;
  /** The number of the user, unique in its thread. */
  readonly user: number;
}

/** Collects a response. */
class Collector implements Receiver, CallResponse {
  status = 0;
  headers: CallResponse['headers'] = () => ({});
  readonly #onEnd: (response: CallResponse, failure: Failure | undefined) => void;
  #pieces: Buffer[] = [];

  constructor(onEnd: (response: CallResponse, failure: Failure | undefined) => void) {
    this.#onEnd = onEnd;
  }

  get body(): Buffer {
    const [first, ...more] = this.#pieces;
    if (first === undefined) return Buffer.alloc(0);
    if (more.length === 0) return first;
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [whole];
    return whole;
  }

  head(status: number, fields: CallResponse['headers']): void {
    this.status = status;
    this.headers = fields;
  }

  data(bytes: Buffer): void {
    this.#pieces.push(Buffer.from(bytes));
  }

  end(failure: Failure | undefined): void {
    this.#onEnd(this, failure);
  }
}

/** Makes a receiver that collects the response, and calls `onEnd` once. */
export function collect(onEnd: (response: CallResponse, failure: Failure | undefined) => void): Receiver {
  return new Collector(onEnd);
}

let lastId = 0;

/** Returns a new JSON-RPC id of ten digits. */
export function nextId(): number {
  lastId = (lastId + 1) % idCount;
  return templateId + lastId;
}

/** Returns the failure for an unexpected HTTP status. */
export function unexpectedStatus({ status, body }: CallResponse): Failure {
  return { kind: `http ${status}`, detail: `HTTP status ${status}: ${readableText(body)}` };
}

/** Returns the failure for a response that differs from the expected one. */
export function wrongAnswer(problem: string): Failure {
  return { kind: 'wrong answer', detail: problem };
}

/** Makes the operation that sends the same request each time, and checks the result. */
export function requestOperation(
  { transport, user }: Caller,
  request: RuntimeRequest,
  expect: ExpectResult,
): Operation {
  const prepared = transport.prepare('Invoke', request);
  const check = new AnswerCheck(expect);
  return {
    start(done) {
      const id = nextId();
      prepared.setId(id);
      const receiver = collect((response, failure) => {
        if (failure !== undefined) return done(failure);
        if (response.status !== 200) return done(unexpectedStatus(response));
        const problem = check.problemOf(response, id);
        done(problem === undefined ? undefined : wrongAnswer(problem));
      });
      return transport.send(prepared, user, receiver);
    },
  };
}

/** A call failed before the measurement. The message is one line. */
export class PreparationError extends Error {
  override readonly name = 'PreparationError';
  readonly code = 'bench-preparation';
}

/**
 * Makes a call and returns its response.
 * @throws PreparationError if the call fails, or after the time limit
 */
export async function callOnce(
  { transport, user }: Caller,
  call: { readonly rpc: RequestRpc; readonly request: RuntimeRequest; readonly deadlineMs: number },
): Promise<CallResponse> {
  const { rpc, request, deadlineMs } = call;
  let cancel: Cancel = () => undefined;
  const ended = new Promise<CallResponse>((resolve, reject) => {
    const receiver = collect((response, failure) => {
      if (failure === undefined) resolve(response);
      else reject(new PreparationError(`${rpc} failed: ${failure.detail}`));
    });
    cancel = transport.send(transport.prepare(rpc, request), user, receiver);
  });
  try {
    const late = () => new PreparationError(`${rpc} did not end within ${deadlineMs} ms`);
    return await withDeadline(ended, deadlineMs, late);
  } finally {
    cancel();
  }
}
