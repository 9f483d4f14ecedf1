import type { Catalog, CompletionSubject } from './catalog.ts';
import { dataTemplate } from './resources.ts';

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
