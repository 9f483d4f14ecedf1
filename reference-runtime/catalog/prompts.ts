import { redPixelPng } from './building-blocks.ts';
import type { Catalog, CompletionSubject, PromptEntry } from './catalog.ts';
import { dataTemplate } from './resources.ts';

/** The prompts of the conformance catalog. */
export const conformancePrompts: readonly PromptEntry[] = [
  {
    prompt: {
      name: 'test_simple_prompt',
      title: 'Simple Test Prompt',
      description: 'A simple prompt without arguments',
    },
    render: () => [{ role: 'user', content: { type: 'text', text: 'This is a simple prompt for testing.' } }],
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
    render: ({ arg1, arg2 }) => [
      {
        role: 'user',
        content: { type: 'text', text: `Prompt with arguments: arg1='${arg1}', arg2='${arg2}'` },
      },
    ],
  },
  {
    prompt: {
      name: 'test_prompt_with_embedded_resource',
      title: 'Prompt With Embedded Resource',
      description: 'A prompt that includes an embedded resource',
      arguments: [{ name: 'resourceUri', description: 'URI of the resource to embed', required: true }],
    },
    render: ({ resourceUri = '' }) => [
      {
        role: 'user',
        content: {
          type: 'resource',
          resource: {
            uri: resourceUri,
            mimeType: 'text/plain',
            text: 'Embedded resource content for testing.',
          },
        },
      },
      { role: 'user', content: { type: 'text', text: 'Please process the embedded resource above.' } },
    ],
  },
  {
    prompt: {
      name: 'test_prompt_with_image',
      title: 'Prompt With Image',
      description: 'A prompt that includes image content',
    },
    render: () => [
      { role: 'user', content: { type: 'image', data: redPixelPng, mimeType: 'image/png' } },
      { role: 'user', content: { type: 'text', text: 'Please analyze the image above.' } },
    ],
  },
];

const candidates: readonly (CompletionSubject & { readonly values: readonly string[] })[] = [
  {
    kind: 'prompt',
    name: 'test_prompt_with_arguments',
    argument: 'arg1',
    values: ['alpha', 'beta', 'gamma'],
  },
  { kind: 'prompt', name: 'test_prompt_with_arguments', argument: 'arg2', values: ['one', 'three', 'two'] },
  {
    kind: 'prompt',
    name: 'test_prompt_with_embedded_resource',
    argument: 'resourceUri',
    values: ['test://static-binary', 'test://static-text', 'test://watched-resource'],
  },
  { kind: 'resource', name: dataTemplate, argument: 'id', values: ['1', '12', '123'] },
];

/** Completes the arguments of the conformance catalog: the candidates that begin with the value. */
export const completeConformance: NonNullable<Catalog['complete']> = (subject, value) => {
  const found = candidates.find(
    ({ kind, name, argument }) =>
      kind === subject.kind && name === subject.name && argument === subject.argument,
  );
  if (found === undefined) return undefined;
  const values = found.values.filter((candidate) => candidate.startsWith(value));
  return { values, total: values.length, hasMore: false };
};
