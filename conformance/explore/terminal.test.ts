import { expect, test } from 'vitest';
import { makePalette } from '../report/palette.ts';
import { explorationLines } from './terminal.ts';

const style = { palette: makePalette(false), again: 'npx mcp-runtime-conformance explore --seed 7' };
const run = { seed: 7, sequences: 3, operations: 60, durationMs: 1_230 };

test('a run without a difference is short', () => {
  expect(explorationLines(run, style)).toEqual([
    'the target behaves like the model',
    '60 operations in 3 sequences, 1.23 s',
  ]);
});

test('a difference has the operations, the reason and the command that repeats it', () => {
  const failure = { summary: '/status: expected 403, got 200', differences: [], clauses: ['AUTH-2'] };
  const counterexample = { operations: ['bob pings session 2', 'x'], clause: 'AUTH-2', failure };
  expect(explorationLines({ ...run, counterexample }, style)).toEqual([
    'The shortest sequence that shows the difference:',
    '',
    '  1  bob pings session 2',
    '  2  x',
    '',
    '  /status: expected 403, got 200',
    '',
    '  again: npx mcp-runtime-conformance explore --seed 7',
    '',
    'AUTH-2: the target differs from the model',
    '60 operations in 3 sequences, 1.23 s',
  ]);
});
