import { setMaxListeners } from 'node:events';
import type { RunResult, TargetFacts } from '../verdict/result.ts';
import type { RunOptions } from './options.ts';
import { SharedTarget } from './shared-target.ts';
import type { Survey } from './survey.ts';

/**
 * Starts the target, finds out what it serves, and holds the cases against it: side by side, then alone those that ask
 * for it. Everything it started has ended when it returns.
 * @throws TargetError, RunnerError when the target never became ready
 */
export async function runSuite(options: RunOptions): Promise<RunResult> {
  const startedAt = Date.now();
  const started = performance.now();
  // As many cases and launches listen to it as run side by side.
  setMaxListeners(0, options.signal);
  await using target = new SharedTarget(options);
  const starting = target.acquire().then((instance) => ({ instance, readyMs: performance.now() - started }));
  // What carries cases out is loaded while the target starts.
  const [{ instance, readyMs }, { Schedule }, { survey }] = await Promise.all([
    starting,
    import('./schedule.ts'),
    import('./survey.ts'),
  ]);
  const known = await survey(instance, options);
  const facts = factsOf(options, { target, known, readyMs });
  options.listener.onStart?.({ target: facts, cases: options.cases });
  const schedule = new Schedule(options, { target, known });
  const results = await schedule.run();
  return {
    settings: options.settings,
    target: facts,
    results,
    startedAt,
    durationMs: performance.now() - started,
    ...(schedule.stopped === undefined ? {} : { interrupted: schedule.stopped }),
  };
}

interface Ready {
  readonly target: SharedTarget;
  readonly known: Survey;
  /** From the launch on, in milliseconds. */
  readonly readyMs: number;
}

function factsOf(options: RunOptions, ready: Ready): TargetFacts {
  const { runner } = options;
  const { serverInfo, revision, problem } = ready.known;
  return {
    label: runner.label,
    kind: runner.kind,
    readyMs: ready.readyMs,
    ...(ready.target.health === undefined ? {} : { health: ready.target.health }),
    ...(serverInfo === undefined ? {} : { serverInfo }),
    ...(revision === undefined ? {} : { revision }),
    ...(problem === undefined ? {} : { surveyProblem: `initialize made no session: ${problem}` }),
  };
}
