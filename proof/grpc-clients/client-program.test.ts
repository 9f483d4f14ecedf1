import { expect, test } from 'vitest';
import { readOutcomes, runClientProgram } from './client-program.ts';

test('the output of a client has a line for each step', () => {
  const output = '{"step":"health","problem":null}\n{"step":"ping","problem":"a\\n  b"}\nno JSON\n';
  expect(readOutcomes(output)).toEqual([
    { step: 'health' },
    { step: 'ping', problem: 'a b' },
    { step: 'the output of the program', problem: expect.stringContaining('JSON') },
  ]);
});

test.each([
  ['process.stderr.write("first\\nlast\\n"); process.exit(1)', 'last'],
  ['', 'exit code 0'],
])('a program without steps fails: %s', async (script, problem) => {
  expect(await runClientProgram([process.execPath, '-e', script])).toEqual([
    { step: 'the program', problem },
  ]);
});
