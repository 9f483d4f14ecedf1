import { join } from 'node:path';
import { packageRoot } from '../base/package.ts';
import { readConfig } from '../conformance/plan/config-file.ts';
import { configFile } from '../conformance/plan/defaults.ts';
import { UsageError } from '../conformance/plan/usage-error.ts';
import { defaultTarget, type Target } from '../runners/kinds.ts';

/**
 * Returns the runtimes that arguments of a proof select.
 * @param names an empty list selects the embedded runtime and all targets of the configuration
 * @throws UsageError
 */
export async function runtimeTargets(names: readonly string[]): Promise<readonly Target[]> {
  if (names.length > 0) return names.map(targetOf);
  const { targets } = await readConfig(join(packageRoot(), configFile));
  return [defaultTarget, ...[...targets.values()].map(({ target }) => target)];
}

/** @throws UsageError */
function targetOf(name: string): Target {
  if (name === 'embedded') return defaultTarget;
  const [, kind, value = ''] = /^(image|command):(.+)$/s.exec(name) ?? [];
  if (kind === 'image') return { kind, image: value, pull: 'never' };
  if (kind === 'command') return { kind, command: value };
  throw new UsageError(`${name} is not a target: write embedded, image:NAME or command:LINE`);
}
