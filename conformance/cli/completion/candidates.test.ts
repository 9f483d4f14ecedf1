import { describe, expect, test } from 'vitest';
import type { CliCommand } from '../cli-command.ts';
import { makeProgram } from '../program.ts';
import { contextOf, runWords } from '../testing/run-words.ts';
import { candidatesFor } from './candidates.ts';
import { freePlaceholders, isCompletable, placeholderOf } from './option-completion.ts';

const program = () => makeProgram(contextOf(), () => {});
const complete = async (...words: readonly string[]) => {
  const { values, paths } = await candidatesFor(program(), words);
  return { values: values.map(({ value }) => value), paths };
};

/** Returns all commands, with their options loaded. */
async function commandsOf(command: CliCommand): Promise<readonly CliCommand[]> {
  await command.load();
  const children = await Promise.all(command.commands.map((each) => commandsOf(each as CliCommand)));
  return [command, ...children.flat()];
}

test('every option with a value is completed, or takes a value that only the user knows', async () => {
  const options = (await commandsOf(program())).flatMap((command) => command.options);
  const others = options.filter((option) => option.required && !isCompletable(option)).map(placeholderOf);
  expect(others.filter((placeholder) => !freePlaceholders.has(placeholder))).toEqual([]);
  expect(others.length).toBeGreaterThan(0);
});

describe('candidates', () => {
  test('are commands and options at the start', async () => {
    const { values } = await complete('');
    expect(values).toEqual(
      expect.arrayContaining(['matrix', 'check-gateway', 'completion', '--image', '--help']),
    );
    expect((await complete('mat')).values).toEqual(['matrix']);
  });

  test('are the options of the command', async () => {
    expect((await complete('matrix', '--tog')).values).toEqual(['--together']);
    expect((await complete('proto', '')).values).toContain('check');
    expect((await complete('proto', 'check', '--ag')).values).toEqual(['--against']);
    expect((await complete('--tog')).values).toEqual([]);
  });

  test.each([
    [
      ['--level', ''],
      ['core', 'strict'],
    ],
    [['--level=s'], ['--level=strict']],
    [['--capability', 're'], ['resume']],
    [['--suite', 'mcp-pi'], ['mcp-ping']],
    [
      ['--case', 'mcp-ping/'],
      ['mcp-ping/empty-result', 'mcp-ping/*'],
    ],
    [['--explain', 'HEALTH-1'], ['HEALTH-1']],
    [['check-gateway', '--suite', 'recov'], ['recovery']],
    [
      ['matrix', '--target', ''],
      ['typescript', 'rust', 'go'],
    ],
    [['matrix', '--known-failures', 'r'], ['rust=']],
    [
      ['--report', ''],
      ['json=', 'junit=', 'markdown=', 'html=', 'svg='],
    ],
    [
      ['completion', ''],
      ['bash', 'zsh', 'fish', '--help'],
    ],
    [['check-gateway', '--url', ''], []],
  ])('for %j are %j', async (words, values) => {
    expect(await complete(...words)).toEqual({ values, paths: undefined });
  });

  test.each([
    [['--fixtures', ''], 'folders', ''],
    [['--socket', 'a'], 'files', ''],
    [['matrix', '--config=a'], 'files', '--config='],
    [['--report', 'json=a'], 'files', 'json='],
    [['check-gateway', '--identity', '@a'], 'files', '@'],
    [['compare', 'old'], 'files', ''],
    [['--command', 'x', '--', 'a'], 'files', ''],
  ])('for %j are %s', async (words, kind, prefix) => {
    const { paths } = await complete(...words);
    expect(paths).toEqual(kind === undefined ? undefined : { kind, prefix });
  });

  test('come from the fixtures on the command line, and are none if these are invalid', async () => {
    expect(await complete('--fixtures', '/no/such', '--case', '')).toEqual({ values: [], paths: undefined });
  });
});

test('the command prints candidates with descriptions, and a line for paths', async () => {
  expect(await runWords(['completion', 'candidates', '--', '--bai'])).toEqual({
    exitCode: 0,
    output: '--bail\tstop after this number of failed cases (default: 1)\n',
    warnings: [],
  });
  expect((await runWords(['completion', 'candidates', '--', '--report', 'json='])).output).toBe(
    ':files\tjson=\n',
  );
});

test.each([
  [[], 'completion needs the name of a shell, bash, zsh or fish'],
  [['bsh'], 'completion needs the name of a shell, bash, zsh or fish, not bsh; did you mean bash?'],
  [['nu'], 'completion needs the name of a shell, bash, zsh or fish, not nu'],
])('completion %j is invalid usage', async (words, message) => {
  expect(await runWords(['completion', ...words])).toEqual({
    exitCode: 2,
    output: '',
    warnings: [`error: ${message}`],
  });
});
