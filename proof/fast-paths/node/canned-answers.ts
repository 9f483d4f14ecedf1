const idMark = Buffer.from('"id":');
const textMark = Buffer.from('"text":"');
const idDigits = 10;

/** The answer of a canned upstream: an HTTP response, independent of the transport. */
export interface CannedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** The event that the tool of the workload emits before its result. */
const loggedEvent =
  'data: {"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","data":{"n":0}}}\n\n';

const json = { 'content-type': 'application/json' };

/**
 * Answers a request of the load generator with as little work as possible.
 * @param request bytes that contain the JSON-RPC message
 * @param isStreamed whether the caller asked for a stream of events
 */
export function cannedAnswer(request: Buffer, isStreamed: boolean): CannedAnswer {
  const mark = request.indexOf(idMark);
  if (mark < 0) return { status: 202, headers: {}, body: Buffer.alloc(0) };
  const id = request.toString('latin1', mark + idMark.length, mark + idMark.length + idDigits);
  if (request.includes('"initialize"')) {
    const result =
      '{"protocolVersion":"2025-11-25","capabilities":{},"serverInfo":{"name":"canned","version":"1"}}';
    return {
      status: 200,
      headers: { ...json, 'mcp-session-id': 'canned-session' },
      body: response(id, result),
    };
  }
  if (isStreamed) {
    const body = Buffer.from(`${loggedEvent}data: ${response(id, textResult('emitted 1'))}\n\n`);
    return { status: 200, headers: { 'content-type': 'text/event-stream' }, body };
  }
  const start = request.indexOf(textMark) + textMark.length;
  const text = request.toString('latin1', start, request.indexOf('"', start));
  return { status: 200, headers: json, body: response(id, textResult(text)) };
}

function textResult(text: string): string {
  return `{"content":[{"type":"text","text":"${text}"}]}`;
}

function response(id: string, result: string): Buffer {
  return Buffer.from(`{"jsonrpc":"2.0","id":${id},"result":${result}}`);
}
