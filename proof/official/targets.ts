import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { readConfig } from '../../conformance/plan/config-file.ts';
import { configFile } from '../../conformance/plan/defaults.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';

/** A runtime behind the gateway: its name, and the gateway arguments that select it. */
export interface Target {
  readonly name: string;
  readonly words: readonly string[];
}

/** Options of `prove official`, `prove inspector` and `prove clients`. */
export interface OfficialRequest {
  /** Names of targets. An empty list selects the embedded runtime and all images of the configuration. */
  readonly targets: readonly string[];
  readonly transport?: string;
  /** Installation folder for programs from npm. */
  readonly cache?: string;
  /** Shows the output of the program even if everything passes. */
  readonly verbose?: boolean;
}

/** Outcome of one target. */
export interface TargetOutcome {
  readonly ok: boolean;
  /** Conclusion in one line. */
  readonly summary: string;
  /** Output of the program. */
  readonly output: string;
}

/**
 * Returns the targets that the options select.
 * @param configured names of default targets in addition to the embedded runtime
 * @throws UsageError
 */
export function readTargets(
  { targets, transport }: Pick<OfficialRequest, 'targets' | 'transport'>,
  configured: readonly string[],
): readonly Target[] {
  const words = transport === undefined ? [] : ['--transport', transport];
  const names = targets.length > 0 ? targets : ['embedded', ...configured];
  return names.map((name) => ({ name, words: [...wordsOf(name), ...words] }));
}

function wordsOf(target: string): readonly string[] {
  if (target === 'embedded') return [];
  const [, kind, value] = /^(image|command|socket):(.+)$/s.exec(target) ?? [];
  if (kind !== undefined && value !== undefined) return [`--${kind}`, value];
  throw new UsageError(`${target} is not a target: write embedded, image:NAME, command:LINE or socket:PATH`);
}

/**
 * Checks all targets, one after the other, and prints the outcome.
 * @param begin provides the program and returns a function that checks one target
 * @param more names of default targets in addition to the embedded runtime and all images of the configuration
 * @returns the exit code: 0 if everything passed, else 1
 * @throws UsageError
 */
export async function checkTargets(
  request: OfficialRequest,
  begin: () => Promise<(target: Target) => Promise<TargetOutcome>>,
  more: readonly string[] = [],
): Promise<number> {
  const configured = [...(await readConfig(join(packageRoot(), configFile))).targets.values()];
  const images = configured.flatMap(({ target }) =>
    target.kind === 'image' ? [`image:${target.image}`] : [],
  );
  const targets = readTargets(request, [...images, ...more]);
  const check = await begin();
  let exitCode = 0;
  for (const target of targets) {
    const { ok, summary, output } = await check(target);
    if (!ok || request.verbose === true) process.stdout.write(output);
    process.stdout.write(`${ok ? 'ok    ' : 'FAILED'}  ${target.name}: ${summary}\n`);
    if (!ok) exitCode = 1;
  }
  return exitCode;
}
