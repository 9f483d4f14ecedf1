import type { RequestRefused } from '../failures/request-refused.ts';

/** An HTTP response, before it becomes a message of the contract. */
export interface Answer {
  readonly status: number;
  /** Names in lower-case, each once (HEADER-2). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array();

/** An answer without a body. */
export function emptyAnswer(status: number): Answer {
  return { status, headers: {}, body: nothing };
}

/** An answer with a JSON body, given as its text. */
export function jsonAnswer(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: encoder.encode(text) };
}

/** An answer whose body is a complete stream of server-sent events (JSONRPC-10). */
export function eventsAnswer(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: encoder.encode(text) };
}

/** A refusal as an answer (ERROR-2). */
export function refusalAnswer(refusal: RequestRefused): Answer {
  return jsonAnswer(refusal.httpStatus, refusal.body());
}
