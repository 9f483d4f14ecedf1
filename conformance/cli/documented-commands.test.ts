import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { packageRoot } from '../package-root.ts';
import { makeCheckGatewayCommand } from './check-gateway/check-gateway-options.ts';
import { makeCommand } from './command-line.ts';
import { makeGatewayCommand } from './gateway/gateway-options.ts';
import { addTargetOptions, quietCommand } from './matrix/command-line.ts';
import { VERBS } from './verbs.ts';

const root = packageRoot();

describe('commands that the documentation and the examples name', () => {
  const documents = [
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
    'docs/ci/github.yml',
    'docs/ci/gitlab.yml',
    'README.md',
  ];
  const options: Readonly<Record<string, ReadonlySet<string>>> = {
    run: flagsOf(makeCommand('1')),
    matrix: flagsOf(addTargetOptions(quietCommand('matrix', ''))),
    compare: new Set(['--target', '--no-color', '--help']),
    proto: new Set([
      ...flagsOf(addTargetOptions(quietCommand('proto', ''))),
      '--against',
      '--proto',
      '--modules-only',
    ]),
    gateway: flagsOf(makeGatewayCommand()),
    'check-gateway': flagsOf(makeCheckGatewayCommand()),
  };

  test('every verb has its options here', () => {
    expect(Object.keys(VERBS).filter((verb) => !(verb in options))).toEqual([]);
  });

  test('are found at all', () => {
    const found = documents.map((document) => commandsIn(readFileSync(join(root, document), 'utf8')).length);
    expect(found.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(20);
    expect(commandsIn(readFileSync(join(root, 'docs/ci/gitlab.yml'), 'utf8'))).toEqual([
      expect.stringMatching(/^--image .* --known-failures .* --report /),
      expect.stringMatching(/^matrix --config .* --report /),
      expect.stringMatching(/^proto check --against .* --config .* --report /),
    ]);
  });

  test.each(documents)('%s', (document) => {
    const wrong: string[] = [];
    for (const line of commandsIn(readFileSync(join(root, document), 'utf8'))) {
      const words = line.split(/\s+/);
      const verb = words[0] !== undefined && words[0] in VERBS ? words[0] : 'run';
      const end = words.indexOf('--');
      const own = end < 0 ? words : words.slice(0, end);
      for (const word of own) {
        const flag = /^--[a-z][a-z-]*/.exec(word)?.[0];
        if (flag !== undefined && options[verb]?.has(flag) !== true) wrong.push(`${verb} ${flag}: ${line}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

function flagsOf(command: {
  readonly options: readonly { readonly long?: string | undefined }[];
}): ReadonlySet<string> {
  return new Set([...command.options.flatMap(({ long }) => long ?? []), '--help', '--version']);
}

/** What follows the program's name where it is called: in code, with lines that go on put together. */
function commandsIn(text: string): readonly string[] {
  const joined = text.replace(/\\\n\s*/g, ' ').replace(/\n {6}--/g, ' --');
  return [
    ...joined.matchAll(/(?:npx (?:--yes )?|--package @bufbuild\/buf )mcp-runtime-conformance ([^\n`#]*)/g),
  ].map(
    // What is in quotes belongs to a value.
    ([, words = '']) => words.replace(/"[^"]*"|'[^']*'/g, 'x').trim(),
  );
}
