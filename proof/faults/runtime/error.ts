import { defaultHooks } from '../../../reference-runtime/hooks.ts';
import { type Hooks, type RuntimeEntry, runtimeFaults } from '../../harness/fault.ts';
import {
  isRefusal,
  type Members,
  onAnswerIf,
  onJson,
  onResponse,
  onText,
  refusalStatus,
  withText,
} from '../changes/runtime.ts';

/** Quotes texts of the header fields in the message of their refusal. */
function quoting(texts: (fields: Readonly<Record<string, string>>) => readonly string[]): Hooks {
  return {
    readHeaders(fields) {
      try {
        return defaultHooks.readHeaders(fields);
      } catch (error) {
        if (error instanceof Error) error.message = `headers: invalid: ${texts(fields).join(', ')}`;
        throw error;
      }
    },
  };
}

/** Internal details that runtimes in several languages leak. */
const internals: Readonly<Record<string, string>> = {
  'a-node-stack': 'boom\n    at McpService.invoke (file:///srv/runtime/service.js:61:11)',
  'a-validator-report':
    '[\n  {\n    "code": "invalid_type",\n    "expected": "string",\n    "path": [\n      "params"\n    ]\n  }\n]',
  'a-go-routine':
    'runtime error: index out of range [3]\n\ngoroutine 34 [running]:\nmain.handle(0xc000112000)',
  'a-rust-panic': "thread 'main' panicked at crates/runtime/rpc.rs:87:14: called `Result::unwrap()`",
  'a-python-traceback': 'Traceback (most recent call last):\n  File "/runtime/server.py", line 12, in handle',
  'a-file-path': "ENOENT: no such file or directory, open '/etc/mcp/runtime.json'",
  'a-java-exception': 'java.lang.NullPointerException: at com.acme.mcp.Handler.invoke(Handler.java:42)',
  'a-parser-message': 'Unexpected token } in JSON at position 41',
};

function inRefusals(text: string): Hooks {
  return onJson(isRefusal, (json) => {
    const error = json['error'] as Members;
    return { ...json, error: { ...error, message: `${error['message']}: ${text}` } };
  });
}

function statusDetails(text: string): Hooks {
  return {
    grpcStatus: (status) => ({ ...status, details: `${status.details}: ${text.replaceAll('\n', ' ')}` }),
  };
}

function inRpcErrors(text: string): Hooks {
  return onJson(
    ({ status }) => status === 200,
    (json) => {
      const error = json['error'] as Members | undefined;
      return error === undefined ? json : { ...json, error: { ...error, message: text } };
    },
  );
}

function statusCodeFor(from: number, to: number): Hooks {
  return { grpcStatus: (status) => (status.code === from ? { ...status, code: to } : status) };
}

let lastAuthorization = '';

/** Faults in the reporting of failures, on the HTTP layer and the gRPC layer. */
export const errorFaults = runtimeFaults([
  {
    name: 'refusals-as-grpc-status',
    clause: 'ERROR-1',
    about: 'The runtime reports an HTTP refusal as a gRPC status',
    hooks: {
      responseOf(answer) {
        if (isRefusal(answer)) throw new Error('refused');
        return defaultHooks.responseOf(answer);
      },
      grpcStatus: (status) => ({ ...status, code: status.code === 13 ? 5 : (status.code ?? 2) }),
    },
  },
  {
    name: 'status-left-out',
    clause: 'ERROR-1',
    about: 'The runtime omits the HTTP status of a refusal',
    hooks: onAnswerIf(isRefusal, (answer) => ({ ...answer, status: 0 })),
  },
  {
    name: 'refusal-in-html',
    clause: 'ERROR-2',
    about: 'The runtime labels an HTML refusal application/json',
    hooks: onText(isRefusal, () => '<h1>Not here</h1>'),
  },
  {
    name: 'refusal-without-type',
    clause: 'ERROR-2',
    about: 'The runtime omits the content-type of a refusal',
    hooks: onAnswerIf(isRefusal, (answer) => ({ ...answer, headers: {} })),
  },
  {
    name: 'refusal-as-a-result',
    clause: 'ERROR-2',
    about: 'The runtime sends a JSON-RPC result as the body of a refusal',
    hooks: onJson(isRefusal, ({ id }) => ({ jsonrpc: '2.0', id, result: {} })),
  },
  {
    name: 'refusal-without-an-error',
    clause: 'ERROR-2',
    about: 'The runtime omits both result and error from the body of a refusal',
    hooks: onJson(isRefusal, ({ id }) => ({ jsonrpc: '2.0', id })),
  },
  {
    name: 'refusal-text-doubled',
    clause: 'ERROR-2',
    about: 'The runtime writes the body of a refusal twice',
    hooks: onAnswerIf(isRefusal, (answer) => {
      const text = new TextDecoder().decode(answer.body);
      return withText(answer, text + text);
    }),
  },
  ...Object.entries(internals).flatMap(([name, text]): RuntimeEntry[] => [
    {
      name: `refusal-with-${name}`,
      clause: 'ERROR-3',
      about: `The runtime exposes ${name.replaceAll('-', ' ')} in HTTP refusals`,
      hooks: inRefusals(text),
    },
  ]),
  {
    name: 'status-with-a-stack',
    clause: 'ERROR-3',
    about: 'The runtime exposes a stack trace in gRPC status details',
    hooks: statusDetails(internals['a-node-stack'] ?? ''),
  },
  {
    name: 'status-with-a-rust-panic',
    clause: 'ERROR-3',
    about: 'The runtime exposes a panic location in gRPC status details',
    hooks: statusDetails(internals['a-rust-panic'] ?? ''),
  },
  {
    name: 'rpc-error-with-a-validator-report',
    clause: 'ERROR-3',
    about: 'The runtime exposes a validator report in JSON-RPC errors',
    hooks: inRpcErrors(internals['a-validator-report'] ?? ''),
  },
  {
    name: 'rpc-error-with-a-stack-in-its-data',
    clause: 'ERROR-3',
    about: 'The runtime exposes a stack trace in the data of JSON-RPC errors',
    hooks: onJson(
      () => true,
      (json) => {
        const error = json['error'] as Members | undefined;
        if (error === undefined) return json;
        return {
          ...json,
          error: { ...error, data: { ...(error['data'] as Members), stack: new Error('x').stack } },
        };
      },
    ),
  },
  {
    name: 'unreadable-identity-repeated',
    clause: 'ERROR-3',
    about: 'The runtime echoes an unreadable auth context in its refusal',
    hooks: onResponse((response, { authContext }) =>
      response.status === 401
        ? { ...response, body: new TextEncoder().encode(`{"error":"cannot read ${authContext?.encoded}"}`) }
        : response,
    ),
  },
  {
    name: 'bad-header-value-repeated',
    clause: 'ERROR-3',
    about: 'The runtime echoes the value of an invalid header field',
    hooks: {
      readHeaders(fields) {
        lastAuthorization = fields['authorization'] ?? '';
        return defaultHooks.readHeaders(fields);
      },
      grpcStatus: (status) => ({ ...status, details: `${status.details}: ${lastAuthorization.trim()}` }),
    },
  },
  {
    name: 'bad-bodies-are-internal',
    clause: 'ERROR-4',
    about: 'The runtime answers an invalid message with 500',
    hooks: onAnswerIf(
      (answer) => answer.status === 400,
      (answer) => ({ ...answer, status: 500 }),
    ),
  },
  {
    name: 'unknown-is-internal',
    clause: 'ERROR-4',
    about: 'The runtime answers an unknown path or session with 500',
    hooks: refusalStatus(404, 500),
  },
  {
    name: 'odd-paths-crash',
    clause: 'ERROR-4',
    about: 'The runtime ends a call with INTERNAL if its path is not a URL path',
    hooks: { isEndpoint: (path) => defaultHooks.isEndpoint(new URL(path, 'http://x').pathname) },
  },
  {
    name: 'deep-nesting-crashes',
    clause: 'ERROR-4',
    about: 'The runtime ends a call with INTERNAL if its JSON is deeply nested',
    hooks: {
      parseMessage(body) {
        if (new TextDecoder().decode(body.subarray(0, 4000)).includes('[[[[[[[[[[[[[[[[[[[[')) {
          throw new RangeError('Maximum call stack size exceeded');
        }
        return defaultHooks.parseMessage(body);
      },
    },
  },
  {
    name: 'invalid-argument-is-unknown',
    clause: 'ERROR-4',
    about: 'The runtime reports INVALID_ARGUMENT as UNKNOWN',
    hooks: statusCodeFor(3, 2),
  },
  {
    name: 'names-quoted-whole',
    clause: 'ERROR-7',
    about: 'The runtime quotes the whole names of header fields that it refuses',
    hooks: quoting((fields) => Object.keys(fields)),
  },
  {
    name: 'values-quoted-whole',
    clause: 'ERROR-7',
    about: 'The runtime quotes the whole values of header fields that it refuses',
    alsoBreaks: [{ clause: 'ERROR-3', reason: 'The refused fields may include credentials of the caller.' }],
    hooks: quoting((fields) => Object.values(fields)),
  },
]);
