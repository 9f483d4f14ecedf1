import { existsSync } from 'node:fs';
import { checkWritable } from '../../base/write-file.ts';
import { describeTarget, kindOf } from '../../runners/kinds.ts';
import { configFile } from '../plan/defaults.ts';
import { rememberedTarget } from '../plan/last-outcome.ts';
import type { CommandContext } from './command-context.ts';
import type { LoopSubject } from './loop/loop-subject.ts';
import type { Invocation } from './run-options.ts';

/** Returns the values that are not undefined. */
function definedOnly(values: readonly (string | undefined)[]): readonly string[] {
  return values.filter((value) => value !== undefined);
}

/** The configuration file of the working folder, if there is one. */
function foundConfig(): string | undefined {
  return existsSync(configFile) ? configFile : undefined;
}

/**
 * Checks one target, or prints a list or an explanation. Invalid requests fail before the target starts.
 * @returns the exit code
 * @throws UsageError, ConfigError, FixtureError, ContractError, KnownFailuresError, UnwritableFileError
 */
export async function runCommand(invocation: Invocation, context: CommandContext): Promise<number> {
  switch (invocation.kind) {
    case 'list': {
      const { listCases } = await import('./list.ts');
      context.output.write(await listCases(invocation.selection));
      return 0;
    }
    case 'explain': {
      const { explain } = await import('./explain.ts');
      context.output.write(await explain(invocation.subject, invocation.fixtures));
      return 0;
    }
    case 'run': {
      const { request, output, loop } = invocation;
      const { target, writeKnownFailures, fixtures } = request;
      kindOf(target).preload?.();
      const { makeRunPlan } = await import('../plan/run-plan.ts');
      const { checkTarget } = await import('../check/check-target.ts');
      const { presentRun } = await import('./present-run.ts');
      const { findConfig } = await import('../plan/targets.ts');
      const { runLoop } = await import('./loop/run-loop.ts');
      const label = describeTarget(target);
      const remembered = rememberedTarget(target, fixtures);
      const subject: LoopSubject = {
        label,
        targets: [remembered],
        watched: async () => {
          const { watchedOf } = await import('./watch/watched-of.ts');
          return watchedOf([kindOf(target).changingParts?.(target) ?? {}], {
            paths: loop.watchPaths,
            files: definedOnly([request.knownFailures, request.config ?? foundConfig()]),
            folders: definedOnly([fixtures]),
          });
        },
        run: async (choice, runContext, onReport) => {
          const { own } = await findConfig(request.config, process.cwd());
          const plan = await makeRunPlan({ ...request, ...choice, own });
          for (const { path } of output.reports) await checkWritable(path);
          const { settings, failures } = plan;
          const { first: failedBefore } = choice;
          const presentation = { label, settings, failures, output, writeKnownFailures, failedBefore };
          return presentRun(presentation, runContext, async (listener) => {
            const report = await checkTarget(plan, { ...runContext, listener });
            await onReport(remembered, report);
            return report;
          });
        },
      };
      return runLoop(subject, loop, context);
    }
  }
}
