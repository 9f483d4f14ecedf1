import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { beforeAll, describe, expect, test } from 'vitest';
import { packageRoot } from '../../base/package.ts';
import type { CliCommand } from './cli-command.ts';
import { makeProgram } from './program.ts';
import { contextOf } from './testing/run-words.ts';

const root = packageRoot();

describe('commands in the documentation and examples', () => {
  const documents = [
    ...readdirSync(join(root, 'docs'))
      .filter((name) => name.endsWith('.md'))
      .map((name) => join('docs', name)),
    'docs/ci/github.yml',
    'docs/ci/gitlab.yml',
    'README.md',
  ];
  /** The flags of every command by its name. Those of `proto` are the flags of `proto check`. */
  const options = new Map<string, ReadonlySet<string>>();

  beforeAll(async () => {
    const program = makeProgram(contextOf(), () => {});
    options.set('run', flagsOf(program));
    for (const command of program.commands as readonly CliCommand[]) {
      await command.load();
      options.set(command.name(), flagsOf(command.commands[0] ?? command));
    }
  });

  test('have options to check', () => {
    expect([...options].filter(([, flags]) => flags.size < 2)).toEqual([]);
  });

  test('are found in the files', () => {
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
      const verb = words[0] !== undefined && options.has(words[0]) ? words[0] : 'run';
      const end = words.indexOf('--');
      const own = end < 0 ? words : words.slice(0, end);
      for (const word of own) {
        const flag = /^--[a-z][a-z-]*/.exec(word)?.[0];
        if (flag !== undefined && options.get(verb)?.has(flag) !== true)
          wrong.push(`${verb} ${flag}: ${line}`);
      }
    }
    expect(wrong).toEqual([]);
  });
});

function flagsOf({ options }: Command): ReadonlySet<string> {
  return new Set(['--help', ...options.map(({ long }) => long ?? '')]);
}

/** Returns the arguments of each documented call of the program, with continuation lines joined. */
function commandsIn(text: string): readonly string[] {
  const joined = text.replace(/\\\n\s*/g, ' ').replace(/\n {6}--/g, ' --');
  return [
    ...joined.matchAll(/(?:npx (?:--yes )?|--package @bufbuild\/buf )mcp-runtime-conformance ([^\n`#]*)/g),
  ].map(
    // Quoted text is part of a value, not a flag.
    ([, words = '']) => words.replace(/"[^"]*"|'[^']*'/g, 'x').trim(),
  );
}
