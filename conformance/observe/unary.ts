import { type DescMessage, fromBinary, type MessageShape } from '@bufbuild/protobuf';
import { errorMessage } from '../../base/error-message.ts';
import { mediaTypeOf } from '../../base/http-fields.ts';
import { HealthResponseSchema, McpResponseSchema } from '../../proto/index.ts';
import { JsonError, rawToken } from '../match/json.ts';
import type { CallEnd } from '../wire/call-end.ts';
import { ObservationError, readJson } from './json-text.ts';
import { isUnknownNotification } from './mcp-methods.ts';
import { carriesMessage, type SseEvent, SseReader } from './sse.ts';

export { ObservationError } from './json-text.ts';

/** Maximum number of header fields, more than any response needs. A case may check each field. */
const maxHeaders = 1_000;

// A byte order mark stays in the text, because JSON must not begin with one.
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** The form in which a body is observed, by media type. */
const forms: ReadonlyMap<string, 'json' | 'sse'> = new Map([
  ['application/json', 'json'],
  ['text/event-stream', 'sse'],
]);

/** The answer to a call, in the form that `expect` is compared with (docs/fixtures.md, "Observations"). */
export type Observation = Readonly<Record<string, unknown>>;

/**
 * Returns the observation of a unary call.
 * @param messages the encoded response messages, or the first of them. A successful call must have exactly one
 */
export function observeUnary(end: CallEnd, messages: readonly Uint8Array[]): Observation {
  const base = observeEnd(end);
  if (end.grpc !== 'OK') return base;
  const response = decodeOne(messages, McpResponseSchema);
  const headerNames = Object.keys(response.headers);
  if (headerNames.length > maxHeaders) {
    const count = headerNames.length;
    throw new ObservationError(`the response has ${count} header fields, more than ${maxHeaders}`);
  }
  const headers = lowerCaseNames(response.headers);
  const form = response.body.length === 0 ? 'empty' : (forms.get(mediaTypeOf(headers)) ?? 'other');
  return {
    ...base,
    status: response.status,
    headers,
    headerNames,
    form,
    bytes: response.body.length,
    ...observeText(response.body, form, response.status < 400 ? 'JSONRPC-10' : 'ERROR-2'),
    ...(form === 'sse' && observeSse(response.body)),
  };
}

/** Returns the observation of a health check. */
export function observeHealth(end: CallEnd, messages: readonly Uint8Array[]): Observation {
  const base = observeEnd(end);
  if (end.grpc !== 'OK') return base;
  const { status, mode, version, capabilities } = decodeOne(messages, HealthResponseSchema);
  return { ...base, health: { status, mode, version, capabilities } };
}

/** Returns the members that every observation has. */
export function observeEnd(end: CallEnd): Observation {
  return {
    grpc: end.grpc,
    grpcMessage: end.grpcMessage,
    ...(end.protocolProblem === undefined ? {} : { protocolProblem: end.protocolProblem }),
    ...(end.transport === undefined ? {} : { transport: end.transport }),
  };
}

/** Returns header fields by lower-case name. If several have the same name, the last one wins. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

/** Returns the id of a JSON-RPC message as its verbatim JSON token. */
export function idToken(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null || !('id' in message)) return undefined;
  return rawToken(message.id);
}

/** Parses the message in the data of an event. @throws ObservationError if the data is not JSON */
export function parseEventData(event: SseEvent): unknown {
  return parsed(event.data, 'STREAM-6: the data of an event of type "message"');
}

/**
 * Parses JSON.
 * @param subject the clause and a description of the text, for the error
 * @throws ObservationError if the text is not JSON
 */
function parsed(text: string, subject: string): unknown {
  try {
    return readJson(text);
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw new ObservationError(`${subject} is not JSON: ${text.slice(0, 120)}`, 'body');
  }
}

function decodeOne<Desc extends DescMessage>(
  messages: readonly Uint8Array[],
  schema: Desc,
): MessageShape<Desc> {
  const [first] = messages;
  if (first === undefined || messages.length > 1) {
    const answer = first === undefined ? 'no message' : 'more than 1 message';
    throw new ObservationError(`RPC-1: a unary call ended with OK but returned ${answer}`);
  }
  try {
    return fromBinary(schema, first);
  } catch (error) {
    throw new ObservationError(`RPC-1: the response is not a valid ${schema.name}: ${errorMessage(error)}`);
  }
}

/**
 * Returns the members of an observation for a body.
 * @param form `json` for a body that must be JSON
 * @param clause the clause that a body breaks that is not JSON. Default: the one about refusals
 */
export function observeText(body: Uint8Array, form: string, clause = 'ERROR-2'): Record<string, unknown> {
  let text: string;
  try {
    text = utf8.decode(body);
  } catch {
    if (form === 'json') {
      throw new ObservationError(`${clause}: a body of type application/json is not UTF-8`, 'body');
    }
    return {};
  }
  if (form !== 'json') return { text };
  const message = parsed(text, `${clause}: a body of type application/json`);
  const token = idToken(message);
  return { text, message, messages: [], ...(token === undefined ? {} : { idToken: token }) };
}

function observeSse(body: Uint8Array): Record<string, unknown> {
  const reader = new SseReader();
  const events = reader.push(body);
  reader.end();
  const received = events.filter(carriesMessage).map(parseEventData);
  const messages = received.filter((each) => !isUnknownNotification(each));
  const message = messages.pop();
  const token = idToken(message);
  return {
    events,
    messages,
    ...(message === undefined ? {} : { message }),
    ...(token === undefined ? {} : { idToken: token }),
  };
}
