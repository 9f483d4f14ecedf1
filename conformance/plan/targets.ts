import { stat } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { nearest } from '../../load/nearest.ts';
import { type Configuration, type ConfiguredTarget, configFile, readConfig } from '../../plan/config-file.ts';
import { UsageError } from '../../plan/usage-error.ts';
import type { TargetOptions } from '../target-options.ts';
import type { TargetValue } from './target-value.ts';

/** One implementation that is to be run. */
export interface NamedTarget {
  readonly name: string;
  readonly target: TargetOptions;
  /** Capabilities that this one has to declare. */
  readonly capabilities: readonly string[];
  /** A file of failures that do not count. */
  readonly knownFailures?: string;
}

const nothing: Configuration = { targets: new Map() };

/**
 * The configuration that was named, or the one of the working folder; an empty one where there is none.
 * @param folder the working folder
 * @throws ConfigError
 */
export async function findConfig(path: string | undefined, folder: string): Promise<Configuration> {
  if (path !== undefined) return readConfig(path);
  const file = join(folder, configFile);
  const isThere = await stat(file).then(
    () => true,
    () => false,
  );
  return isThere ? readConfig(relative(process.cwd(), file)) : nothing;
}

/**
 * The targets that are meant: those of the command line, or all configured ones where it names none.
 * @throws UsageError for a name that is not configured, and for one that is given twice
 */
export function chooseTargets(
  values: readonly TargetValue[],
  configured: Configuration['targets'],
): readonly NamedTarget[] {
  if (values.length === 0) return [...configured].map(([name, target]) => namedTarget(name, target));
  const seen = new Set<string>();
  return values.map((value) => {
    const { name } = value;
    if (seen.has(name)) throw new UsageError(`--target ${name}: it is named twice`);
    seen.add(name);
    if (value.kind === 'defined') return { name, target: value.target, capabilities: [] };
    const target = configured.get(name);
    if (target !== undefined) return namedTarget(name, target);
    const near = nearest(name, configured.keys());
    const hint =
      near !== undefined
        ? `did you mean ${near}?`
        : `write ${name}=image:…, ${name}=command:… or ${name}=socket:…, or configure it in ${configFile}`;
    throw new UsageError(`--target ${name}: no target of that name is configured; ${hint}`);
  });
}

function namedTarget(name: string, configured: ConfiguredTarget): NamedTarget {
  const { capabilities, knownFailures } = configured;
  return {
    name,
    target: targetOptions(configured),
    capabilities,
    knownFailures,
  };
}

function targetOptions(configured: ConfiguredTarget): TargetOptions {
  const { image, command, socket, embedded, args, env, envFiles, socketVariable } = configured;
  const started = { args, env, envFiles, socketVariable };
  if (image !== undefined) {
    const { mounts, transport, network, user, pull, socketPath, relayImage } = configured;
    return {
      kind: 'image',
      image,
      ...started,
      mounts,
      transport,
      network,
      user,
      pull,
      socketPath,
      relayImage,
    };
  }
  if (command !== undefined) return { kind: 'command', command, ...started };
  if (socket !== undefined) return { kind: 'socket', path: socket };
  return { kind: 'embedded', catalog: embedded ?? 'conformance' };
}
