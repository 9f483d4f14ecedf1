import { isObject } from '../../../base/is-object.ts';
import { type Hooks, variations } from '../../harness/fault.ts';
import { type Message, onModernResult } from '../changes/modern.ts';

/** Changes the questions with a method. */
function onQuestions(method: string, change: (question: Message) => object): Hooks {
  return onModernResult((result) => {
    if (!isObject(result.inputRequests)) return result;
    const changed = Object.entries<Message>(result.inputRequests).map(([key, question]) => [
      key,
      question.method === method ? change(question) : question,
    ]);
    return { ...result, inputRequests: Object.fromEntries(changed) };
  });
}

/** Variations of the rounds of input in MCP 2026-07-28. */
export const modernInputVariations = variations([
  {
    name: 'modern-state-in-hexadecimal',
    clause: 'MODERN-13',
    about: 'The runtime writes its state in another alphabet, and longer',
    hooks: {
      ...onModernResult((result) =>
        typeof result.requestState === 'string'
          ? { ...result, requestState: `state:${Buffer.from(result.requestState).toString('hex')}` }
          : result,
      ),
      receivedState: (state) => {
        const [, hex = ''] = /^state:((?:[0-9a-f]{2})+)$/.exec(state) ?? [];
        return Buffer.from(hex, 'hex').toString();
      },
    },
  },
  {
    name: 'modern-state-with-unused-bits',
    clause: 'MODERN-13',
    about: 'The runtime ignores the unused bits at the end of base64 in state',
    hooks: {
      receivedState: (state) =>
        state
          .split('.')
          .map((part, index) => (index === 0 ? part : Buffer.from(part, 'base64url').toString('base64url')))
          .join('.'),
    },
  },
  {
    name: 'modern-state-outlives-its-instance',
    clause: 'MODERN-54',
    about: 'Every instance of the runtime has the same secret',
    options: { requestStateKey: new Uint8Array(32) },
    process: (serve) => serve(),
  },
  {
    name: 'modern-forms-without-a-mode',
    clause: 'MODERN-53',
    about: 'The runtime omits the mode of forms',
    hooks: onQuestions('elicitation/create', ({ params: { mode: _, ...params }, ...form }) => ({
      ...form,
      params,
    })),
  },
  {
    name: 'modern-roots-with-params',
    clause: 'MODERN-53',
    about: 'The runtime asks for roots with empty params',
    hooks: onQuestions('roots/list', (question) => ({ ...question, params: {} })),
  },
]);
