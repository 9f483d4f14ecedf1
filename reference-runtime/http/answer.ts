import type { RequestRefused } from '../failures/request-refused.ts';

/** An HTTP response, independent of its transport. */
export interface Answer {
  readonly status: number;
  /** Header fields with unique lower-case names (HEADER-2). */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

const encoder = new TextEncoder();
const nothing = new Uint8Array();

/** Returns an answer without a body. */
export function emptyAnswer(status: number): Answer {
  return { status, headers: {}, body: nothing };
}

/** Returns an answer with a JSON body. @param text the serialised JSON */
export function jsonAnswer(status: number, text: string, headers: Record<string, string> = {}): Answer {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: encoder.encode(text) };
}

/** Returns an answer whose body is a complete stream of server-sent events (JSONRPC-10). */
export function eventsAnswer(text: string): Answer {
  return { status: 200, headers: { 'content-type': 'text/event-stream' }, body: encoder.encode(text) };
}

/** Converts a refusal to an answer (ERROR-2). */
export function refusalAnswer(refusal: RequestRefused): Answer {
  return jsonAnswer(refusal.httpStatus, refusal.body());
}
