import { createRunner } from '../../../runners/kinds.ts';
import type { DataCase } from '../../case/case.ts';
import { release } from '../../check/report-of.ts';
import type { MatrixReport } from '../../matrix/matrix.ts';
import type { MatrixPlan, PlannedTarget } from '../../plan/matrix-plan.ts';
import type { ModuleCheck } from '../../proto-check/proto-check.ts';
import type { MeasuredBreak, ProtoReport, TouchedImplementation } from '../../proto-check/report.ts';
import { measureTouch, type Touch } from '../../proto-check/touch.ts';
import type { Translation } from '../../proto-check/translation.ts';
import type { CommandContext } from '../command-context.ts';
import type { MatrixProgress } from '../matrix/progress.ts';

/** With more breaking changes than this, only the whole change is measured. Each measurement runs on every target. */
const measuredBreaks = 6;

export interface Measuring {
  readonly plan: MatrixPlan;
  readonly check: ModuleCheck;
  /** The result of the suite on the unchanged targets. Undefined if the suite did not run. */
  readonly matrix: MatrixReport | undefined;
  readonly progress: MatrixProgress;
}

/**
 * Measures the failures that callers of the changed module see on each target: for each breaking change alone, if
 * there are few, and for the whole change. Skips changes that do not affect the calls of the suite.
 */
export async function measureImplementations(
  { plan, check, matrix, progress }: Measuring,
  context: CommandContext,
): Promise<Pick<ProtoReport, 'breaks' | 'touched'>> {
  const untouched = { breaks: check.breaks.map((found) => ({ found, implementations: [] })), touched: [] };
  const { translation } = check;
  if (matrix === undefined || translation === undefined) return untouched;
  const measure = async (by: Translation, what: string): Promise<readonly TouchedImplementation[]> => {
    const found: TouchedImplementation[] = [];
    for (const target of plan.targets) {
      const cases = passedCases(plan, matrix, target.name);
      if (cases.length === 0) continue;
      progress.show(`callers with the change of ${what} on ${target.name}`);
      found.push({ name: target.name, touch: await measureTarget(target, plan, cases, by, context) });
    }
    return found;
  };
  const translated = check.breaks.filter((found) => found.translation !== undefined);
  const breaks: MeasuredBreak[] = [];
  for (const found of check.breaks) {
    const apart = translated.length <= measuredBreaks ? found.translation : undefined;
    breaks.push({ found, implementations: apart === undefined ? [] : await measure(apart, found.name) });
  }
  // If a single breaking change accounts for all changed calls, its measurement also applies to the whole change.
  const whole = JSON.stringify(translation.differences);
  const same = breaks.find(
    ({ found, implementations }) =>
      implementations.length > 0 && JSON.stringify(found.translation?.differences) === whole,
  );
  const touched = same?.implementations ?? (await measure(translation, 'everything'));
  return { breaks, touched };
}

function passedCases(plan: MatrixPlan, matrix: MatrixReport, name: string): readonly DataCase[] {
  const report = matrix.implementations.find((implementation) => implementation.name === name)?.report;
  if (report?.kind !== 'run') return [];
  const passed = new Set(
    report.run.results.flatMap((result) => (result.outcome.kind === 'passed' ? [result.case.id] : [])),
  );
  return plan.cases.filter(({ id }) => passed.has(id));
}

async function measureTarget(
  { target, plan: { concurrency } }: PlannedTarget,
  { level, suite: { identities } }: MatrixPlan,
  cases: readonly DataCase[],
  by: Translation,
  { signal, warn }: CommandContext,
): Promise<Touch> {
  const runner = await createRunner(target);
  try {
    const settings = { level, capabilities: [], narrowed: true, failOnSkip: false } as const;
    return await measureTouch({ runner, cases, identities, settings, concurrency, signal }, by);
  } finally {
    await release(runner, warn);
  }
}
