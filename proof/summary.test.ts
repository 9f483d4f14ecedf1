import { expect, it } from 'vitest';
import { summaryLines } from './summary.ts';

const failed = { name: 'hostile', exitCode: 1, output: 'one\ntwo\n', problems: [] };

it('repeats the reasons of a failed proof', () => {
  expect(summaryLines({ ...failed, problems: ['freezes: exit code 3'] })).toEqual([
    'FAILED  hostile\n',
    '          freezes: exit code 3\n',
  ]);
});

it('shows the end of the output of a failed proof without reasons, and no output of a passed proof', () => {
  expect(summaryLines(failed).slice(1)).toEqual(['          one\n', '          two\n']);
  expect(summaryLines({ ...failed, exitCode: 0 })).toEqual(['ok      hostile\n']);
});
