import { describe, expect, it } from 'vitest';
import { loadSources, problemsOf, regenerate } from './docs.ts';
import { readDocuments } from './documents.ts';
import { sealMarked } from './markers.ts';

const documents = readDocuments();
const sources = await loadSources(documents);
const total = sources.facts.cases.length;

function documentOf(text: string) {
  return { path: 'docs/x.md', text };
}

const sealed = (text: string) => sealMarked(text, () => true);

describe('documents', () => {
  it('include README, CONTRIBUTING, docs/ and the README of each folder', () => {
    const paths = documents.map(({ path }) => path);
    expect(paths).toEqual(
      expect.arrayContaining([
        'README.md',
        'CONTRIBUTING.md',
        'docs/figures.md',
        'proof/README.md',
        'runtimes/go/README.md',
      ]),
    );
  });

  // npm run check finds outdated recorded output. Recording it again can need Docker and many minutes.
  it.each(documents.map((document) => [document.path, document] as const))(
    '%s has up-to-date generated content and no handwritten counts',
    async (_, document) => {
      const problems = await problemsOf(document, sources);
      const lines = problems
        .filter(({ remedy }) => remedy !== 'record')
        .map(({ path, line, message, remedy }) => `${path}:${line}: ${message} (${remedy})`);
      expect(lines).toEqual([]);
    },
  );
});

describe('regenerate', () => {
  it('writes numbers within a line, and tables on separate lines', () => {
    const number = documentOf('has <!-- generated: cases -->1<!-- /generated --> cases\n');
    expect(regenerate(number, sources)).toBe(
      `has <!-- generated: cases -->${total}<!-- /generated --> cases\n`,
    );
    const table = documentOf('<!-- generated: suite-table -->\n<!-- /generated -->\n');
    const written = regenerate(table, sources);
    expect(written).toContain('\n| `sessions` | ');
    expect(regenerate(documentOf(written), sources)).toBe(written);
  });
});

describe('problemsOf', () => {
  it.each([
    [
      'a changed number',
      'has <!-- generated: cases -->1<!-- /generated --> cases',
      1,
      'generate',
      `expected "${total}"`,
    ],
    [
      'a changed table',
      '\n<!-- generated: suite-table -->\n| a |\n<!-- /generated -->',
      3,
      'generate',
      'is "| a |"',
    ],
    [
      'an unknown name',
      'a <!-- generated: nope -->1<!-- /generated -->',
      1,
      'edit',
      'unknown generator "nope"',
    ],
    ['a count in prose', '\nthere are 405 mutants', 2, 'edit', '"405 mutants" is written by hand'],
    [
      'old output',
      sealed('<!-- recorded: 2026-11-28, npm run conformance -->\n1 of 1 cases passed\n<!-- /recorded -->'),
      2,
      'record',
      'not 1',
    ],
    [
      'edited output',
      sealed('<!-- recorded: 2026-11-28, ls -->\ntook 4 s\n<!-- /recorded -->').replace('4 s', '3 s'),
      1,
      'seal',
      'does not match its seal',
    ],
  ])('reports %s with its line', async (_, text, line, remedy, message) => {
    expect(await problemsOf(documentOf(text), sources)).toEqual([
      { path: 'docs/x.md', line, remedy, message: expect.stringContaining(message) },
    ]);
  });
});
