import { setMaxListeners } from 'node:events';
import { SharedTarget } from '../drivers/runtime/shared-target.ts';
import type { Survey } from '../drivers/runtime/survey.ts';
import { HeldListener } from './held-listener.ts';
import type { RunOptions } from './options.ts';
import type { RunResult, TargetFacts } from './result.ts';

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
  const ready = target.acquire().then((instance) => ({ instance, readyMs: performance.now() - started }));
  // What carries cases out is loaded while the target starts.
  const loading = import('../drivers/runtime/survey.ts');
  const known = ready.then(async ({ instance }) => (await loading).survey(instance, options));
  const listener = new HeldListener(options.listener);
  const starting = Promise.all([ready, known]).then(([{ readyMs }, survey]) => {
    const facts = factsOf(options, { target, known: survey, readyMs });
    listener.start({ target: facts, cases: options.cases });
    return facts;
  });
  // The schedule says why there is no target.
  starting.catch(() => {});
  const { Schedule } = await import('./schedule.ts');
  const schedule = new Schedule({ ...options, listener }, { target, ready, known });
  const results = await schedule.run();
  return {
    settings: options.settings,
    target: await starting,
    results,
    startedAt,
    durationMs: performance.now() - started,
    interrupted: schedule.stopped,
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
    health: ready.target.health,
    serverInfo,
    revision,
    ...(problem === undefined ? {} : { surveyProblem: `initialize made no session: ${problem}` }),
  };
}
