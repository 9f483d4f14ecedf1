import { type DataCase, defaultCaseDeadlineMs } from '../../case/case.ts';
import type { OwnItems } from '../../case/roles.ts';
import { appliesOver } from '../../case/transport.ts';
import type { Driver } from '../../engine/driver.ts';
import type { EngineOptions } from '../../engine/options.ts';
import type { RunResult, TargetFacts } from '../../engine/result.ts';
import { runCases } from '../../engine/run-cases.ts';
import { adaptCase } from './adapt-case.ts';
import { mayBegin, reasonNotToRun } from './applicability.ts';
import { inOrderOfRun } from './case-order.ts';
import { explainFailures } from './explanations.ts';
import type { Identities } from './request.ts';
import { RuntimeEras } from './runtime-eras.ts';
import { type RuntimeTarget, SharedTarget, type SharedTargetOptions } from './shared-target.ts';
import { RuntimeRelease } from './spoken-release.ts';
import type { Recorder } from './step-context.ts';
import type { Survey, Surveys } from './survey.ts';
import { surveyOfCase } from './survey-of-case.ts';
import { judgesTransports, type TransportComparison } from './transport-comparison.ts';

/** Options for a run against a runtime. */
export interface RunOptions extends EngineOptions<DataCase>, SharedTargetOptions {
  readonly identities: Identities;
  /** Items of the target's own that the configuration names. They precede discovered items. */
  readonly own?: OwnItems;
  /** Compares the answers of this pass with those of a pass over another protocol. */
  readonly comparison?: TransportComparison;
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
  const { cases, runner, settings, transport = 'grpc' } = options;
  const release = new RuntimeRelease(settings.contract);
  const eras = new RuntimeEras(settings.era);
  const applies = (testCase: DataCase) =>
    appliesOver(transport, testCase) &&
    (options.comparison !== undefined || !judgesTransports(testCase)) &&
    release.includes(testCase.since) &&
    eras.includes(testCase);
  let known: Surveys | undefined;
  const surveyFor = (testCase: DataCase): Survey | undefined => surveyOfCase(testCase, known);
  const ownItems = (served: Survey | undefined): OwnItems => ({ ...served?.own, ...options.own });

  const start: RuntimeDriver['start'] = async () => {
    const started = performance.now();
    const ready = target.acquire().then(({ instance }) => {
      const capabilities = target.health?.capabilities ?? [];
      release.noteCapabilities(capabilities);
      // A required capability is checked even if the target does not declare it.
      eras.noteCapabilities([...capabilities, ...settings.capabilities]);
      return { instance, readyMs: performance.now() - started };
    });
    ready.catch(() => {});
    // Loads the modules that run cases while the target starts.
    const [
      { survey },
      { attemptCase },
      { SchemaSet },
      { RunningCases },
      { LeftoverSessions },
      { SecondInstance },
      { Traffic },
    ] = await Promise.all([
      import('./survey.ts'),
      import('./attempt-case.ts'),
      import('../../match/schema-set.ts'),
      import('./running-cases.ts'),
      import('./sessions.ts'),
      import('./second-instance.ts'),
      import('../../observe/traffic/traffic.ts'),
    ]);
    const schemas = new SchemaSet();
    schemas.prepare(cases.map(({ steps }) => steps));
    const leftovers = new LeftoverSessions();
    const running = new RunningCases();
    const secondInstance = new SecondInstance(options);
    const traffic = new Traffic(() => target.health?.capabilities ?? []);
    const shared = { ...options, ready, release, schemas, leftovers, running, secondInstance, traffic };
    const facts = ready.then(async ({ instance, readyMs }): Promise<TargetFacts> => {
      const { identities, signal, caseTimeoutMs: timeoutMs = defaultCaseDeadlineMs } = options;
      // The survey holds a session while the first cases run.
      running.begin();
      const found = await survey(instance, { identities, signal, timeoutMs, eras: eras.checked }).finally(
        () => running.end(),
      );
      // A failed initialize does not show that the target has no sessions.
      const withoutSession =
        found.legacy?.problem?.withoutSession === true && found.legacy.revision !== undefined;
      release.noteSessions(!withoutSession);
      known = withoutSession && release.leavesSessionsOptional ? withoutProblem(found) : found;
      const { legacy, modern } = known;
      const problems = [legacy?.problem, modern?.problem].flatMap((each) => each?.summary ?? []);
      const surveyProblem = problems.length === 0 ? undefined : problems.join('; ');
      const serverInfo = legacy?.serverInfo ?? modern?.serverInfo;
      const revision = legacy?.revision ?? modern?.revision;
      const contract = release.facts(cases.filter(({ since }) => !release.includes(since)).length);
      const { label, kind, image } = runner;
      const eraFacts = eras.facts(cases.filter((testCase) => !eras.includes(testCase)).length);
      return {
        ...{ label, kind, image, contract, readyMs, serverInfo, revision, surveyProblem },
        eras: eraFacts,
        health: target.health,
      };
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
    survival: { case: 'lifecycle/serves', clause: 'LIFE-3' },
    explain: explainFailures,
    arrange: inOrderOfRun,
    mayBegin: (testCase, phase) =>
      release.decides(testCase.since) && eras.decides(testCase) && mayBegin(testCase, phase),
    applies,
    reasonNotToRun: (testCase) => {
      const declared = target.health?.capabilities ?? [];
      const required = settings.capabilities;
      const served = surveyFor(testCase);
      return reasonNotToRun(testCase, { runner, survey: served, own: ownItems(served), declared, required });
    },
    adapt: (testCase) => {
      const served = surveyFor(testCase);
      const adapted = adaptCase(testCase, served, ownItems(served));
      return adapted.kind === 'adapted' ? adapted.testCase : testCase;
    },
    acquire: (phase) => (phase === 'starting' ? target.launched() : target.acquire()),
    endIfSilent: (silent) => target.endIfSilent(silent),
  };
}

/** Removes the problem of the legacy survey, for a target whose release permits it to serve without sessions. */
function withoutProblem({ legacy, ...others }: Surveys): Surveys {
  if (legacy === undefined) return others;
  const { problem: _permitted, ...served } = legacy;
  return { ...others, legacy: served };
}
