import type { PromptMessage } from '@modelcontextprotocol/server';
import { redPixelPng } from './building-blocks.ts';
import type { Catalog, PromptEntry } from './catalog.ts';
import { textOf, textQuestion } from './input-tools.ts';
import { dataTemplate } from './resources.ts';

function user(content: PromptMessage['content']): PromptMessage {
  return { role: 'user', content };
}

function userText(text: string): PromptMessage {
  return user({ type: 'text', text });
}

function prompt(
  name: string,
  title: string,
  description: string,
  render: PromptEntry['render'],
  args?: Readonly<Record<string, string>>,
): PromptEntry {
  const described = Object.entries(args ?? {}).map(([argument, about]) => {
    return { name: argument, description: about, required: true };
  });
  return { prompt: { name, title, description, ...(args && { arguments: described }) }, render };
}

/** The prompts of the conformance catalog. */
export const conformancePrompts: readonly PromptEntry[] = [
  prompt('test_simple_prompt', 'Simple Test Prompt', 'A simple prompt without arguments', () => [
    userText('This is a simple prompt for testing.'),
  ]),
  prompt(
    'test_prompt_with_arguments',
    'Prompt With Arguments',
    'A prompt with required arguments',
    ({ arg1, arg2 }) => [userText(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
    { arg1: 'First test argument', arg2: 'Second test argument' },
  ),
  prompt(
    'test_prompt_with_embedded_resource',
    'Prompt With Embedded Resource',
    'A prompt that includes an embedded resource',
    ({ resourceUri: uri = '' }) => {
      const text = 'Embedded resource content for testing.';
      return [
        user({ type: 'resource', resource: { uri, mimeType: 'text/plain', text } }),
        userText('Please process the embedded resource above.'),
      ];
    },
    { resourceUri: 'URI of the resource to embed' },
  ),
  prompt('test_prompt_with_image', 'Prompt With Image', 'A prompt that includes image content', () => [
    user({ type: 'image', data: redPixelPng, mimeType: 'image/png' }),
    userText('Please analyze the image above.'),
  ]),
  {
    ...prompt(
      'test_input_required_result_prompt',
      'Prompt With Input',
      'A prompt that asks the user first',
      () => [userText('The user answered the question of this prompt.')],
    ),
    era: 'modern',
    ask: async (round) => {
      if (textOf(round, 'user_context', 'context') !== undefined) return undefined;
      return round.ask({ user_context: textQuestion('In which context?', 'context') });
    },
  },
];

const candidates: ReadonlyMap<string, readonly string[]> = new Map([
  ['prompt test_prompt_with_arguments arg1', ['alpha', 'beta', 'gamma']],
  ['prompt test_prompt_with_arguments arg2', ['one', 'three', 'two']],
  [
    'prompt test_prompt_with_embedded_resource resourceUri',
    ['test://static-binary', 'test://static-text', 'test://watched-resource'],
  ],
  [`resource ${dataTemplate} id`, ['1', '12', '123']],
]);

/** Completes arguments of the conformance catalog with the candidates that begin with the value. */
export const completeConformance: NonNullable<Catalog['complete']> = ({ kind, name, argument }, value) => {
  const values = candidates.get(`${kind} ${name} ${argument}`)?.filter((one) => one.startsWith(value));
  return values && { values, total: values.length, hasMore: false };
};
