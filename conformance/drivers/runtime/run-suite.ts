import type { DataCase } from '../../case/case.ts';
import type { OwnItems } from '../../case/roles.ts';
import type { Driver } from '../../engine/driver.ts';
import type { EngineOptions } from '../../engine/options.ts';
import type { RunResult, TargetFacts } from '../../engine/result.ts';
import { runCases } from '../../engine/run-cases.ts';
import { adaptCase } from './adapt-case.ts';
import { mayBegin, reasonNotToRun } from './applicability.ts';
import { longestFirst } from './case-order.ts';
import type { Identities } from './request.ts';
import { type RuntimeTarget, SharedTarget, type SharedTargetOptions } from './shared-target.ts';
import { RuntimeRelease } from './spoken-release.ts';
import type { Recorder } from './step-context.ts';
import type { Survey } from './survey.ts';

/** Options for a run against a runtime. */
export interface RunOptions extends EngineOptions<DataCase>, SharedTargetOptions {
  readonly identities: Identities;
  /** Items of the target's own that the configuration names. They precede discovered items. */
  readonly own?: OwnItems;
  /** Called with the observation of each step, instead of comparing it (`npm run prove -- record`). */
  readonly recorder?: Recorder;
}

/**
 * Starts a runtime, discovers its catalog and runs the cases. When it returns, everything that it started has ended.
 * @throws TargetError, RunnerError if the target never became ready
 */
export async function runSuite(options: RunOptions): Promise<RunResult> {
  await using target = new SharedTarget(options);
  return await runCases(makeDriver(target, options), options);
}

type RuntimeDriver = Driver<DataCase, RuntimeTarget>;

/** Makes a driver that reaches a runtime over its socket. */
function makeDriver(target: SharedTarget, options: RunOptions): RuntimeDriver {
  const { cases, runner, settings } = options;
  const release = new RuntimeRelease(settings.contract);
  let known: Survey | undefined;
  const ownItems = (): OwnItems => ({ ...known?.own, ...options.own });

  const start: RuntimeDriver['start'] = async () => {
    const started = performance.now();
    const ready = target.acquire().then(({ instance }) => {
      release.noteCapabilities(target.health?.capabilities ?? []);
      return { instance, readyMs: performance.now() - started };
    });
    ready.catch(() => {});
    // Loads the modules that run cases while the target starts.
    const [{ survey }, { attemptCase }, { SchemaSet }, { LeftoverSessions }, { SecondInstance }] =
      await Promise.all([
        import('./survey.ts'),
        import('./attempt-case.ts'),
        import('../../match/schema-set.ts'),
        import('./sessions.ts'),
        import('./second-instance.ts'),
      ]);
    const schemas = new SchemaSet();
    schemas.prepare(cases.map(({ steps }) => steps));
    const leftovers = new LeftoverSessions();
    const secondInstance = new SecondInstance(options);
    const shared = { ...options, ready, release, schemas, leftovers, secondInstance };
    const facts = ready.then(async ({ instance, readyMs }): Promise<TargetFacts> => {
      known = await survey(instance, options);
      const { serverInfo, revision, problem } = known;
      // A failed initialize does not show that the target has no sessions.
      release.noteSessions(problem === undefined || revision === undefined);
      const isServed = release.leavesSessionsOptional && revision !== undefined;
      const surveyProblem = isServed
        ? undefined
        : problem && `initialize did not create a session: ${problem}`;
      const contract = release.facts(cases.filter(({ since }) => !release.includes(since)).length);
      const { label, kind } = runner;
      return { label, kind, contract, readyMs, health: target.health, serverInfo, revision, surveyProblem };
    });
    return {
      ready,
      facts,
      attempt: (testCase, { instance }, context) =>
        attemptCase(testCase, { ...shared, ...context, instance }),
    };
  };

  return {
    start,
    independence: { case: 'calls-at-once/two-hundred-calls', clause: 'RPC-11' },
    arrange: longestFirst,
    mayBegin: (testCase, phase) => release.decides(testCase.since) && mayBegin(testCase, phase),
    isInRelease: ({ since }) => release.includes(since),
    reasonNotToRun: (testCase) => {
      const declared = target.health?.capabilities ?? [];
      const required = settings.capabilities;
      return reasonNotToRun(testCase, { runner, survey: known, own: ownItems(), declared, required });
    },
    adapt: (testCase) => {
      const adapted = adaptCase(testCase, known, ownItems());
      return adapted.kind === 'adapted' ? adapted.testCase : testCase;
    },
    acquire: (phase) => (phase === 'starting' ? target.launched() : target.acquire()),
    endIfSilent: (silent) => target.endIfSilent(silent),
  };
}
