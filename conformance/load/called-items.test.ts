import { expect, test } from 'vitest';
import type { Step } from '../case/case.ts';
import { withCalledItems } from './called-items.ts';

const source = { file: 'x.yaml', line: 1 };
const invoke = (method: string, name: string) => ({
  request: { message: { id: 1, method, params: { name } } },
});
const steps: readonly Step[] = [
  { verb: 'invoke', argument: invoke('tools/call', 'test_logging_tool'), source },
  { verb: 'invoke', argument: invoke('tools/call', 'no-such-tool'), source },
  {
    verb: 'repeat',
    argument: { times: 2, steps: [{ invoke: invoke('prompts/get', 'test_simple_prompt') }] },
    source,
  },
];

test('a modern case needs the items of the catalog that it requests, at any depth', () => {
  expect(withCalledItems({ tools: ['conformance_whoami'] }, steps)).toEqual({
    tools: ['conformance_whoami', 'test_logging_tool'],
    prompts: ['test_simple_prompt'],
  });
});

test('a case with roles adapts to the target instead', () => {
  expect(withCalledItems({ roles: ['safe'] }, steps)).toEqual({ roles: ['safe'] });
  expect(withCalledItems({}, [])).toEqual({});
});
