import { expect, test } from 'vitest';
import type { Step } from '../../case/case.ts';
import type { OwnItems } from '../../case/roles.ts';
import { dataCase } from '../../testing/data-case.ts';
import { adaptCase } from './adapt-case.ts';
import type { Survey } from './survey.ts';

const none: ReadonlySet<string> = new Set();

function serving(...tools: readonly string[]): Survey {
  return {
    serverCapabilities: new Set(['tools']),
    tools: new Set(tools),
    resources: none,
    resourceTemplates: none,
    prompts: none,
    own: {},
  };
}

const source = { file: 'x.yaml', line: 1 };
const call = (name: string, given: object, expected?: object): Step => ({
  verb: 'invoke',
  argument: {
    request: { message: { id: 1, method: 'tools/call', params: { name, arguments: given } } },
    ...(expected && { expect: expected }),
  },
  source,
});
const ping: Step = {
  verb: 'invoke',
  argument: { request: { message: { id: 2, method: 'ping' } }, expect: { status: 200 } },
  source,
};
const slowCase = (...steps: readonly Step[]) =>
  dataCase('slow', [], { steps, clauses: ['RPC-11', 'DEADLINE-2'], needs: { roles: ['slow'] } });
const own: OwnItems = { slow: { name: 'sleep', arguments: { seconds: 6, note: `\${session}` } } };

function adapted(...given: Parameters<typeof adaptCase>) {
  const result = adaptCase(...given);
  if (result.kind !== 'adapted') throw new Error(`not adapted: ${result.kind}`);
  return result.testCase;
}

test('leaves a case unchanged if the target serves the catalog', () => {
  const whole = serving('conformance_wait', 'conformance_release', 'conformance_state', 'sleep');
  const testCase = slowCase(call('conformance_wait', { key: 'k' }));
  expect(adaptCase(testCase, whole, own)).toEqual({ kind: 'adapted', testCase });
});

test('sends requests for an item of the catalog to the own item, whose arguments are literal', () => {
  const { steps } = adapted(slowCase(call('conformance_wait', { key: 'k' }), ping), serving('sleep'), own);
  const params = { name: 'sleep', arguments: { seconds: 6, note: `$\${session}` } };
  expect(steps[0]?.argument).toEqual({ request: { message: { id: 1, method: 'tools/call', params } } });
});

test('leaves out steps that call another tool of the catalog, also within other steps', () => {
  const state = call('conformance_state', { key: 'k' }, { status: 200 });
  const { steps } = adapted(
    slowCase(
      state,
      { verb: 'eventually', argument: [{ invoke: state.argument }], source },
      { verb: 'parallel', argument: [[{ invoke: state.argument }], [{ invoke: ping.argument }]], source },
      ping,
    ),
    serving('sleep'),
    own,
  );
  expect(steps.map(({ leftOut = false }) => leftOut)).toEqual([true, true, false, false]);
  expect(steps[2]?.argument).toEqual([[{ invoke: ping.argument }]]);
});

test('runs a step only with the items that it is limited to', () => {
  const steps: readonly Step[] = [
    { ...ping, only: 'catalog' },
    { ...ping, only: 'own' },
  ];
  const leftOut = (survey: Survey) =>
    adapted(slowCase(...steps), survey, own).steps.map((step) => step.leftOut);
  expect(leftOut(serving('sleep'))).toEqual([true, undefined]);
  const catalog = serving('conformance_wait', 'conformance_release', 'conformance_state');
  expect(leftOut(catalog)).toEqual([undefined, true]);
});

test('drops clauses that no remaining step checks', () => {
  const state: Step = { ...call('conformance_state', {}, { status: 200 }), clauses: ['DEADLINE-2'] };
  expect(adapted(slowCase(ping, state), serving('sleep'), own).clauses).toEqual(['RPC-11']);
});

test('rejects a case whose main clause no remaining step checks', () => {
  const other: Step = { ...ping, clauses: ['DEADLINE-2'] };
  const state = call('conformance_state', {}, { status: 200 });
  expect(adaptCase(slowCase(state, other), serving('sleep'), own)).toEqual({
    kind: 'no-evidence',
    tool: 'conformance_state',
  });
});

test('rejects a case without an item for its role, or with a tool that the target does not list', () => {
  const testCase = slowCase(ping);
  expect(adaptCase(testCase, serving('echo'), {})).toEqual({ kind: 'no-item', role: 'slow' });
  expect(adaptCase(testCase, serving('echo'), own)).toEqual({
    kind: 'not-listed',
    role: 'slow',
    tool: 'sleep',
  });
});

test('inserts the text of a case into the arguments of an own tool', () => {
  const testCase = dataCase('echo', [], {
    steps: [call('conformance_echo', { text: `héllo \${session}` }, { status: 200 })],
    needs: { roles: ['echo'] },
  });
  const items: OwnItems = { echo: { name: 'say', arguments: { words: [`<\${text}>`] } } };
  const [step] = adapted(testCase, serving('say'), items).steps;
  expect(step?.argument).toMatchObject({
    request: { message: { params: { name: 'say', arguments: { words: [`<héllo \${session}>`] } } } },
  });
});

test('keeps the metadata of a request', () => {
  const params = { name: 'test_tool_with_progress', arguments: {}, _meta: { progressToken: 't' } };
  const step: Step = {
    verb: 'raw',
    argument: { frames: [{ message: { message: { id: 1, method: 'tools/call', params } } }], expect: {} },
    source,
  };
  const testCase = dataCase('progress', [], { steps: [step], needs: { roles: ['progress'] } });
  const [first] = adapted(testCase, serving('count'), { progress: { name: 'count' } }).steps;
  expect(first?.argument).toEqual({
    expect: {},
    frames: [
      {
        message: {
          message: {
            id: 1,
            method: 'tools/call',
            params: { name: 'count', arguments: {}, _meta: { progressToken: 't' } },
          },
        },
      },
    ],
  });
});

test('repeats the name of the own item in mcp-name, unless another name is the subject of the case', () => {
  const modern = (field: string | null): Step => ({
    verb: 'invoke',
    argument: {
      request: {
        headers: { 'mcp-method': 'tools/call', 'mcp-name': field },
        message: { id: 1, method: 'tools/call', params: { name: 'conformance_wait', _meta: { a: 1 } } },
      },
    },
    source,
  });
  const named = '=?base64?Y29uZm9ybWFuY2Vfd2FpdA==?=';
  const steps = ['conformance_wait', named, 'other', null].map(modern);
  const fieldsWith = (name: string) =>
    adapted(slowCase(ping, ...steps), serving(name), { slow: { name } })
      .steps.slice(1)
      .map(({ argument }) => Object(argument).request.headers['mcp-name']);
  expect(fieldsWith('sleep')).toEqual(['sleep', '=?base64?c2xlZXA=?=', 'other', null]);
  expect(fieldsWith('größe')).toEqual(['=?base64?Z3LDtsOfZQ==?=', '=?base64?Z3LDtsOfZQ==?=', 'other', null]);
});
