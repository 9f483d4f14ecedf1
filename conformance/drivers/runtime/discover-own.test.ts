import { expect, test } from 'vitest';
import { discoverOwn } from './discover-own.ts';

const nothing = { tools: [], resources: [], prompts: [] };

test('chooses a tool that is read-only and needs no arguments, and no other tool', () => {
  const readOnly = { readOnlyHint: true };
  const tools = [
    null,
    { name: 'delete_all', inputSchema: { type: 'object' } },
    { name: 'write', annotations: { readOnlyHint: false }, inputSchema: { type: 'object' } },
    { name: 'read', annotations: readOnly, inputSchema: { type: 'object', required: ['path'] } },
    { name: 'without_schema', annotations: readOnly },
    { name: 'list', annotations: readOnly, inputSchema: { type: 'object', required: [] } },
    { name: 'later', annotations: readOnly, inputSchema: { type: 'object' } },
  ];
  expect(discoverOwn({ ...nothing, tools })).toEqual({ safe: { name: 'list', arguments: {} } });
  expect(discoverOwn({ ...nothing, tools: tools.slice(0, 5) })).toEqual({});
});

test('chooses a resource, and a prompt without required arguments', () => {
  const prompts = [
    { name: 'greet', arguments: [{ name: 'who', required: true }] },
    { name: 'broken', arguments: 'none' },
    { name: 'plan', arguments: [{ name: 'goal' }] },
  ];
  const resources = [{ name: 'no uri' }, { uri: 'file:///a' }];
  expect(discoverOwn({ ...nothing, resources, prompts })).toEqual({
    resource: { uri: 'file:///a' },
    prompt: { name: 'plan' },
  });
});
