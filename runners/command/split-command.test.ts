import { describe, expect, it } from 'vitest';
import { runnerError } from '../testing/target.ts';
import { splitCommand } from './split-command.ts';

describe('splitCommand', () => {
  it.each([
    ['./my-runtime --flag', ['./my-runtime', '--flag']],
    ['  a \t b\n c  ', ['a', 'b', 'c']],
    [`a 'b c' "d e"`, ['a', 'b c', 'd e']],
    [`a''b "" c`, ['ab', '', 'c']],
    ['a\\ b \\"c', ['a b', '"c']],
    [String.raw`a "x\"y\\z\n"`, ['a', String.raw`x"y\z\n`]],
    [`sh -c 'exec ./x | y $Z'`, ['sh', '-c', 'exec ./x | y $Z']],
    ['a --map=b=c *.txt', ['a', '--map=b=c', '*.txt']],
  ])('splits %s', (line, words) => {
    expect(splitCommand(line)).toEqual(words);
  });

  it.each([
    ['', 'The command is empty.'],
    ["a 'b", "The quote ' at character 3 of the command is never closed."],
    ['a \\', 'The command ends in a backslash.'],
    ['a | b', 'The command has | at character 3 (| b): the kit does not start a shell.'],
    ['a "$HOME"', 'The command has $ at character 4 ($HOME"): the kit does not start a shell.'],
    ['A=1 ./x', 'The command begins with the assignment A=1, which only a shell understands.'],
  ])('rejects %s', async (line, message) => {
    const error = await runnerError(() => splitCommand(line));
    expect(error).toMatchObject({ code: 'bad-option', message });
    expect(error.advice).not.toBe('');
  });
});
