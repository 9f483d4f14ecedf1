import fc from 'fast-check';
import { expect, test } from 'vitest';
import { exploredCase } from './explored-case.ts';
import { type Operation, sentenceOf, sequences } from './operation.ts';

/** The steps that operations add, as verbs with the parts that matter. */
function stepsAfter(...operations: readonly Operation[]): readonly string[] {
  const { testCase, operationOf } = exploredCase(operations, 1_000);
  return testCase.steps.flatMap(({ verb, argument }, index) => {
    const { expect: expected, stream, request } = Object(argument);
    const text = JSON.stringify([stream, request?.message?.method, request?.authContext, expected]);
    return operationOf[index] === operations.length ? [`${verb} ${text}`] : [];
  });
}

const touch = { kind: 'touch', session: 1, uri: 'test://watched-resource' } as const;
const subscribe = { kind: 'subscribe', session: 0, uri: touch.uri, by: 'Invoke' } as const;
const unsubscribe = { ...subscribe, kind: 'unsubscribe' } as const;
const told = (steps: readonly string[]) =>
  steps.filter((each) => each.startsWith('receive') && each.includes(touch.uri)).length;

test('a change is reported to the subscribed sessions that have a stream', () => {
  expect(told(stepsAfter(touch))).toBe(0);
  expect(told(stepsAfter(subscribe, touch))).toBe(1);
  expect(told(stepsAfter(subscribe, { ...subscribe, session: 2 }, touch))).toBe(2);
  expect(told(stepsAfter(subscribe, unsubscribe, touch))).toBe(0);
  expect(told(stepsAfter(subscribe, { kind: 'cut', session: 0 }, touch))).toBe(0);
  expect(told(stepsAfter(subscribe, { kind: 'renew', session: 0 }, touch))).toBe(0);
});

test('the level decides whether a tool call has a log message', () => {
  const log = { kind: 'log', session: 0 } as const;
  const level = { kind: 'level', session: 0, level: 'warning', by: 'Invoke' } as const;
  const messages = (steps: readonly string[]) =>
    steps.join('\n').match(/notifications\/message/g)?.length ?? 0;
  expect(messages(stepsAfter(log))).toBe(1);
  expect(messages(stepsAfter(level, log))).toBe(0);
  expect(messages(stepsAfter({ ...level, level: 'info' }, log))).toBe(1);
  expect(messages(stepsAfter({ ...level, session: 1 }, log))).toBe(1);
});

test('every sequence makes a case, with an operation for each step and a sentence for each operation', () => {
  fc.assert(
    fc.property(sequences, (operations) => {
      const { testCase, operationOf } = exploredCase(operations, 1_000);
      expect(operationOf).toHaveLength(testCase.steps.length);
      expect(Math.max(...operationOf)).toBe(operations.length);
      for (const each of operations) expect(sentenceOf(each)).toMatch(/session [123]/);
    }),
    { numRuns: 50 },
  );
});
