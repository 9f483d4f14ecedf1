import { runtimeFaults } from '../../harness/fault.ts';
import { modernField, onModern, onModernResult } from '../changes/modern.ts';

/** Faults in the use of tools, resources and prompts in MCP 2026-07-28. */
export const modernItemFaults = runtimeFaults([
  {
    name: 'modern-names-of-known-tools-not-compared',
    clause: 'MODERN-7',
    about: 'The runtime ignores mcp-name if the tool exists',
    hooks: modernField('mcp-name', ({ method, params }, value) => {
      const { name }: { readonly name?: unknown } = Object(params);
      const isEncoded = value?.startsWith('=?') === true;
      return method === 'tools/call' && name === 'test_simple_text' && !isEncoded ? name : undefined;
    }),
  },
  {
    name: 'modern-failures-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from the results of failed tools',
    hooks: onModernResult(({ resultType, ...result }) =>
      result.isError === true ? result : { ...result, resultType },
    ),
  },
  {
    name: 'modern-prompts-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from the messages of prompts',
    hooks: onModernResult(({ resultType: _, ...result }) => result, 'prompts/get'),
  },
  {
    name: 'modern-completions-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from completions',
    hooks: onModernResult(({ resultType: _, ...result }) => result, 'completion/complete'),
  },
  {
    name: 'modern-streams-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from results that it streams',
    hooks: onModern((message, { call }) => {
      if (!('result' in message) || call.rpc !== 'InvokeStream') return message;
      const { resultType: _, ...result } = message.result;
      return { ...message, result };
    }),
  },
  {
    name: 'modern-contents-without-a-type',
    clause: 'MODERN-9',
    about: 'The runtime omits resultType from the contents of resources',
    hooks: onModernResult(({ resultType: _, ...result }) => result, 'resources/read'),
  },
]);
