import { join } from 'node:path';
import { packageRoot } from '../../base/package.ts';
import { readConfig } from '../../conformance/plan/config-file.ts';
import { configFile } from '../../conformance/plan/defaults.ts';
import { UsageError } from '../../conformance/plan/usage-error.ts';

/** A runtime that is put behind the gateway: its name, and the words that name it to the gateway. */
export interface Target {
  readonly name: string;
  readonly words: readonly string[];
}

/** What `prove official` and `prove inspector` check, and how. */
export interface OfficialRequest {
  /** Empty: the embedded runtime and all images of the configuration. */
  readonly targets: readonly string[];
  readonly transport?: string;
  /** The folder where programs from npm are installed. */
  readonly cache?: string;
  /** Shows what the program writes, also where everything passes. */
  readonly verbose?: boolean;
}

/** What came of one target. */
export interface TargetOutcome {
  readonly ok: boolean;
  /** One line. */
  readonly summary: string;
  /** What the program wrote. */
  readonly output: string;
}

/**
 * The targets of a request.
 * @param configured names of targets that are checked besides the embedded runtime where the request names none
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
 * @param begin provides the program; returns what checks one target
 * @returns the exit code: 0 where everything passed, else 1
 * @throws UsageError
 */
export async function checkTargets(
  request: OfficialRequest,
  begin: () => Promise<(target: Target) => Promise<TargetOutcome>>,
): Promise<number> {
  const configured = [...(await readConfig(join(packageRoot(), configFile))).targets.values()];
  const images = configured.flatMap(({ target }) =>
    target.kind === 'image' ? [`image:${target.image}`] : [],
  );
  const targets = readTargets(request, images);
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
