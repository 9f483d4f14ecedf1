import { internalFields } from '../../../base/http-fields.ts';
import { type RequestRpc, rpcOfMethod } from '../../../proto/index.ts';
import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { emptyAnswer, jsonAnswer } from '../../../reference-runtime/http/answer.ts';
import type { RequestHead } from '../../../reference-runtime/http-socket/request-message.ts';
import { type Hooks, runtimeFaults, type Serve } from '../../harness/fault.ts';
import {
  answers,
  beforeAnswers,
  fieldsOf,
  lenient,
  receivedBytes,
  requestFields,
  requests,
  sentBytes,
} from '../changes/http.ts';

const grpc = 'MCP_RUNTIME_GRPC_UDS';
const http = 'MCP_RUNTIME_HTTP_UDS';
const sessionField = 'mcp-session-id';

type Variables = Readonly<Record<string, string | undefined>>;

/** Changes the variables of the process. */
function withVariables(change: (variables: Variables) => Variables) {
  return (serve: Serve) => serve({ environment: change(process.env) });
}

/** Decides by its `accept` whether a POST is a stream. */
function streamsIf(isStream: (accept: string) => boolean): Hooks {
  return {
    httpRpcOf: (head) =>
      head.method !== 'POST'
        ? defaultHooks.httpRpcOf(head)
        : isStream(head.headers.accept ?? '')
          ? 'InvokeStream'
          : 'Invoke',
  };
}

function methodAs(method: string, rpc: RequestRpc): Hooks {
  return { httpRpcOf: (head) => (head.method === method ? rpc : defaultHooks.httpRpcOf(head)) };
}

/** Keeps one of several fields with the same name. */
function oneOfRepeated(which: 'first' | 'last'): Hooks {
  return requestFields((fields) => {
    const kept = new Map<string, readonly [string, string]>();
    for (const field of fields) {
      const name = field[0].toLowerCase();
      if (which === 'last' || !kept.has(name)) kept.set(name, field);
    }
    return [...kept.values()];
  });
}

const health = (change: Parameters<typeof answers>[0]): Hooks => ({
  healthAnswer: (state) => change(defaultHooks.healthAnswer(state)),
});

/** Changes the members of the health answer. */
function healthMembers(change: (members: Record<string, unknown>) => object): Hooks {
  return health(({ body }) =>
    jsonAnswer(200, JSON.stringify(change(JSON.parse(Buffer.from(body).toString())))),
  );
}

/** Closes the connection after an answer, if a condition holds. */
function closingAfter(isLast: (status: number) => boolean): Hooks {
  return beforeAnswers((outgoing, { status }) => {
    if (isLast(status)) outgoing.setHeader('connection', 'close');
  });
}

function writtenServerId(head: RequestHead): string | undefined {
  return fieldsOf(head).find(([name]) => name.toLowerCase() === internalFields.serverId)?.[1];
}

/** Changes the heads of refusals. The head of the health answer must stay valid, because the kit waits for the answer. */
function refusalHeads(change: (head: string) => string): Hooks {
  return sentBytes((bytes) => {
    const text = bytes.toString('latin1');
    return [text.startsWith('HTTP/1.1 4') ? Buffer.from(change(text), 'latin1') : bytes];
  });
}

let connections = 0;

/** Faults over HTTP. */
export const httpFaults = runtimeFaults([
  {
    name: 'http-needs-grpc',
    clause: 'HTTP-1',
    about: 'The runtime does not start without a gRPC socket',
    process: (serve) => (process.env[grpc] === undefined ? Promise.resolve(2) : serve()),
  },
  {
    name: 'http-not-beside-grpc',
    clause: 'HTTP-1',
    about: 'The runtime does not serve HTTP if it serves gRPC',
    process: withVariables((variables) =>
      variables[grpc] === undefined ? variables : { ...variables, [http]: '' },
    ),
  },
  {
    name: 'grpc-not-beside-http',
    clause: 'HTTP-1',
    about: 'The runtime does not serve gRPC if it serves HTTP',
    process: withVariables((variables) => ({ ...variables, [grpc]: '' })),
  },
  {
    name: 'http-on-an-equal-path',
    clause: 'HTTP-1',
    about: 'The runtime serves HTTP alone if both variables have the same path',
    process: withVariables((variables) =>
      variables[grpc] === variables[http] ? { ...variables, [grpc]: '' } : variables,
    ),
  },
  {
    name: 'http-health-as-text',
    clause: 'HTTP-2',
    about: 'The runtime answers GET /health with text/plain',
    hooks: health((answer) => ({ ...answer, headers: { 'content-type': 'text/plain' } })),
  },
  {
    name: 'http-health-without-capabilities',
    clause: 'HTTP-2',
    about: 'The runtime leaves capabilities out of the health over HTTP',
    hooks: healthMembers(({ capabilities: _, ...others }) => others),
  },
  {
    name: 'http-health-without-mode',
    clause: 'HTTP-2',
    about: 'The runtime leaves mode out of the health over HTTP',
    hooks: healthMembers(({ mode: _, ...others }) => others),
  },
  {
    name: 'http-health-of-another-version',
    clause: 'HTTP-2',
    about: 'The runtime reports another version over HTTP than over gRPC',
    process: (serve) => serve({ hooks: healthMembers((members) => ({ ...members, version: '0.0.0-http' })) }),
  },
  {
    name: 'http-other-methods-404',
    clause: 'HTTP-3',
    about: 'The runtime answers 404 to other methods',
    hooks: answers((answer) => (answer.status === 405 ? { ...answer, status: 404 } : answer)),
  },
  {
    name: 'http-put-is-invoke',
    clause: 'HTTP-3',
    about: 'The runtime serves PUT as Invoke',
    hooks: methodAs('PUT', 'Invoke'),
  },
  {
    name: 'http-head-is-a-stream',
    clause: 'HTTP-3',
    about: 'The runtime serves HEAD as GET',
    hooks: methodAs('HEAD', 'InvokeStream'),
  },
  {
    name: 'http-delete-keeps-the-session',
    clause: 'HTTP-3',
    about: 'The runtime serves DELETE as GET',
    hooks: {
      httpRpcOf: (head) => (head.method === 'DELETE' ? rpcOfMethod.get('GET') : defaultHooks.httpRpcOf(head)),
    },
  },
  {
    name: 'http-accept-case-sensitive',
    clause: 'HTTP-3',
    about: 'The runtime compares the media range of a stream with regard to letter case',
    hooks: streamsIf((accept) =>
      accept.split(',').some((range) => /^\s*text\/event-stream\s*(?:;|$)/.test(range)),
    ),
  },
  {
    name: 'http-accept-without-parameters',
    clause: 'HTTP-3',
    about: 'The runtime does not recognise the media range of a stream with parameters',
    hooks: streamsIf((accept) =>
      accept.split(',').some((range) => /^\s*text\/event-stream\s*$/i.test(range)),
    ),
  },
  {
    name: 'http-accept-exact',
    clause: 'HTTP-3',
    about: 'The runtime recognises a streamed POST only if accept names nothing else',
    hooks: streamsIf((accept) => accept.trim().toLowerCase() === 'text/event-stream'),
  },
  {
    name: 'http-accept-anywhere',
    clause: 'HTTP-3',
    about: 'The runtime takes a POST for a stream if accept contains text/event-stream anywhere',
    hooks: streamsIf((accept) => accept.toLowerCase().includes('text/event-stream')),
  },
  {
    name: 'http-accept-wildcard',
    clause: 'HTTP-3',
    about: 'The runtime takes text/* for text/event-stream',
    hooks: streamsIf((accept) => /text\/(?:event-stream\s*(?:[;,]|$)|\*)/i.test(accept)),
  },
  {
    name: 'http-accept-of-one-field',
    clause: 'HTTP-3',
    about: 'The runtime reads only the first accept field',
    hooks: {
      httpRpcOf(head) {
        const accept = fieldsOf(head).find(([name]) => name.toLowerCase() === 'accept')?.[1] ?? '';
        return defaultHooks.httpRpcOf({ ...pick(head), headers: { accept } });
      },
    },
  },
  {
    name: 'http-path-with-the-query',
    clause: 'HTTP-3',
    about: 'The runtime takes the whole request target for the path',
    hooks: requests((_, { url = '' }) => ({ path: url, query: '' })),
  },
  {
    name: 'http-query-after-the-last-mark',
    clause: 'HTTP-3',
    about: 'The runtime splits the request target at the last question mark',
    hooks: requests((_, { url = '' }) => ({ path: url.replace(/\?[^?]*$/, '') })),
  },
  {
    name: 'http-path-decoded',
    clause: 'HTTP-3',
    about: 'The runtime decodes the request target before it splits it',
    hooks: requests((message, { url = '' }) => ({
      path: decodeURIComponent(url).split('?')[0] ?? message.path,
    })),
  },
  {
    name: 'http-session-of-exact-case',
    clause: 'HTTP-3',
    about: 'The runtime recognises mcp-session-id only in lower case',
    hooks: requests((message, head) => ({
      sessionId: fieldsOf(head).some(([name]) => name === sessionField) ? message.sessionId : '',
    })),
  },
  {
    name: 'http-server-id-not-decoded',
    clause: 'HTTP-4',
    about: 'The runtime does not decode the server id',
    hooks: requests((message, head) => ({ serverId: writtenServerId(head) ?? message.serverId })),
  },
  {
    name: 'http-server-id-with-plus',
    clause: 'HTTP-4',
    about: 'The runtime decodes + in the server id as a space',
    hooks: requests((message, head) => ({
      serverId: decodeURIComponent(writtenServerId(head)?.replaceAll('+', ' ') ?? message.serverId),
    })),
  },
  ...(
    [
      ['server-id', 'x-contextforge-server-id'],
      ['expiry', 'x-contextforge-auth-expires-at'],
      ['affinity', 'x-contextforge-affinity-forwarded'],
    ] as const
  ).map(([name, field]) => ({
    name: `http-invalid-${name}-ignored`,
    clause: 'HTTP-4',
    about: `The runtime treats an invalid ${field} as absent`,
    hooks: lenient(field),
  })),
  ...(['first', 'last'] as const).map((which) => ({
    name: `http-${which}-of-repeated-fields`,
    clause: 'HTTP-4',
    about: `The runtime uses the ${which} of several fields with the same name`,
    hooks: oneOfRepeated(which),
  })),
  {
    name: 'http-x-mcp-session-id',
    clause: 'HTTP-4',
    about: 'The runtime also takes the session id from x-mcp-session-id',
    alsoBreaks: [{ clause: 'HEADER-5', reason: 'The field is internal.' }],
    hooks: requests((message) => ({ sessionId: message.headers['x-mcp-session-id'] ?? message.sessionId })),
  },
  {
    name: 'http-answers-without-framing',
    clause: 'HTTP-5',
    about: 'The runtime ends refusals by closing the connection, without content-length',
    hooks: refusalHeads((head) => head.replace(/^content-length: \d+\r\n/im, '')),
  },
  {
    name: 'http-two-framings',
    clause: 'HTTP-5',
    about: 'The runtime sends content-length and transfer-encoding in a refusal',
    hooks: refusalHeads((head) =>
      head.replace(/^(content-length: \d+)\r\n/im, '$1\r\ntransfer-encoding: chunked\r\n'),
    ),
  },
  {
    name: 'http-switches-protocols',
    clause: 'HTTP-5',
    about: 'The runtime announces another protocol before a refusal',
    hooks: refusalHeads((head) => `HTTP/1.1 101 Switching Protocols\r\n\r\n${head}`),
  },
  {
    name: 'http-refusals-as-200',
    clause: 'HTTP-5',
    about: 'The runtime sends refusals with status 200',
    hooks: answers((answer) => (answer.status === 400 ? { ...answer, status: 200 } : answer)),
  },
  {
    name: 'http-refusals-as-500',
    clause: 'HTTP-5',
    about: 'The runtime answers 500 where gRPC has a status other than OK',
    hooks: answers((answer) =>
      Buffer.from(answer.body).includes('call_refused') ? { ...answer, status: 500 } : answer,
    ),
  },
  {
    name: 'http-refused-get-without-body',
    clause: 'HTTP-6',
    about: 'The runtime refuses a GET without the body of Invoke',
    hooks: { streamAnswer: (answer, { method }) => (method === 'GET' ? emptyAnswer(answer.status) : answer) },
  },
  {
    name: 'http-refused-get-closes',
    clause: 'HTTP-8',
    about: 'The runtime closes the connection after a refused GET',
    hooks: {
      streamAnswer: (answer, { method }) =>
        method === 'GET' ? { ...answer, headers: { ...answer.headers, connection: 'close' } } : answer,
    },
  },
  {
    name: 'http-refused-post-without-body',
    clause: 'HTTP-6',
    about: 'The runtime refuses a streamed POST without the body of Invoke',
    alsoBreaks: [{ clause: 'POST-6', reason: 'POST-6 requires the body too.' }],
    hooks: {
      streamAnswer: (answer, { method }) =>
        method === 'POST' && answer.status >= 400 ? emptyAnswer(answer.status) : answer,
    },
  },
  {
    name: 'http-notification-as-a-stream',
    clause: 'HTTP-6',
    about: 'The runtime answers a notification in a streamed POST with status 200',
    alsoBreaks: [{ clause: 'POST-3', reason: 'POST-3 requires status 202 too.' }],
    hooks: { streamAnswer: (answer) => (answer.status === 202 ? { ...answer, status: 200 } : answer) },
  },
  {
    name: 'http-stream-never-complete',
    clause: 'HTTP-6',
    about: 'The runtime closes the connection at the end of a stream without completing the body',
    hooks: { endStream: (outgoing) => void outgoing.destroy() },
  },
  {
    name: 'http-client-not-watched',
    clause: 'HTTP-7',
    about: 'The runtime does not notice that a client has closed its connection',
    alsoBreaks: [{ clause: 'DEADLINE-2', reason: 'DEADLINE-2 requires the end of the work too.' }],
    hooks: { clientGone: () => new AbortController().signal },
  },
  {
    name: 'http-closes-after-each-answer',
    clause: 'HTTP-8',
    about: 'The runtime closes the connection after every answer',
    hooks: closingAfter(() => true),
  },
  {
    name: 'http-closes-after-refusals',
    clause: 'HTTP-8',
    about: 'The runtime closes the connection after a refusal',
    hooks: closingAfter((status) => status >= 400),
  },
  {
    name: 'http-closes-after-405',
    clause: 'HTTP-8',
    about: 'The runtime closes the connection after a request with another method',
    hooks: closingAfter((status) => status === 405),
  },
  {
    name: 'http-never-closes',
    clause: 'HTTP-8',
    about: 'The runtime keeps a connection open though the request asks for its end',
    hooks: receivedBytes(() => (bytes) => [
      Buffer.from(bytes.toString('latin1').replace(/^connection: close\r\n/im, ''), 'latin1'),
    ]),
  },
  {
    name: 'http-fifty-connections',
    clause: 'HTTP-8',
    about: 'The runtime closes every connection beyond the fiftieth',
    hooks: {
      acceptHttp(connection) {
        connections += 1;
        connection.once('close', () => {
          connections -= 1;
        });
        if (connections > 50) connection.destroy();
        return connection;
      },
    },
  },
  {
    name: 'http-lenient-framing',
    clause: 'HTTP-9',
    about: 'The runtime accepts requests with ambiguous framing',
    hooks: { httpServerOptions: { ...defaultHooks.httpServerOptions, insecureHTTPParser: true } },
  },
  {
    name: 'http-blank-before-the-colon',
    clause: 'HTTP-9',
    about: 'The runtime accepts white space before the colon of a field name',
    hooks: receivedBytes(() => (bytes) => [
      Buffer.from(bytes.toString('latin1').replace(/^([a-z-]+) +:/gim, '$1:'), 'latin1'),
    ]),
  },
  {
    name: 'http-chunks-refused',
    clause: 'HTTP-9',
    about: 'The runtime answers 411 to a body in the transfer coding chunked',
    hooks: refusedIf((head) => head.headers['transfer-encoding'] !== undefined, 411),
  },
  {
    name: 'http-expect-refused',
    clause: 'HTTP-9',
    about: 'The runtime answers 417 to a request with expect 100-continue',
    hooks: refusedIf((head) => head.headers.expect !== undefined, 417),
  },
  {
    name: 'http-incomplete-carried-out',
    clause: 'HTTP-9',
    about: 'The runtime carries out a request whose body is incomplete',
    hooks: { incompleteBody: (received) => received, clientGone: () => new AbortController().signal },
  },
  {
    name: 'http-sessions-of-their-own',
    clause: 'HTTP-10',
    about: 'The runtime knows a session only over the protocol that opened it',
    hooks: {
      ...requests(({ sessionId }) => ({
        sessionId: sessionId.startsWith('h-') ? sessionId.slice(2) : sessionId && 'none',
      })),
      ...answers(({ headers, ...answer }) => {
        const id = headers[sessionField];
        return { ...answer, headers: id === undefined ? headers : { ...headers, [sessionField]: `h-${id}` } };
      }),
    },
  },
  {
    name: 'http-scope-not-read',
    clause: 'HTTP-10',
    about: 'The runtime does not read the scope of a session over HTTP',
    process: (serve) => serve({ hooks: requests(() => ({ serverId: '' })) }),
  },
]);

function pick({ method, url, headers, rawHeaders }: RequestHead): RequestHead {
  return { method, url, headers, rawHeaders };
}

/** Answers requests with a status, without reading them. */
function refusedIf(isRefused: (head: RequestHead) => boolean, status: number): Hooks {
  const refused = new WeakSet<object>();
  return {
    httpRpcOf(head) {
      if (isRefused(head)) refused.add(head);
      return refused.has(head) ? undefined : defaultHooks.httpRpcOf(head);
    },
    ...answers((answer) => (answer.status === 405 ? { ...answer, status } : answer)),
  };
}
