import { describe, expect, it } from 'vitest';
import type { Step } from '../../case/case.ts';
import { NotExpressibleError } from '../../wire/runtime-call.ts';
import { UnsentSteps } from './unsent-steps.ts';

const source = { file: 'f.yaml', line: 1 };
const reason = new NotExpressibleError('no form');
const step = (verb: string, argument: unknown = {}, more: Partial<Step> = {}): Step => ({
  ...{ verb, argument, source },
  ...more,
});

describe('a step that cannot be sent', () => {
  it('may be left out if no other step uses its answer', () => {
    expect(new UnsentSteps().add(step('invoke', { expect: { status: 400 } }), reason)).toBe(true);
    expect(new UnsentSteps().add(step('invoke', { expect: { id: { $save: 'id' } } }), reason)).toBe(false);
    expect(new UnsentSteps().add(step('session'), reason)).toBe(false);
    expect(new UnsentSteps().add(step('session', {}, { item: '"a"' }), reason)).toBe(true);
  });

  it('is left out together with the steps of its item, and with steps that name its stream or call', () => {
    const unsent = new UnsentSteps();
    unsent.add(step('openStream', { as: 'live' }), reason);
    unsent.add(step('invoke', {}, { item: '"a"' }), reason);
    expect(unsent.concern(step('end', { stream: 'live' }))).toBe(true);
    expect(unsent.concern(step('await', { call: 'live' }))).toBe(true);
    expect(unsent.concern(step('check', {}, { item: '"a"' }))).toBe(true);
    expect(unsent.concern(step('check', {}, { item: '"b"' }))).toBe(false);
    expect(unsent.concern(step('invoke'))).toBe(false);
  });
});

describe('a case', () => {
  const unsentStep = step('invoke');

  function reasonFor(...others: readonly Step[]): NotExpressibleError | undefined {
    const unsent = new UnsentSteps();
    unsent.add(unsentStep, reason);
    return unsent.reasonNotToCount([unsentStep, ...others]);
  }

  it('counts if another step checks the same clauses', () => {
    expect(reasonFor(step('closeSession', { expect: {} }))).toBeUndefined();
  });

  it.each([
    ['alone', []],
    ['with a setup step', [step('invoke', { expect: {} }, { setup: { case: 's/c', clause: 'A-1' } })]],
    ['with a step for other clauses', [step('invoke', { expect: {} }, { clauses: ['A-2'] })]],
    ['with a step that makes no call', [step('check', { expect: {} })]],
    ['with a call whose answer is not compared', [step('invoke', { as: 'call' })]],
  ])('does not count %s', (_, others) => {
    expect(reasonFor(...others)).toBe(reason);
  });

  it('counts if every step was sent', () => {
    expect(new UnsentSteps().reasonNotToCount([unsentStep])).toBeUndefined();
  });
});
