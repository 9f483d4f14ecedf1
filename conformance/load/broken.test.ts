import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { type Clauses, loadClauses } from './clauses.ts';
import { runtimeSuites } from './runtime-suites.ts';
import { readSuite } from './suite-file.ts';
import { describeProblem, FixtureError, YamlFile } from './yaml-file.ts';

const contract: Clauses = await loadClauses(packageRoot());
const kind = runtimeSuites(contract, {
  identities: new Set(['alice', 'bob']),
  schemas: new Set(['tool']),
  vectors: new Set(['health-response']),
});

/** Returns the problems of a suite file, one line each. */
function problemsOf(text: string | Uint8Array): readonly string[] {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  try {
    const { problems } = readSuite(new YamlFile('x.yaml', bytes), kind, { contract, mainClauses: new Map() });
    return problems.map(describeProblem);
  } catch (error) {
    if (error instanceof FixtureError) return error.problems.map(describeProblem);
    throw error;
  }
}

/** A suite of one case; the steps begin on line 8. */
function withSteps(steps: string, head = '    clauses: [RPC-1]'): string {
  return `suite: s\nabout: About.\ncases:\n  - case: one\n    title: T\n${head}\n    steps:\n${steps}\n`;
}

const steps: readonly (readonly [string, string])[] = [
  [
    '      - { session: {}, invoke: { request: {}, refused: 404 }, clauses: [RPC-1] }',
    'x.yaml:8:9 s/one: a step has one verb; found "session" and "invoke" and "clauses"; check the indentation of the other keys',
  ],
  [
    '      - { session: {}, clauses: [RPC-2] }',
    'x.yaml:8:34 s/one: the case does not list RPC-2, which is checked here; add RPC-2 to the clauses of the case',
  ],
  [
    '      - invoke: { request: {}, refused: 4, also: [{ expect: { status: 4 }, clauses: [RPC-1, RPC-2] }] }',
    'x.yaml:8:93 s/one: the case does not list RPC-2, which is checked here in step invoke; add RPC-2 to the clauses of the case',
  ],
  [
    '      - invoke: { request: {}, refused: 4, also: [{ expect: { status: { $ref: lost } }, clauses: [RPC-1] }] }',
    'x.yaml:8:79 s/one: no earlier step saves a variable "lost" in step invoke; write $${lost} for the literal text',
  ],
  [
    '      - { session: {}, setup: s/two }',
    'x.yaml:8:31 s/one: setup names the case "s/two", which does not exist',
  ],
  [
    '      - parallel: [[session: {}], [{ session: {}, setup: s/two }]]',
    'x.yaml:8:58 s/one: setup names the case "s/two", which does not exist',
  ],
  [
    '      - alterations: { of: "a", as: b, steps: [{ invoke: { as: c, request: {} } }] }',
    'x.yaml:8:64 s/one: the concurrent turns of this step would share the name "c" in step invoke; use parallel with a distinct name in each branch',
  ],
  [
    '      - alterations: { of: "${lost}", as: b, steps: [{ check: { value: "${b}", expect: "" } }] }',
    'x.yaml:8:28 s/one: no earlier step saves a variable "lost" in step alterations; write $${lost} for the literal text',
  ],
  [
    '      - invoke: { request: {}, expct: { status: 200 } }',
    'x.yaml:8:32 s/one: unknown key "expct" in step invoke; did you mean "expect"?',
  ],
  [
    '      - invoke: { request: {}, expect: { status: 200 }, connexion: a }',
    'x.yaml:8:57 s/one: unknown key "connexion" in step invoke; did you mean "connection"?',
  ],
  [
    '      - invok: { request: {} }',
    'x.yaml:8:9 s/one: unknown step "invok" in steps[0]; did you mean "invoke"?',
  ],
  [
    '      - invoke: { request: {} }\n        expect: { status: 200 }',
    'x.yaml:8:9 s/one: a step has one verb; found "invoke" and "expect"; check the indentation of the other keys',
  ],
  [
    '      - {}',
    'x.yaml:8:9 s/one: at least one key is required in steps[0]; known keys are session, initialize, invoke, closeSession, healthCheck, await, openStream, receive, end, cancel, connect, dial, ping, settings, disconnect, parallel, repeat, alterations, forEach, eventually, check, traffic, raw, http, launch, place, signal, exit, logs, socketFile, clauses, setup, only',
  ],
  ['      - invoke', 'x.yaml:8:9 s/one: item 1 of "steps" in the case must be a mapping, found "invoke"'],
  [
    '      - invoke: { request: { sesionId: a }, expect: { status: 200 } }',
    'x.yaml:8:30 s/one: unknown key "sesionId" in request of step invoke; did you mean "sessionId"?',
  ],
  [
    '      - invoke: { request: { json: 1, message: {} }, expect: { status: 200 } }',
    'x.yaml:8:30 s/one: "json" cannot be combined with "message" in request of step invoke',
  ],
  [
    '      - invoke: { as: a, request: {}, expect: { status: 200 } }',
    'x.yaml:8:39 s/one: "expect" cannot be combined with "as" in step invoke',
  ],
  [
    '      - invoke: { request: {}, expect: { stauts: 200 } }',
    'x.yaml:8:42 s/one: unknown key "stauts" in expect of step invoke; did you mean "status"?',
  ],
  [
    '      - invoke: { request: {}, expect: {} }',
    'x.yaml:8:40 s/one: at least one key is required in expect of step invoke; known keys are anyOf, grpc, grpcMessage, status, headers, form, text, bytes, message, id, result, error, toolText, messages, idToken, headerNames, events, protocolProblem',
  ],
  [
    "      - invoke: { request: {}, expect: { status: '200' } }",
    'x.yaml:8:50 s/one: "status" in expect of step invoke must be a status or a class of them, such as 2xx, found "200"',
  ],
  [
    '      - invoke: { request: {}, expect: { idToken: 7 } }',
    'x.yaml:8:51 s/one: "idToken" in expect of step invoke must be a string or an object of operators, found 7; put it in quotes',
  ],
  [
    '      - invoke: { request: {}, expect: { grpc: NOTFOUND } }',
    'x.yaml:8:48 s/one: "grpc" in expect of step invoke must be one of OK, CANCELLED, UNKNOWN, INVALID_ARGUMENT, DEADLINE_EXCEEDED, NOT_FOUND, ALREADY_EXISTS, PERMISSION_DENIED, RESOURCE_EXHAUSTED, FAILED_PRECONDITION, ABORTED, OUT_OF_RANGE, UNIMPLEMENTED, INTERNAL, UNAVAILABLE, DATA_LOSS, UNAUTHENTICATED, found "NOTFOUND"; did you mean "NOT_FOUND"?',
  ],
  [
    '      - invoke: { request: {}, expect: { headers: { Content-Type: a } } }',
    'x.yaml:8:53 s/one: key "Content-Type" in expect.headers of step invoke must be a lower-case name',
  ],
  [
    '      - invoke: { request: {}, expect: { message: { result: { $typ: string } } } }',
    'x.yaml:8:63 s/one: unknown operator "$typ" in expect.message.result of step invoke; did you mean "$type"?',
  ],
  [
    '      - invoke: { request: {}, expect: { message: { $type: object, id: 1 } } }',
    'x.yaml:8:68 s/one: "id" cannot be mixed with operators in expect.message of step invoke; put the members in $include, or the whole object in $literal',
  ],
  [
    '      - invoke: { request: {}, expect: { message: { $type: strng } } }',
    'x.yaml:8:60 s/one: "$type" in expect.message of step invoke must be one of string, number, integer, boolean, array, object, null, found "strng"; did you mean "string"?',
  ],
  [
    '      - invoke: { request: {}, expect: { message: [{ a: [{ $range: [1] }] }] } }',
    'x.yaml:8:68 s/one: "$range" in expect.message[0].a[0] of step invoke needs at least 2 items',
  ],
  [
    "      - invoke: { request: {}, expect: { grpcMessage: { $regex: '(' } } }",
    'x.yaml:8:65 s/one: not a valid regular expression (Invalid regular expression: /(/u: Unterminated group) in step invoke',
  ],
  [
    '      - invoke: { request: {}, expect: { message: { $schema: tol } } }',
    'x.yaml:8:62 s/one: unknown schema "tol" in step invoke; did you mean "tool"?',
  ],
  [
    '      - invoke: { request: {}, expect: { message: { $ref: sesion } } }',
    'x.yaml:8:59 s/one: no earlier step saves a variable "sesion" in step invoke; write $${sesion} for the literal text',
  ],
  [
    "      - session: {}\n      - invoke: { request: { sessionId: '${sesion}' }, expect: { status: 200 } }",
    'x.yaml:9:41 s/one: no earlier step saves a variable "sesion" in step invoke; did you mean "session"?',
  ],
  [
    '      - invoke: { request: { authContext: alise }, expect: { status: 200 } }',
    'x.yaml:8:43 s/one: unknown identity "alise" in step invoke; did you mean "alice"?',
  ],
  [
    '      - session: { authContext: { identity: bbo, claims: { email: x } } }',
    'x.yaml:8:45 s/one: unknown identity "bbo" in step session; did you mean "bob"?',
  ],
  [
    '      - invoke: { request: { json: 9007199254740993 }, expect: { status: 200 } }',
    'x.yaml:8:36 s/one: this integer exceeds 2^53 and may lose digits in step invoke; send it as text, or expect it with $number',
  ],
  [
    '      - invoke: { request: { json: [.nan] }, expect: { status: 200 } }',
    'x.yaml:8:37 s/one: JSON cannot express this number in step invoke',
  ],
  [
    '      - openStream: { as: live, request: {} }\n      - end: { stream: life, expect: { done: true } }',
    'x.yaml:9:24 s/one: no earlier step creates a stream "life" in step end; did you mean "live"?',
  ],
  [
    '      - await: { call: c, expect: { status: 200 } }',
    'x.yaml:8:24 s/one: no earlier step creates a background call "c" in step await',
  ],
  [
    '      - cancel: {}',
    'x.yaml:8:17 s/one: at least one key is required in step cancel; known keys are stream, call',
  ],
  [
    '      - session: { target: other }',
    'x.yaml:8:28 s/one: no earlier step creates an instance "other" in step session',
  ],
  [
    '      - disconnect: { connection: second }',
    'x.yaml:8:35 s/one: no earlier step creates a connection "second" in step disconnect',
  ],
  [
    '      - raw: { path: /a/B, frames: [{ vector: helth-response }], expect: { grpc: OK } }',
    'x.yaml:8:47 s/one: unknown wire vector "helth-response" in step raw; did you mean "health-response"?',
  ],
  [
    "      - raw: { path: /a/B, frames: [{ hex: '0' }], expect: { grpc: OK } }",
    'x.yaml:8:44 s/one: "hex" in frames[0] of step raw must be bytes in hexadecimal, found "0"',
  ],
  [
    '      - invoke: { request: {}, deadline: 20, expect: { status: 200 } }',
    'x.yaml:8:42 s/one: "deadline" in step invoke must be a string, found 20; put it in quotes',
  ],
  [
    '      - invoke: { request: {}, deadline: 1h, expect: { status: 200 } }',
    'x.yaml:8:42 s/one: "deadline" in step invoke must be a duration such as 500ms, 20s or 2m, found "1h"',
  ],
  [
    '      - repeat: { times: 2, together: true, steps: [openStream: { as: a, request: {} }] }',
    'x.yaml:8:71 s/one: the concurrent turns of this step would share the name "a" in step openStream; use parallel with a distinct name in each branch',
  ],
  [
    '      - repeat: { times: 0, steps: [{ session: {} }] }',
    'x.yaml:8:26 s/one: "times" in step repeat must be >= 1, found 0',
  ],
  [
    '      - repeat:\n          times: 2\n          steps:\n            - eventually:\n                - parallel: [[{ session: {} }], [{ sessoin: {} }]]',
    'x.yaml:12:52 s/one: unknown step "sessoin" in [1][0] of step parallel; did you mean "session"?',
  ],
  [
    "      - parallel:\n          - [session: { as: mine }]\n          - [check: { value: '${mine}', expect: 1 }]",
    'x.yaml:10:30 s/one: no earlier step saves a variable "mine" in step check; write $${mine} for the literal text',
  ],
  [
    '      - socketFile: { place: p, expect: { mode: 0600 } }',
    'x.yaml:8:49 s/one: "mode" in expect of step socketFile must be a string or an object of operators, found 600; put it in quotes',
  ],
];

test.each(steps)('reports the mistake in %s', (written, line) => {
  expect(problemsOf(withSteps(written))).toEqual([line]);
});

const heads: readonly (readonly [string, string])[] = [
  ['    clauses: [RPC-99]', 'x.yaml:6:15 s/one: the contract has no clause RPC-99; did you mean "RPC-9"?'],
  [
    '    clauses: [rpc-1]',
    'x.yaml:6:15 s/one: item 1 of "clauses" in the case must be the id of a clause, such as STREAM-4, found "rpc-1"',
  ],
  [
    '    clauses: [CLIENT-1]',
    'x.yaml:6:15 s/one: CLIENT-1 applies to clients, but this case checks a runtime',
  ],
  ['    clauses: []', 'x.yaml:6:14 s/one: "clauses" in the case needs at least one item'],
  ['    clauses: [RPC-1, RPC-1]', 'x.yaml:6:22 s/one: "RPC-1" is listed twice'],
  [
    '    clauses: [POST-1, HEAD-1]',
    'x.yaml:6:23 s/one: HEAD-1 applies only to runtimes with stream-head, which the case does not require; add stream-head to needs: { capabilities: […] }',
  ],
  [
    '    clauses: [RPC-1]\n    revisions: [newest]',
    'x.yaml:7:17 s/one: item 1 of "revisions" in the case must be one of legacy, modern, all, 2024-11-05, 2025-03-26, 2025-06-18, 2025-11-25, 2026-07-28, found "newest"',
  ],
  [
    '    clauses: [SESSION-4]\n    revisions: [all]',
    'x.yaml:7:16 s/one: SESSION-4 applies to legacy revisions only, but the case includes modern; write revisions: [legacy]',
  ],
  [
    '    clauses: [RPC-1]\n    need: { tools: [a] }',
    'x.yaml:7:5 s/one: unknown key "need" in the case; did you mean "needs"?',
  ],
  [
    '    clauses: [RPC-1]\n    needs: { tool: [a] }',
    'x.yaml:7:14 s/one: unknown key "tool" in needs; did you mean "tools"?',
  ],
  [
    '    clauses: [RPC-1]\n    needs: { capabilities: [stream-heads] }',
    'x.yaml:7:29 s/one: the contract has no capability "stream-heads"; did you mean "stream-head"?',
  ],
  [
    '    clauses: [RPC-1]\n    alone: yes',
    'x.yaml:7:12 s/one: "alone" in the case must be true or false, found "yes"',
  ],
  ['    clauses: [RPC-1]\n    title: Again', 'x.yaml:7:5 this key appears twice in the mapping'],
];

test.each(heads)('reports the mistake in %s', (head, line) => {
  expect(problemsOf(withSteps('      - session: {}', head))).toEqual([line]);
});

const valid = withSteps('      - session: {}');

const files: readonly (readonly [string, string | Uint8Array, readonly string[]])[] = [
  ['an empty file', '', ['x.yaml:1:1 the file is empty; a suite needs the keys suite, about and cases']],
  ['a list', '- a\n', ['x.yaml:1:1 the file in the suite must be a mapping, found a list']],
  [
    'a suite without cases',
    'suite: s\nabout: A.\ncases: []\n',
    ['x.yaml:3:8 "cases" in the suite needs at least one item'],
  ],
  [
    'a suite without a name',
    valid.replace('suite: s\n', ''),
    ['x.yaml:1:1 missing key "suite" in the suite'],
  ],
  ['a tab', 'suite: s\n\tabout: A.\n', ['x.yaml:2:1 invalid YAML: Tabs are not allowed as indentation']],
  [
    'an open bracket',
    'suite: [s\nabout: A.\n',
    [
      'x.yaml:2:1 invalid YAML: Flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
  ],
  [
    'two documents',
    `${valid}---\n${valid}`,
    ['x.yaml:9:1 a second YAML document begins here; keep one document in each file'],
  ],
  ['a tag', 'suite: !!js s\n', ['x.yaml:1:8 invalid YAML: Unresolved tag: tag:yaml.org,2002:js']],
  [
    'a file that is not UTF-8',
    Buffer.from('suite: s\nabout: \xff\n', 'latin1'),
    ['x.yaml:2:1 this line is not valid UTF-8'],
  ],
  ['an unknown alias', 'suite: s\nabout: *a\n', ['x.yaml:2:8 the alias *a has no anchor &a before it']],
  [
    'an alias bomb',
    `suite: s\na: &a [x,x,x,x,x,x,x,x,x]\n${['b', 'c', 'd', 'e', 'f', 'g', 'h']
      .map((name, index) => `${name}: &${name} [${Array(9).fill(`*${'abcdefg'[index]}`)}]`)
      .join('\n')}\n`,
    [
      'x.yaml:3:8 the aliases of this file cannot be expanded: Excessive alias count indicates a resource exhaustion attack; write the values without aliases',
    ],
  ],
  [
    'a duplicate case',
    `${valid}${valid.slice(valid.indexOf('  - case'))}`,
    ['x.yaml:9:11 s/one: the case name "one" is already used on line 4'],
  ],
  [
    'a key that is not a string',
    `${valid}? [a]\n: b\n`,
    ['x.yaml:9:3 invalid YAML: With stringKeys, all keys must be strings'],
  ],
];

test.each(files)('rejects %s', (_name, text, lines) => {
  expect(problemsOf(text)).toEqual(lines);
});

test('reports every mistake once, in the order of the lines, even if an alias repeats it', () => {
  const text =
    withSteps(`      - invoke: { request: &r { authContext: nobody, path: '\${a}' }, expect: { status: 200 } }
      - invoke: { request: *r, expect: { stats: 200 } }
  - case: two
    title: T
    clauses: [RPC-2]
    steps:
      - invoke: { request: { authContext: nobody }, expect: { status: 200 } }
  - case: three
    title: T
    clauses: [RPC-0]
    steps: [session: {}]`);
  expect(problemsOf(text).map((line) => line.replace(/;.*/, ''))).toEqual([
    'x.yaml:9:42 s/one: unknown key "stats" in expect of step invoke',
    'x.yaml:14:43 s/two: unknown identity "nobody" in step invoke',
    'x.yaml:17:15 s/three: item 1 of "clauses" in the case must be the id of a clause, such as STREAM-4, found "RPC-0"',
  ]);
});

const accepted: readonly string[] = [
  '      - repeat: { times: 2, as: n, together: true, steps: [session: { as: own }, check: { value: "${own}${n}", expect: { $any: true } }] }',
  '      - invoke: { request: { text: [a, { repeat: x, times: 3 }] }, expect: { anyOf: [{ status: 1 }, { grpc: [UNKNOWN, INTERNAL] }] } }',
  "      - invoke: { request: { text: '$${a}' }, expect: { text: { $literal: '${b}' } } }",
  "      - invoke: { request: {}, expect: { message: { a: { $save: x }, b: '${x}', c: { $ref: x } } } }\n      - check: { value: '${x}', expect: { $literal: { $any: 1 } } }",
  '      - parallel: [[openStream: { as: a, request: {} }], [cancel: { stream: a }]]',
  '      - invoke: { request: &r { authContext: bob }, expect: { status: 200 } }\n      - invoke: { request: *r, expect: { status: 200 } }',
];

test.each(accepted)('accepts %s', (written) => {
  expect(problemsOf(withSteps(written))).toEqual([]);
});
