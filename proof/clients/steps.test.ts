import { describe, expect, test } from 'vitest';
import { expectSame, expectSoon, runSteps, UnexpectedEffectError } from './steps.ts';

const passes = async () => undefined;
const fails = async () => expectSame('the answer', { n: 1 }, { n: 2 });
const problem = 'the answer: expected {"n":2}, got {"n":1}';

describe('runSteps', () => {
  test('reports each step', async () => {
    const outcomes = await runSteps({ connect: passes, second: fails, third: passes });
    expect(outcomes).toEqual([{ step: 'connect' }, { step: 'second', problem }, { step: 'third' }]);
  });

  test('stops if the client cannot connect', async () => {
    expect(await runSteps({ connect: fails, second: passes })).toEqual([{ step: 'connect', problem }]);
  });
});

describe('expectSoon', () => {
  test('asks until the answer is as expected', async () => {
    const answers = ['unknown', 'running', 'finished'];
    await expectSoon('the state', async () => answers.shift(), 'running');
    expect(answers).toEqual(['finished']);
  });

  test('does not hide a failure to ask', async () => {
    const ask = async () => expectSame('the call', 1, 2);
    await expect(expectSoon('the state', ask, 'running')).rejects.toThrow(UnexpectedEffectError);
  });
});
