import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

const root = packageRoot();

/** Source files of all languages known to git, except generated files. */
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(tsx?|mjs|go|rs)$/.test(path) && !/(^proto\/gen\/|\.pb\.go$)/.test(path));

const maxLines = 300;

/** Files without a length limit: data and tests. */
const mayBeLong = [
  /\.test\.ts$/,
  /_test\.go$/,
  /\/tests?\//,
  /\/testing\//,
  /^proof\/faults\//,
  /^proof\/hostile\/targets\//,
  /^proof\/stryker\/listed-mutants\.ts$/,
];

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** Returns the text without the inline tests of a Rust file. */
function codeOf(path: string): string {
  return textOf(path).split('#[cfg(test)]\nmod tests')[0] ?? '';
}

/** Returns `path:line` of every matching line in TypeScript files except tests. */
function matches(pattern: RegExp): readonly string[] {
  return sources
    .filter((path) => /\.tsx?$/.test(path) && !path.endsWith('.test.ts'))
    .flatMap((path) =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

test(`source files except data and tests have at most ${maxLines} lines`, () => {
  const long = sources
    .filter((path) => !mayBeLong.some((pattern) => pattern.test(path)))
    .map((path) => ({ path, lines: codeOf(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  expect(long).toEqual([]);
});

test('private members use # instead of a keyword', () => {
  expect(matches(/^\s+private\s+(?!constructor)/)).toEqual([]);
});

test('constants use camel case', () => {
  expect(matches(/^(export )?const [A-Z][A-Z0-9]*_?[A-Z0-9_]*\b\s*[:=]/)).toEqual([]);
});

test('errors declare their name as a member', () => {
  expect(matches(/this\.name = '/)).toEqual([]);
});
