import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../../../base/package.ts';
import { rpcNames } from '../../../proto/index.ts';
import type { CaseHead } from '../../case/case.ts';
import { loadClauses } from '../clauses.ts';
import { gatewaySuites } from '../gateway-suites.ts';
import { runtimeSuites } from '../runtime-suites.ts';
import { readSuite, type SuiteKind, type WrittenCase } from '../suite-file.ts';
import { describeProblem, YamlFile } from '../yaml-file.ts';
import { expandSteps, locateSteps } from './steps.ts';

const contract = await loadClauses(packageRoot());
const runtimes = runtimeSuites(contract, {
  identities: new Set(['alice', 'bob']),
  schemas: new Set(['tool']),
  vectors: new Set(),
});

/** A suite of one case; the steps begin on line 8. */
function withSteps(steps: string, clause = 'RPC-1'): string {
  return `suite: s\nabout: About.\ncases:\n  - case: one\n    title: T\n    clauses: [${clause}]\n    steps:\n${steps}\n`;
}

function read<Written extends WrittenCase, Case extends CaseHead>(
  text: string,
  kind: SuiteKind<Written, Case>,
) {
  const { suite, problems } = readSuite(new YamlFile('x.yaml', Buffer.from(text)), kind, {
    contract,
    mainClauses: new Map(),
  });
  return { cases: suite?.cases ?? [], problems: problems.map(describeProblem) };
}

/** Expands steps in YAML. */
function expanded(text: string): unknown {
  return expandSteps(parse(text), ['cases', 0, 'steps'], new Map([['a/b', 'RPC-9']])).steps;
}

test.each<[string, string, string]>([
  [
    'nested steps',
    '- parallel: [[eventually: [repeat: { times: 2, steps: [invoke: { request: {}, refused: 404 }] }]], [session: {}]]',
    '- parallel: [[eventually: [repeat: { times: 2, steps: [invoke: { request: {}, expect: { status: 404 } }] }]], [{ session: {}, setup: { case: handshake/initialize, clause: INIT-1 } }]]',
  ],
  [
    'annotations of steps',
    '- { initialize: { expect: { status: 200 } }, setup: a/b }\n- { openStream: { as: s, request: {}, refused: 4 }, clauses: [RPC-1] }\n- { session: {}, clauses: [RPC-1] }\n- launch: { as: i }',
    '- { invoke: { request: { message: { id: 1, method: initialize, params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: conformance, version: "1.0" } } } }, expect: { status: 200 } }, setup: { case: a/b, clause: RPC-9 } }\n- { openStream: { as: s, request: {} }, clauses: [RPC-1] }\n- { end: { stream: s, expect: { done: true, errorStatus: 4, chunks: 1, bytes: 0 } }, clauses: [RPC-1] }\n- { session: {}, clauses: [RPC-1] }\n- { launch: { as: i }, setup: { case: lifecycle/serves, clause: LIFE-3 } }',
  ],
  [
    'further expectations of a response',
    '- { invoke: { request: {}, refused: 404, also: [{ expect: { error: -1, anyOf: [{ status: 4xx }] }, clauses: [RPC-1] }] }, clauses: [RPC-2] }',
    '- { invoke: { request: {}, expect: { status: 404 }, also: [{ expect: { anyOf: [{ status: { $range: [400, 499] } }], message: { $include: { error: { $include: { code: -1 } } } } }, clauses: [RPC-1] }] }, clauses: [RPC-2] }',
  ],
  [
    'prompting steps',
    '- receive: { stream: s, expect: { $message: { result: object } }, never: { $message: { error: -1 } }, prompting: [invoke: { request: { tool: t }, refused: 404 }] }',
    '- receive: { stream: s, expect: { $include: { result: { $type: object } } }, never: { $include: { error: { $include: { code: -1 } } } }, prompting: [invoke: { request: { message: { id: 1, method: tools/call, params: { name: t } } }, expect: { status: 404 } }] }',
  ],
  [
    'a refusal with alternative statuses',
    '- openStream: { as: s, request: {}, refused: { $oneOf: [400, 401] }, connection: c }',
    '[{ openStream: { as: s, request: {}, connection: c } }, { end: { stream: s, expect: { done: true, errorStatus: { $oneOf: [400, 401] }, chunks: 1, bytes: 0 } } }]',
  ],
  [
    'an initialize with explicit options',
    '- initialize: { id: x, revision: r, clientCapabilities: { roots: {} }, path: /p, authContext: null, connection: c, refused: 404 }',
    '- invoke: { request: { path: /p, authContext: null, message: { id: x, method: initialize, params: { protocolVersion: r, capabilities: { roots: {} }, clientInfo: { name: conformance, version: "1.0" } } } }, connection: c, expect: { status: 404 } }',
  ],
  [
    'words in anyOf and next to other members',
    '- await: { call: c, expect: { headers: { content-type: { $mediaType: a/b+c, $save: t } }, anyOf: [{ status: 4xx, id: null }, { error: object }] } }',
    "- await: { call: c, expect: { headers: { content-type: { $regex: '(?i)^a/b\\+c(\\s*;|$)', $save: t } }, anyOf: [{ status: { $range: [400, 499] }, message: { $include: { id: null } } }, { message: { $include: { error: { $type: object } } } }] } }",
  ],
  [
    'operators instead of members',
    '- invoke: { request: {}, expect: { result: { $schema: tool }, id: { $any: true } } }',
    '- invoke: { request: {}, expect: { message: { $include: { result: { $schema: tool }, id: { $any: true } } } } }',
  ],
  [
    'a named pattern next to its own operator',
    '- check: { value: 1, expect: { $regex: a, $mediaType: b/c } }',
    "- check: { value: 1, expect: { $regex: a, $allOf: [{ $regex: '(?i)^b/c(\\s*;|$)' }] } }",
  ],
  [
    'a named pattern in $literal, which stays unchanged',
    '- check: { value: 1, expect: { $literal: { $uuid: true } } }',
    '- check: { value: 1, expect: { $literal: { $uuid: true } } }',
  ],
  [
    'requests in frames',
    '- raw: { rpc: HealthCheck, frames: [{ message: { tool: t } }, { piece: { message: { tool: t, id: 2 }, to: 1 } }, { gzip: { zeros: 1 } }, { hex: "" }], expect: { toolText: x } }',
    '- raw: { path: /contextforge.mcp.runtime.v1.McpRuntime/HealthCheck, frames: [{ message: { message: { id: 1, method: tools/call, params: { name: t } } } }, { piece: { message: { message: { id: 2, method: tools/call, params: { name: t } } }, to: 1 } }, { gzip: { zeros: 1 } }, { hex: "" }], expect: { message: { $include: { result: { $include: { content: [{ $include: { type: text, text: x } }] } } } } } }',
  ],
])('expands %s', (_name, written, meant) => {
  expect(expanded(written)).toEqual(parse(meant));
});

test('gives each refused stream a unique name', () => {
  const steps = expanded(`- openStream: { request: {}, refused: 403 }
- repeat: { times: 1, steps: [openStream: { request: {}, refused: 403 }] }`);
  expect(JSON.stringify(steps).match(/refused-[\w-]*/g)).toEqual([
    'refused-0',
    'refused-0',
    'refused-2-repeat-steps-0',
    'refused-2-repeat-steps-0',
  ]);
});

const templated = `suite: s
about: About.
cases:
  - case: of-\${each}
    forEach: [a, b]
    title: \${each} holds
    clauses: [RPC-1]
    steps:
      - session: {}
      - forEach:
          in: [{ to: { x: 1 }, status: 2 }, { to: {}, status: 3 }]
          steps:
            - invoke: { request: { message: '\${each-to}', path: '/\${each-status}/$\${each}' }, expect: { status: '\${each-status}' } }
            - openStream: { request: { path: / }, refused: 404 }
      - check: { value: '\${each}', expect: '\${session}' }
`;

test('expands forEach in cases and steps', () => {
  const { cases, problems } = read(templated, runtimes);
  expect(problems).toEqual([]);
  expect(cases.map(({ id, title, source }) => [id, title, source.line])).toEqual([
    ['s/of-a', 'a holds', 4],
    ['s/of-b', 'b holds', 4],
  ]);
  const [, second] = cases;
  expect(second?.steps.map(({ verb, source, item }) => [verb, source.line, item])).toEqual([
    ['session', 9, undefined],
    ['invoke', 13, '{"to":{"x":1},"status":2}'],
    ['openStream', 14, '{"to":{"x":1},"status":2}'],
    ['end', 14, '{"to":{"x":1},"status":2}'],
    ['invoke', 13, '{"to":{},"status":3}'],
    ['openStream', 14, '{"to":{},"status":3}'],
    ['end', 14, '{"to":{},"status":3}'],
    ['check', 15, undefined],
  ]);
  expect(second?.steps[1]?.argument).toEqual({
    request: { message: { x: 1 }, path: '/2/$${each}' },
    expect: { status: 2 },
  });
  expect(second?.steps.at(-1)?.argument).toEqual({ value: 'b', expect: '${session}' });
});

test('expands every combination of several lists, with lists of the case', () => {
  const text = `suite: s
about: About.
cases:
  - case: \${each-name}
    forEach: [{ name: one, paths: [{ path: /a, status: 1 }, { path: /b }] }]
    title: T
    clauses: [RPC-1]
    steps:
      - forEach:
          in: { product: [[{ status: 404 }], [{ method: GET }, { method: PUT }], '\${each-paths}'] }
          steps:
            - invoke: { request: { method: '\${each-method}', path: '\${each-path}' }, refused: '\${each-status}' }
`;
  const { cases, problems } = read(text, runtimes);
  expect(problems).toEqual([]);
  const [one] = cases;
  const seen = one?.steps.map(({ argument }) => Object(argument));
  expect(seen?.map(({ request, expect: { status } }) => [request.method, request.path, status])).toEqual([
    ['GET', '/a', 1],
    ['GET', '/b', 404],
    ['PUT', '/a', 1],
    ['PUT', '/b', 404],
  ]);
  expect(one?.steps[0]?.item).toBe('{"status":1,"method":"GET","path":"/a"}');
});

test('locates a step where it is written', () => {
  const locate = locateSteps(parse(templated));
  expect(locate('of-b', [4])).toEqual(['cases', 0, 'steps', 1, 'forEach', 'steps', 0]);
  expect(locate('of-b', [6])).toEqual(['cases', 0, 'steps', 1, 'forEach', 'steps', 1]);
  expect(locate('of-b', [7])).toEqual(['cases', 0, 'steps', 2]);
  expect(locate('of-c', [0])).toBeUndefined();
});

test.each<[string, string]>([
  [
    '      - forEach: { in: [{ path: /a }, { paht: /b }], steps: [invoke: { request: "${each}", refused: 404 }] }',
    'x.yaml:8:41 s/one: unknown key "paht" in request of step invoke; did you mean "path"?',
  ],
  [
    '      - forEach: { in: [5], steps: [invoke: { request: { path: "${each}" }, refused: 404 }] }',
    'x.yaml:8:25 s/one: "path" in request of step invoke must be a string, found 5; put it in quotes',
  ],
  [
    '      - forEach: { in: [{ a: 1 }], steps: [invoke: { request: { path: "${each-b}" }, refused: 404 }] }',
    'x.yaml:8:71 s/one: no earlier step saves a variable "each-b" in step invoke; write $${each-b} for the literal text',
  ],
  [
    '      - forEach: { in: [], steps: [session: {}] }',
    'x.yaml:8:24 s/one: "in" in step forEach needs at least one item',
  ],
  ['      - forEach: { in: [1] }', 'x.yaml:8:18 s/one: missing key "steps" in step forEach'],
  [
    '      - forEeach: { in: [1], steps: [session: {}] }',
    'x.yaml:8:9 s/one: unknown step "forEeach" in steps[0]; did you mean "forEach"?',
  ],
  [
    '      - eventually: [forEach: { in: [1], steps: [session: {}] }]',
    'x.yaml:8:31 s/one: "forEach" in [0] of step eventually must be one of the case\'s own steps, not within another, found a mapping',
  ],
  [
    '      - invoke: { request: {}, refused: 404, expect: { status: 1 } }',
    'x.yaml:8:46 s/one: "expect" cannot be combined with "refused" in step invoke',
  ],
  [
    '      - invoke: { request: {}, refused: not-found }',
    'x.yaml:8:41 s/one: "refused" in step invoke must be a whole number or an object of operators, found "not-found"',
  ],
  [
    '      - invoke: { request: {}, expect: { message: {}, result: object } }',
    'x.yaml:8:55 s/one: "result" cannot be combined with "message" in expect of step invoke',
  ],
  [
    '      - invoke: { request: {}, expect: { result: objekt } }',
    'x.yaml:8:50 s/one: "result" in expect of step invoke must be one of object, found "objekt"; did you mean "object"?',
  ],
  [
    '      - invoke: { request: {}, expect: { result: { a: "${b}" } } }',
    'x.yaml:8:55 s/one: no earlier step saves a variable "b" in step invoke; write $${b} for the literal text',
  ],
  [
    '      - invoke: { request: {}, expect: { headers: { a: { $mediatype: a/b } } } }',
    'x.yaml:8:58 s/one: unknown operator "$mediatype" in expect.headers.a of step invoke; did you mean "$mediaType"?',
  ],
  [
    '      - check: { value: "", expect: { $mediaType: a/b, $ref: b } }',
    'x.yaml:8:62 s/one: no earlier step saves a variable "b" in step check; write $${b} for the literal text',
  ],
  [
    '      - check: { value: "", expect: { $message: { params: { constructor: "${b}" } } } }',
    'x.yaml:8:74 s/one: no earlier step saves a variable "b" in step check; write $${b} for the literal text',
  ],
  [
    '      - invoke: { request: { arguments: {} }, refused: 404 }',
    'x.yaml:8:28 s/one: missing key "tool" in request of step invoke, which "arguments" requires',
  ],
  ['      - initialize: { id: 2 }', 'x.yaml:8:21 s/one: missing key "expect" in step initialize'],
  [
    '      - initialize: { authContext: bobb, refused: 404 }',
    'x.yaml:8:36 s/one: unknown identity "bobb" in step initialize; did you mean "bob"?',
  ],
  ['      - openStream: { request: {} }', 'x.yaml:8:21 s/one: missing key "as" in step openStream'],
  [
    '      - raw: { rpc: Invok, frames: [], expect: { grpc: OK } }',
    `x.yaml:8:21 s/one: "rpc" in step raw must be one of ${rpcNames.join(', ')}, found "Invok"; did you mean "Invoke"?`,
  ],
])('rejects %s', (steps, line) => {
  expect(read(withSteps(steps), runtimes).problems).toEqual([line]);
});

test('expands named patterns in cases for gateways', () => {
  const text = withSteps(
    '      - send: {}\n      - response: { expect: { headers: { a: { $mediaType: b/c } } } }',
    'GW-1',
  );
  const { cases, problems } = read(text, gatewaySuites(contract));
  expect(problems).toEqual([]);
  expect(cases[0]?.steps[1]?.argument).toEqual({
    expect: { headers: { a: { $regex: '(?i)^b/c(\\s*;|$)' } } },
  });
});
