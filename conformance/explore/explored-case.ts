import type { DataCase, Step } from '../case/case.ts';
import { annotationsOf, verbsOf } from '../case/step-annotations.ts';
import { expandSteps } from '../load/words/steps.ts';
import type { Operation } from './operation.ts';
import { SessionModel } from './session-model.ts';

/** The id of the case that a sequence makes. */
export const exploredCaseId = 'explore/operations';

/** A sequence as a case, and the number of operations that precede each step. */
export interface ExploredCase {
  readonly testCase: DataCase;
  /** By the index of the step: the number of the operation that added it, from 1. 0: the beginning. */
  readonly operationOf: readonly number[];
}

/** Makes a case of a sequence of operations. Its expectations are those of the model. */
export function exploredCase(operations: readonly Operation[], deadlineMs: number): ExploredCase {
  const model = new SessionModel();
  const operationOf: number[] = [];
  const mark = (operation: number) => {
    while (operationOf.length < model.steps.length) operationOf.push(operation);
  };
  model.begin();
  mark(0);
  for (const [index, operation] of operations.entries()) {
    model.apply(operation);
    model.afterOperation(index + 1);
    mark(index + 1);
  }
  model.end();
  mark(operations.length);
  const expanded = model.steps.map((step) => expandSteps([step], []).steps);
  const steps = expanded.flat().map((step, index): Step => {
    const [[verb, argument] = ['', undefined]] = verbsOf(step);
    // The engine recognizes a step by its source.
    return { verb, argument, source: sourceAt(index + 1), ...annotationsOf(step) };
  });
  const testCase: DataCase = {
    kind: 'data',
    id: exploredCaseId,
    suite: 'explore',
    title: 'The runtime behaves like the model of sessions after any sequence of operations',
    clauses: ['SESSION-9'],
    level: 'core',
    revisions: ['2025-11-25'],
    needs: {
      capabilities: ['stream-head', 'stream-post'],
      tools: ['conformance_touch', 'conformance_events'],
      serverCapabilities: ['resources.subscribe', 'logging'],
    },
    alone: false,
    deadlineMs,
    source: sourceAt(0),
    steps,
  };
  // A step of the model may expand into several.
  return {
    testCase,
    operationOf: expanded.flatMap((each, index) => each.map(() => operationOf[index] ?? 0)),
  };
}

function sourceAt(line: number): DataCase['source'] {
  return { file: 'explore', line };
}
