import { expect, test } from 'vitest';
import { parseJson } from '../../conformance/match/json.ts';
import { type Observed, recordGoldens } from './goldens.ts';

const suite = `# A suite.
suite: s
about: About.
cases:
  - case: one   # the first
    title: T
    clauses: [RPC-1]
    steps:
      - session: {}
      - invoke:
          request: { sessionId: '\${session}' }
          # The response.
          expect:
            status: 200 # fine
            headers: { content-type: application/json }
            message:
              jsonrpc: '2.0'
              # The result.
              result: { a: 1, b: { $type: string }, c: '\${session}' }
      - repeat:
          times: 2
          steps:
            - end: { stream: x, expect: { done: true, messages: [{ id: 1 }], chunks: { $range: [1, 9] } } }
      - receive: { stream: x, expect: { $include: { id: 1, method: ping } } }
`;

function observe(stepPath: Observed['stepPath'], observation: unknown): Observed {
  return { caseId: 's/one', stepPath, observation };
}

const first = {
  grpc: 'OK',
  status: 200,
  headers: { 'content-type': 'application/json', other: 'x' },
  message: { jsonrpc: '2.0', result: { a: 1, b: 'any', c: 'id' } },
  text: 'long',
};

function changed(text: string): readonly string[] {
  const before = new Set(suite.split('\n'));
  return text.split('\n').filter((line) => !before.has(line));
}

test('keeps a suite that matches', () => {
  const recording = recordGoldens(suite, [observe([1], first), { ...observe([1], {}), caseId: 'other/one' }]);
  expect(recording).toEqual({ text: suite, changes: [] });
});

test('rewrites only differing scalars', () => {
  const message = { jsonrpc: '2.0', result: { a: 'two: 2', b: 'other', c: 'id' } };
  const { text, changes } = recordGoldens(suite, [observe([1], { ...first, status: 404, message })]);
  expect(changed(text)).toEqual([
    '            status: 404 # fine',
    "              result: { a: 'two: 2', b: { $type: string }, c: '${session}' }",
  ]);
  expect(changes.map(({ path, line }) => [path, line])).toEqual([
    ['/status', 14],
    ['/message/result/a', 19],
  ]);
});

test('adds and removes members but keeps patterns and comments', () => {
  const message = { jsonrpc: '2.0', id: 5, result: { a: 1, b: 'x', c: 'y', d: [{ e: null }] } };
  const { text } = recordGoldens(suite, [observe([1], { ...first, message })]);
  expect(text).toContain('              # The result.\n');
  expect(changed(text)).toEqual([
    "              result: { a: 1, b: { $type: string }, c: '${session}', d: [ { e: null } ] }",
    '              id: 5',
  ]);
});

test('removes expected members that are missing', () => {
  const { text } = recordGoldens(suite, [observe([1], { ...first, message: { error: { code: -1 } } })]);
  expect(text).not.toContain('jsonrpc:');
  expect(text).toContain('error: { code: -1 }');
});

test('records only the literals of $include and adds list items', () => {
  const { text } = recordGoldens(suite, [
    observe([2, 'repeat', 'steps', 0], {
      grpc: 'OK',
      done: true,
      messages: [{ id: 1 }, { id: 2 }],
      chunks: 3,
    }),
    observe([3], { id: 2, method: 'ping', more: 1 }),
  ]);
  expect(changed(text)).toEqual([
    '            - end: { stream: x, expect: { done: true, messages: [ { id: 1 }, { id: 2 } ], chunks: { $range: [1, 9] } } }',
    '      - receive: { stream: x, expect: { $include: { id: 2, method: ping } } }',
  ]);
});

test('ignores values that differ between iterations', () => {
  const { changes } = recordGoldens(suite, [
    observe([2, 'repeat', 'steps', 0], { done: true, messages: [{ id: 2 }], chunks: 3 }),
    observe([2, 'repeat', 'steps', 0], { done: true, messages: [{ id: 3 }], chunks: 3 }),
  ]);
  expect(changes).toEqual([]);
});

test('escapes values that look like patterns', () => {
  const result = { a: parseJson('2.0'), b: 'x', c: '', d: '${x}', e: { $schema: 'u' } };
  const { text } = recordGoldens(suite, [observe([1], { ...first, message: { jsonrpc: '2.0', result } })]);
  expect(changed(text)[0]).toBe(
    "              result: { a: { $number: '2.0' }, b: { $type: string }, c: '${session}', d: '$${x}', e: { $literal: { $schema: u } } }",
  );
});

test('rejects an unknown step', () => {
  expect(() => recordGoldens(suite, [observe([9], {})])).toThrow('s/one has no step at 9');
});

test('keeps a choice of outcomes', () => {
  const text = suite.replace('status: 200 # fine', 'anyOf: [{ status: 1 }, { status: 2 }]');
  expect(recordGoldens(text, [observe([1], first)]).changes).toEqual([]);
});

const worded = `suite: s
about: About.
defs:
  alone: &alone { status: 1 }
cases:
  - case: one-\${each}
    forEach: [x, y]
    title: T
    clauses: [RPC-1]
    steps:
      - session: {}
      - openStream: { request: {}, refused: 403 }
      - forEach:
          in: [1, 2]
          steps:
            - invoke: { request: {}, expect: { status: 2xx, id: 1, result: { a: 1 } } }
      - invoke: { request: {}, expect: { status: 4xx, id: 1, error: -32600 } }
      - invoke: { request: {}, expect: { toolText: hello, result: object } }
      - receive: { stream: x, expect: { $message: { method: ping, params: { n: 1 } } } }
      - invoke: { request: {}, expect: *alone }
`;

function observeWorded(step: number, observation: unknown): readonly Observed[] {
  return ['s/one-x', 's/one-y'].map((caseId) => ({ caseId, stepPath: [step], observation }));
}

test('keeps a suite whose shorthands match', () => {
  const result = { content: [{ type: 'text', text: 'hello' }] };
  const observed = [
    ...observeWorded(2, { done: true, errorStatus: 403, chunks: 1, bytes: 0 }),
    ...observeWorded(3, { status: 200, message: { id: 1, result: { a: 1, b: 2 } } }),
    ...observeWorded(4, { status: 202, message: { id: 1, result: { a: 1 } } }),
    ...observeWorded(5, { status: 400, message: { id: 1, error: { code: -32600, message: 'no' } } }),
    ...observeWorded(6, { message: { result } }),
    ...observeWorded(7, { jsonrpc: '2.0', method: 'ping', params: { n: 1, more: true } }),
    ...observeWorded(8, { status: 2 }),
  ];
  expect(recordGoldens(worded, observed).changes).toEqual([]);
});

test('rewrites literals in shorthands', () => {
  const result = { content: [{ type: 'text', text: 'bye' }] };
  const { text } = recordGoldens(worded, [
    ...observeWorded(3, { status: 200, message: { id: 2, result: { a: 5, b: 2 } } }),
    ...observeWorded(5, { status: 500, message: { id: 1, error: { code: -32603 } } }),
    ...observeWorded(6, { message: { result } }),
    ...observeWorded(7, { method: 'pong', params: { n: 2 } }),
  ]);
  const before = new Set(worded.split('\n'));
  expect(text.split('\n').filter((line) => !before.has(line))).toEqual([
    '            - invoke: { request: {}, expect: { status: 2xx, id: 2, result: { a: 5 } } }',
    '      - invoke: { request: {}, expect: { status: 500, id: 1, error: -32603 } }',
    '      - invoke: { request: {}, expect: { toolText: bye, result: object } }',
    '      - receive: { stream: x, expect: { $message: { method: pong, params: { n: 2 } } } }',
  ]);
});

test('ignores values that differ between items', () => {
  const observed = [
    ...observeWorded(3, { status: 200, message: { id: 1, result: { a: 2 } } }),
    ...observeWorded(4, { status: 200, message: { id: 1, result: { a: 3 } } }),
  ];
  expect(recordGoldens(worded, observed).changes).toEqual([]);
});
