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

/** Texts of the inside, as runtimes in several languages let them slip. */
const insides: Readonly<Record<string, string>> = {
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

/** Faults of the two layers of failure. */
export const errorFaults = runtimeFaults([
  {
    name: 'refusals-as-grpc-status',
    clause: 'ERROR-1',
    about: 'What MCP over HTTP refuses ends the call with a gRPC status',
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
    about: 'A refusal has no HTTP status',
    hooks: onAnswerIf(isRefusal, (answer) => ({ ...answer, status: 0 })),
  },
  {
    name: 'refusal-in-html',
    clause: 'ERROR-2',
    about: 'The body of a refusal says application/json and is HTML',
    hooks: onText(isRefusal, () => '<h1>Not here</h1>'),
  },
  {
    name: 'refusal-without-type',
    clause: 'ERROR-2',
    about: 'The body of a refusal does not say what it is',
    hooks: onAnswerIf(isRefusal, (answer) => ({ ...answer, headers: {} })),
  },
  {
    name: 'refusal-as-a-result',
    clause: 'ERROR-2',
    about: 'The body of a refusal is a JSON-RPC result',
    hooks: onJson(isRefusal, ({ id }) => ({ jsonrpc: '2.0', id, result: {} })),
  },
  {
    name: 'refusal-without-an-error',
    clause: 'ERROR-2',
    about: 'The body of a refusal has neither result nor error',
    hooks: onJson(isRefusal, ({ id }) => ({ jsonrpc: '2.0', id })),
  },
  {
    name: 'refusal-text-doubled',
    clause: 'ERROR-2',
    about: 'The body of a refusal is written twice',
    hooks: onAnswerIf(isRefusal, (answer) => {
      const text = new TextDecoder().decode(answer.body);
      return withText(answer, text + text);
    }),
  },
  ...Object.entries(insides).flatMap(([name, text]): RuntimeEntry[] => [
    {
      name: `refusal-with-${name}`,
      clause: 'ERROR-3',
      about: 'Refusals on the HTTP layer show the inside',
      hooks: inRefusals(text),
    },
  ]),
  {
    name: 'status-with-a-stack',
    clause: 'ERROR-3',
    about: 'The details of a gRPC status show a stack',
    hooks: statusDetails(insides['a-node-stack'] ?? ''),
  },
  {
    name: 'status-with-a-rust-panic',
    clause: 'ERROR-3',
    about: 'The details of a gRPC status show where it panicked',
    hooks: statusDetails(insides['a-rust-panic'] ?? ''),
  },
  {
    name: 'rpc-error-with-a-validator-report',
    clause: 'ERROR-3',
    about: "JSON-RPC errors inside a 200 show a library's report",
    hooks: inRpcErrors(insides['a-validator-report'] ?? ''),
  },
  {
    name: 'rpc-error-with-a-stack-in-its-data',
    clause: 'ERROR-3',
    about: 'The data of a JSON-RPC error shows a stack',
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
    about: 'A refusal repeats the auth context that cannot be read',
    hooks: onResponse((response, { authContext }) =>
      response.status === 401
        ? { ...response, body: new TextEncoder().encode(`{"error":"cannot read ${authContext?.encoded}"}`) }
        : response,
    ),
  },
  {
    name: 'bad-header-value-repeated',
    clause: 'ERROR-3',
    about: 'A refused header field is repeated with its value',
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
    about: 'A body that is no message is answered 500',
    hooks: onAnswerIf(
      (answer) => answer.status === 400,
      (answer) => ({ ...answer, status: 500 }),
    ),
  },
  {
    name: 'unknown-is-internal',
    clause: 'ERROR-4',
    about: 'What is not found is answered 500',
    hooks: refusalStatus(404, 500),
  },
  {
    name: 'odd-paths-crash',
    clause: 'ERROR-4',
    about: 'A path that is no URL path ends the call with INTERNAL',
    hooks: { isEndpoint: (path) => defaultHooks.isEndpoint(new URL(path, 'http://x').pathname) },
  },
  {
    name: 'deep-nesting-crashes',
    clause: 'ERROR-4',
    about: 'Deep nesting ends the call with INTERNAL',
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
    about: 'INVALID_ARGUMENT is told as UNKNOWN',
    hooks: statusCodeFor(3, 2),
  },
]);
