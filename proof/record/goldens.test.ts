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
          # What comes back.
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

test('nothing changes where all holds', () => {
  const recording = recordGoldens(suite, [observe([1], first), { ...observe([1], {}), caseId: 'other/one' }]);
  expect(recording).toEqual({ text: suite, changes: [] });
});

test('only the scalars that differ are written anew', () => {
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

test('members come and go, patterns and comments stay', () => {
  const message = { jsonrpc: '2.0', id: 5, result: { a: 1, b: 'x', c: 'y', d: [{ e: null }] } };
  const { text } = recordGoldens(suite, [observe([1], { ...first, message })]);
  expect(text).toContain('              # The result.\n');
  expect(changed(text)).toEqual([
    "              result: { a: 1, b: { $type: string }, c: '${session}', d: [ { e: null } ] }",
    '              id: 5',
  ]);
});

test('members that are expected and did not come are dropped', () => {
  const { text } = recordGoldens(suite, [observe([1], { ...first, message: { error: { code: -1 } } })]);
  expect(text).not.toContain('jsonrpc:');
  expect(text).toContain('error: { code: -1 }');
});

test('only the literals of $include are recorded, and the item lists grow', () => {
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

test('what differs from turn to turn is left alone', () => {
  const { changes } = recordGoldens(suite, [
    observe([2, 'repeat', 'steps', 0], { done: true, messages: [{ id: 2 }], chunks: 3 }),
    observe([2, 'repeat', 'steps', 0], { done: true, messages: [{ id: 3 }], chunks: 3 }),
  ]);
  expect(changes).toEqual([]);
});

test('values that would be read as patterns are escaped', () => {
  const result = { a: parseJson('2.0'), b: 'x', c: '', d: '${x}', e: { $schema: 'u' } };
  const { text } = recordGoldens(suite, [observe([1], { ...first, message: { jsonrpc: '2.0', result } })]);
  expect(changed(text)[0]).toBe(
    "              result: { a: { $number: '2.0' }, b: { $type: string }, c: '${session}', d: '$${x}', e: { $literal: { $schema: u } } }",
  );
});

test('a step that does not exist is refused', () => {
  expect(() => recordGoldens(suite, [observe([9], {})])).toThrow('s/one has no step at 9');
});

test('a choice of outcomes is left alone', () => {
  const text = suite.replace('status: 200 # fine', 'anyOf: [{ status: 1 }, { status: 2 }]');
  expect(recordGoldens(text, [observe([1], first)]).changes).toEqual([]);
});
