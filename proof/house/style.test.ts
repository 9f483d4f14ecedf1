import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';

const root = packageRoot();

/** Source files of every language, as git knows them; generated ones are nobody's to write. */
const sources = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((path) => /\.(ts|mjs|go|rs)$/.test(path) && !/(^proto\/gen\/|\.pb\.go$)/.test(path));

const maxLines = 300;

/** Files that may be longer: lists that are data, and tests, which are lists of examples. */
const mayBeLong = [
  /\.test\.ts$/,
  /_test\.go$/,
  /\/tests?\//,
  /\/testing\//,
  /^proof\/faults\//,
  /^proof\/hostile\/targets\//,
];

function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

/** The text without the tests that Rust keeps in the same file. */
function codeOf(path: string): string {
  return textOf(path).split('#[cfg(test)]\nmod tests')[0] ?? '';
}

/** `path:line` of every line that matches, in TypeScript outside of tests. */
function matches(pattern: RegExp): readonly string[] {
  return sources
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) =>
      textOf(path)
        .split('\n')
        .flatMap((line, index) => (pattern.test(line) ? [`${path}:${index + 1}`] : [])),
    );
}

test(`no source file has more than ${maxLines} lines, but for data and tests`, () => {
  const long = sources
    .filter((path) => !mayBeLong.some((pattern) => pattern.test(path)))
    .map((path) => ({ path, lines: codeOf(path).split('\n').length - 1 }))
    .filter(({ lines }) => lines > maxLines);
  expect(long).toEqual([]);
});

test('members are private by #, not by keyword', () => {
  expect(matches(/^\s+private\s+(?!constructor)/)).toEqual([]);
});

test('constants are written like other names', () => {
  expect(matches(/^(export )?const [A-Z][A-Z0-9]*_?[A-Z0-9_]*\b\s*[:=]/)).toEqual([]);
});

test('errors name themselves by a member', () => {
  expect(matches(/this\.name = '/)).toEqual([]);
});
