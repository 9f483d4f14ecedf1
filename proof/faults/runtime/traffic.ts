import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import type { Answer } from '../../../reference-runtime/http/answer.ts';
import { type Hooks, runtimeFaults } from '../../harness/fault.ts';
import { onAnswerIf, onText, textOf, withFields } from '../changes/runtime.ts';
import { heads, postRefusalAnswers } from '../changes/streams.ts';

const isHandshake = (answer: Answer): boolean => answer.headers['mcp-session-id'] !== undefined;
const withStatus = (status: number) => (answer: Answer) => answer.status === status;

/** Adds header fields to the answers of `Invoke` and `CloseSession` with one status. */
const fieldsOf = (status: number, fields: Record<string, string>): Hooks =>
  onAnswerIf(withStatus(status), (answer) => withFields(answer, fields));

/** Changes the events that match. */
function events(when: RegExp, change: (text: string) => string): Hooks {
  return {
    frameEvent: (event) => {
      const text = defaultHooks.frameEvent(event);
      return when.test(event.data) ? change(text) : text;
    },
  };
}

const withoutId = (text: string): string => text.replace(/^id: .*\n/, '');

/** Faults in the header fields of one kind of answer. */
export const headerTrafficFaults = runtimeFaults([
  {
    name: 'handshake-fields-in-capitals',
    clause: 'HEADER-2',
    about: 'The runtime writes the field names of the answer to initialize in capitals',
    hooks: onAnswerIf(isHandshake, ({ headers, ...answer }) => ({
      ...answer,
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name.toUpperCase(), value]),
      ),
    })),
  },
  {
    name: 'stream-heads-in-capitals',
    clause: 'HEADER-2',
    about: 'The runtime writes the field names of the heads of streams in capitals',
    hooks: heads(({ status }) => ({ status, headers: { 'Content-Type': 'text/event-stream' } })),
  },
  {
    name: 'stream-heads-with-connection',
    clause: 'HEADER-2',
    about: 'The runtime sends a hop-by-hop field in the heads of streams',
    hooks: heads(({ status, headers }) => ({ status, headers: { ...headers, connection: 'keep-alive' } })),
  },
  {
    name: 'post-refusals-with-a-hop-by-hop-field',
    clause: 'HEADER-2',
    about: 'The runtime sends a hop-by-hop field in the head of a refused streamed POST',
    hooks: postRefusalAnswers((answer) => withFields(answer, { 'transfer-encoding': 'chunked' })),
  },
  {
    name: 'refusals-of-others-with-a-bad-value',
    clause: 'HEADER-2',
    about: 'The runtime sends a field value outside ASCII in refusals with 403',
    hooks: fieldsOf(403, { 'x-reason': 'another caller – refused' }),
  },
  {
    name: 'refused-expiry-with-a-bad-value',
    clause: 'HEADER-2',
    about: 'The runtime sends a field name in capitals in refusals with 401',
    hooks: fieldsOf(401, { 'WWW-Authenticate': 'Bearer' }),
  },
  {
    name: 'closing-with-te',
    clause: 'HEADER-2',
    about: 'The runtime sends a hop-by-hop field in the answer to CloseSession',
    hooks: fieldsOf(204, { te: 'trailers' }),
  },
  {
    name: 'internal-field-in-results',
    clause: 'HEADER-7',
    about: 'The runtime sends an internal field in its answers',
    hooks: fieldsOf(200, { 'x-contextforge-session-validated': 'rust' }),
  },
  {
    name: 'internal-field-in-stream-heads',
    clause: 'HEADER-7',
    about: 'The runtime sends an internal field in the heads of streams',
    hooks: heads(({ status, headers }) => ({ status, headers: { ...headers, 'x-original-worker': '1' } })),
  },
  {
    name: 'length-of-another-body',
    clause: 'HEADER-7',
    about: 'The runtime sends a wrong content-length in refusals with 404',
    hooks: fieldsOf(404, { 'content-length': '1' }),
  },
  {
    name: 'length-of-a-stream',
    clause: 'HEADER-7',
    about: 'The runtime sends content-length in the head of a stream',
    hooks: heads(({ status, headers }) => ({ status, headers: { ...headers, 'content-length': '0' } })),
  },
  {
    name: 'parse-errors-without-a-type',
    clause: 'HEADER-1',
    about: 'The runtime omits the content-type of parse errors',
    alsoBreaks: [{ clause: 'ERROR-2', reason: 'ERROR-2 requires the media type of refusals too.' }],
    hooks: onAnswerIf(
      (answer) => textOf(answer).includes('-32700'),
      ({ headers: { 'content-type': _left, ...headers }, ...answer }) => ({ ...answer, headers }),
    ),
  },
]);

/** Faults that reveal a caller. */
export const authTrafficFaults = runtimeFaults([
  {
    name: 'owner-in-a-field-of-the-refusal',
    clause: 'AUTH-10',
    about: 'The runtime names the owner of the session in a header field of the refusal',
    hooks: fieldsOf(403, { 'x-session-owner': 'alice@example.com' }),
  },
  {
    name: 'owner-in-the-data-of-the-refusal',
    clause: 'AUTH-10',
    about: 'The runtime names the owner of the session in the data of the refusal',
    hooks: onText(withStatus(403), (text) =>
      text.replace('"retryable"', '"owner":"alice@example.com","retryable"'),
    ),
  },
]);

/** Faults that repeat credentials. */
export const errorTrafficFaults = runtimeFaults([
  {
    name: 'identity-in-the-refusal',
    clause: 'ERROR-3',
    about: 'The runtime repeats the encoded auth context in a header field of refusals',
    hooks: {
      decodeClaims(encoded) {
        lastEncoded = encoded;
        return defaultHooks.decodeClaims(encoded);
      },
      ...onAnswerIf(withStatus(403), (answer) => withFields(answer, { 'x-context': lastEncoded })),
    },
  },
]);

let lastEncoded = '';

/** Faults in the shape of one kind of message. */
export const jsonRpcTrafficFaults = runtimeFaults([
  {
    name: 'reserved-error-code',
    clause: 'JSONRPC-12',
    about: 'The runtime refuses an unknown session with an error code that JSON-RPC reserves',
    hooks: onText(withStatus(404), (text) => text.replace(/"code":-?\d+/, '"code":-32404')),
  },
  {
    name: 'error-code-as-text',
    clause: 'JSONRPC-12',
    about: 'The runtime sends the code of an unknown method as text',
    hooks: onText(withStatus(200), (text) => text.replace('"code":-32601', '"code":"-32601"')),
  },
  {
    name: 'error-code-with-a-fraction',
    clause: 'JSONRPC-12',
    about: 'The runtime sends an error code with a fraction for an unknown tool',
    hooks: onText(withStatus(200), (text) => text.replace('"code":-32602', '"code":-32602.5')),
  },
  {
    name: 'error-without-text',
    clause: 'JSONRPC-12',
    about: 'The runtime omits the message of errors on streams',
    hooks: events(/"error":/, (text) => text.replace(/"message":"(?:[^"\\]|\\.)*",/, '')),
  },
  {
    name: 'log-messages-without-version',
    clause: 'JSONRPC-12',
    about: 'The runtime omits jsonrpc in log messages',
    hooks: events(/"notifications\/message"/, (text) => text.replace('"jsonrpc":"2.0",', '')),
  },
  {
    name: 'notifications-with-an-id',
    clause: 'JSONRPC-12',
    about: 'The runtime gives a notification about a resource an id',
    hooks: events(/resources\/updated"/, (text) => text.replace('"method"', '"id":1,"method"')),
  },
  {
    name: 'null-result-beside-each-error',
    clause: 'JSONRPC-12',
    about: 'The runtime sends a null result beside each error',
    hooks: onText(withStatus(200), (text) => text.replace('"error":{', '"result":null,"error":{')),
  },
  {
    name: 'streamed-fraction-cut',
    clause: 'JSONRPC-2',
    about: 'The runtime drops the trailing zero of an id on streams',
    hooks: events(/"id":2\.50/, (text) => text.replace('"id":2.50', '"id":2.5')),
  },
  {
    name: 'accepted-response-with-a-body',
    clause: 'JSONRPC-3',
    about: 'The runtime answers a notification with 202 and a body',
    hooks: onAnswerIf(withStatus(202), (answer) => ({
      ...withFields(answer, { 'content-type': 'application/json' }),
      body: Buffer.from('{}'),
    })),
  },
]);

/** Faults in some of the event ids. */
export const resumeTrafficFaults = runtimeFaults([
  {
    name: 'errors-without-event-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends errors in events without ids',
    hooks: events(/"error":/, withoutId),
  },
  {
    name: 'updates-without-event-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends notifications about resources in events without ids',
    hooks: events(/resources\/updated"/, withoutId),
  },
  {
    name: 'progress-without-event-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends progress in events without ids',
    hooks: events(/"notifications\/progress"/, withoutId),
  },
  {
    name: 'questions-without-event-ids',
    clause: 'RESUME-1',
    about: 'The runtime sends its own requests in events without ids',
    hooks: events(/"method":"(?:sampling|elicitation)\//, withoutId),
  },
  {
    name: 'handshake-without-event-id',
    clause: 'RESUME-1',
    about: 'The runtime sends the result of a streamed initialize in an event without an id',
    hooks: events(/"protocolVersion"/, withoutId),
  },
  {
    name: 'updates-share-an-event-id',
    clause: 'RESUME-1',
    about: 'The runtime gives log messages of level alert the event id of another event',
    hooks: events(/"level":"alert"/, (text) => text.replace(/^id: (.*)-\d+$/m, 'id: $1-2')),
  },
]);

/** Faults in one kind of MCP message. */
export const mcpTrafficFaults = runtimeFaults([
  {
    name: 'one-level-renamed',
    clause: 'MCP-8',
    about: 'The runtime calls the level warning "warn"',
    hooks: events(/"level":"warning"/, (text) => text.replace('"level":"warning"', '"level":"warn"')),
  },
  {
    name: 'updates-without-a-uri',
    clause: 'MCP-10',
    about: 'The runtime omits the URI of a changed resource',
    hooks: events(/resources\/updated"/, (text) => text.replace('"uri":', '"url":')),
  },
  {
    name: 'output-schema-without-output',
    clause: 'MCP-14',
    about: 'The runtime lists an output schema for a tool, whose results have no structured content',
    hooks: onText(withStatus(200), (text) =>
      text.replace(
        '"name":"test_simple_text",',
        '"name":"test_simple_text","outputSchema":{"type":"object","properties":{"text":{"type":"string"}}},',
      ),
    ),
  },
  {
    name: 'output-of-another-shape',
    clause: 'MCP-14',
    about: 'The runtime lists an output schema that the structured content of a tool does not fit',
    hooks: onText(withStatus(200), (text) =>
      text
        .replace(
          '"name":"test_simple_text",',
          '"name":"test_simple_text","outputSchema":{"type":"object","required":["text"]},',
        )
        .replace('"result":{"content":', '"result":{"structuredContent":{"texts":[]},"content":'),
    ),
  },
]);
