import { checkWritable } from '../../base/write-file.ts';
import { describeTarget, kindOf } from '../../runners/kinds.ts';
import type { CommandContext } from './command-context.ts';
import type { Invocation } from './run-options.ts';

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
      const { request, output } = invocation;
      const { target, writeKnownFailures } = request;
      kindOf(target).preload?.();
      const { makeRunPlan } = await import('../plan/run-plan.ts');
      const { checkTarget } = await import('../check/check-target.ts');
      const { presentRun } = await import('./present-run.ts');
      const { findConfig } = await import('../plan/targets.ts');
      const { own } = await findConfig(request.config, process.cwd());
      const plan = await makeRunPlan({ ...request, own });
      for (const { path } of output.reports) await checkWritable(path);
      const { settings, failures } = plan;
      const presentation = { label: describeTarget(target), settings, failures, output, writeKnownFailures };
      return presentRun(presentation, context, (listener) => checkTarget(plan, { ...context, listener }));
    }
  }
}
