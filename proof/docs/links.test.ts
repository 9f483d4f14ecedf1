import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import { type Document, readDocuments } from './documents.ts';
import { brokenReferences } from './links.ts';

const examples = readdirSync(join(packageRoot(), 'examples'), { recursive: true, encoding: 'utf8' })
  .filter((path) => /^[\w-]+\/README\.md$/.test(path))
  .map((path) => join('examples', path));
const documents: readonly Document[] = [
  ...readDocuments(),
  ...['proto/CONTRACT.md', ...examples].map((path) => ({
    path,
    text: readFileSync(join(packageRoot(), path), 'utf8'),
  })),
];

describe('brokenReferences', () => {
  it.each(documents.map((document) => [document.path, document] as const))(
    'finds no broken references in %s',
    (_, document) => {
      expect(brokenReferences(document, documents)).toEqual([]);
    },
  );

  it.each([
    ['a link to a missing file', '[x](no-such.md)', 'no-such.md does not exist'],
    [
      'a link to a missing heading',
      '[x](glossary.md#no-such)',
      'docs/glossary.md has no heading for #no-such',
    ],
    ['a missing path', '`proof/no-such.ts`', '`proof/no-such.ts` does not exist in the repository'],
    ['a missing folder', '`fixtures/none/*.yaml`', '`fixtures/none/*.yaml` does not exist in the repository'],
  ])('finds %s', (_, text, message) => {
    const document = { path: 'docs/x.md', text: `\n${text}\n` };
    expect(brokenReferences(document, documents)).toEqual([{ line: 2, message }]);
  });

  it.each([
    ['a link to another site', '[x](https://example.com/no-such)'],
    ['a heading', '[x](glossary.md#the-boundary)'],
    ['a heading on the same page', '# A `b` heading\n[x](#a-b-heading)'],
    ['a link in a fence', '```\n[x](no-such.md)\n```'],
    ['a placeholder', '`fixtures/cases/SUITE.yaml`'],
    ['a file', '`proto/CONTRACT.md`'],
    ['a glob', '`fixtures/cases/*.yaml`'],
  ])('allows %s', (_, text) => {
    expect(brokenReferences({ path: 'docs/x.md', text }, documents)).toEqual([]);
  });
});
