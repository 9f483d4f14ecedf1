import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

const root = packageRoot();
const { bundledPackages, renderNotices } = await import(join(root, 'notices.mjs'));

test('finds each package that has code in the bundle exactly once', () => {
  const input = { bytesInOutput: 10 };
  const outputs = {
    'dist/a.js': {
      inputs: { 'dist/own.js': input, 'node_modules/pino/lib/a.js': input, 'plugin:pino': input },
    },
    'dist/b.js': {
      inputs: {
        'node_modules/pino/lib/b.js': input,
        'node_modules/@scope/name/index.js': input,
        'node_modules/archiver/node_modules/async/index.js': input,
        'node_modules/unused/index.js': { bytesInOutput: 0 },
      },
    },
  };
  expect(bundledPackages({ outputs })).toEqual([
    'node_modules/@scope/name',
    'node_modules/archiver/node_modules/async',
    'node_modules/pino',
  ]);
});

describe('notices', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'notices-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Creates a package `name` 1.0.0 in a new folder. */
  async function makePackage(manifest: object, files: Readonly<Record<string, string>>): Promise<string> {
    const place = await mkdtemp(join(folder, 'package-'));
    const text = JSON.stringify({ name: 'name', version: '1.0.0', ...manifest });
    for (const [file, content] of Object.entries({ 'package.json': text, ...files })) {
      await writeFile(join(place, file), content);
    }
    return place;
  }

  test.each<[string, object, Readonly<Record<string, string>>, string]>([
    ['a licence file', { license: 'MIT' }, { 'LICENCE.md': 'Do it.\r\n' }, 'Licence: MIT\n\nDo it.\n'],
    [
      'a licence and a notice',
      { license: 'Apache-2.0' },
      { NOTICE: 'By me.', LICENSE: 'Do it.' },
      'Do it.\n\nBy me.\n',
    ],
    [
      'a section of the README',
      { licenses: [{ type: 'MIT' }] },
      { 'readme.md': '# Name\n\n## License\n\nPermission is hereby granted.\n\n## More\n' },
      'Licence: MIT\n\n## License\n\nPermission is hereby granted.\n',
    ],
    ['one allowed alternative', { license: '(GPL-3.0 OR MIT)' }, { LICENSE: 'Do it.' }, 'Do it.'],
    [
      'alternatives within parentheses',
      { license: '(GPL-3.0/MIT) AND Zlib' },
      { LICENSE: 'Do it.' },
      'Do it.',
    ],
    ['allowed licences together', { license: 'ISC AND MIT' }, { COPYING: 'Do it.' }, 'Do it.'],
  ])('contain %s', async (_, manifest, files, expected) => {
    expect(renderNotices([await makePackage(manifest, files)])).toContain(expected);
  });

  test.each<[string, object]>([
    ['GPL-3.0', { license: 'GPL-3.0' }],
    ['MIT AND GPL-3.0', { license: 'MIT AND GPL-3.0' }],
    ['(MIT OR ISC) AND (GPL-3.0 OR GPL-2.0)', { license: '(MIT OR ISC) AND (GPL-3.0 OR GPL-2.0)' }],
  ])('reject the licence %s', async (license, manifest) => {
    const place = await makePackage(manifest, { LICENSE: 'Do it.' });
    expect(() => renderNotices([place])).toThrow(
      `name 1.0.0: the licence "${license}" is not allowed; see allowedLicences in notices.mjs`,
    );
  });

  test('reject a package without a licence text', async () => {
    const place = await makePackage({ license: 'MIT' }, { 'README.md': '# Name\n\n## License\n\nMIT\n' });
    expect(() => renderNotices([place])).toThrow(
      'name 1.0.0: found no licence text; add it as licenses/name.txt',
    );
  });
});

test('dist/html contains the notices of its packages, and so does each report', () => {
  const text = readFileSync(join(root, 'dist', 'html', 'THIRD_PARTY_NOTICES'), 'utf8');
  expect(text).toMatch(/^preact \d+\.\d+\.\d+\nLicence: MIT/m);
  expect(readFileSync(join(root, 'dist', 'html', 'app.js'), 'utf8')).toContain(text.trim());
});

test.each([
  ['cli', 'testcontainers'],
  ['runtime', '@modelcontextprotocol/server'],
])('dist/%s contains the notices of its packages', (program, name) => {
  const text = readFileSync(join(root, 'dist', program, 'THIRD_PARTY_NOTICES'), 'utf8');
  expect(text).toMatch(new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\nLicence: `, 'm'));
  expect(text).toContain('Copyright 2008 Google Inc.');
});
