import type { PromptMessage } from '@modelcontextprotocol/server';
import { redPixelPng } from './building-blocks.ts';
import type { Catalog, PromptEntry } from './catalog.ts';
import { dataTemplate } from './resources.ts';

function user(content: PromptMessage['content']): PromptMessage {
  return { role: 'user', content };
}

function userText(text: string): PromptMessage {
  return user({ type: 'text', text });
}

/** The prompts of the conformance catalog. */
export const conformancePrompts: readonly PromptEntry[] = [
  {
    prompt: {
      name: 'test_simple_prompt',
      title: 'Simple Test Prompt',
      description: 'A simple prompt without arguments',
    },
    render: () => [userText('This is a simple prompt for testing.')],
  },
  {
    prompt: {
      name: 'test_prompt_with_arguments',
      title: 'Prompt With Arguments',
      description: 'A prompt with required arguments',
      arguments: [
        { name: 'arg1', description: 'First test argument', required: true },
        { name: 'arg2', description: 'Second test argument', required: true },
      ],
    },
    render: ({ arg1, arg2 }) => [userText(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)],
  },
  {
    prompt: {
      name: 'test_prompt_with_embedded_resource',
      title: 'Prompt With Embedded Resource',
      description: 'A prompt that includes an embedded resource',
      arguments: [{ name: 'resourceUri', description: 'URI of the resource to embed', required: true }],
    },
    render: ({ resourceUri: uri = '' }) => {
      const text = 'Embedded resource content for testing.';
      return [
        user({ type: 'resource', resource: { uri, mimeType: 'text/plain', text } }),
        userText('Please process the embedded resource above.'),
      ];
    },
  },
  {
    prompt: {
      name: 'test_prompt_with_image',
      title: 'Prompt With Image',
      description: 'A prompt that includes image content',
    },
    render: () => [
      user({ type: 'image', data: redPixelPng, mimeType: 'image/png' }),
      userText('Please analyze the image above.'),
    ],
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

/** Completes the arguments of the conformance catalog: the candidates that begin with the value. */
export const completeConformance: NonNullable<Catalog['complete']> = ({ kind, name, argument }, value) => {
  const values = candidates.get(`${kind} ${name} ${argument}`)?.filter((one) => one.startsWith(value));
  return values && { values, total: values.length, hasMore: false };
};
