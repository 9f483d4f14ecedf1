import type { EnvironmentChanges } from '../../runners/environment/socket-environment.ts';
import type { Runner } from '../../runners/runner.ts';
import type { TargetOptions } from './target-options.ts';

/**
 * Makes the runner of a target. Only what that kind needs is loaded: testcontainers alone takes a noticeable time.
 * @throws RunnerError
 */
export async function makeRunner(target: TargetOptions): Promise<Runner> {
  switch (target.kind) {
    case 'embedded': {
      const { createEmbeddedRunner } = await import('../../runners/embedded/runner.ts');
      return createEmbeddedRunner({ catalog: target.catalog });
    }
    case 'socket': {
      const { createSocketRunner } = await import('../../runners/socket/runner.ts');
      return createSocketRunner({ path: target.path });
    }
    case 'command': {
      const { createCommandRunner } = await import('../../runners/command/runner.ts');
      const { kind: _, env, envFiles, ...options } = target;
      return createCommandRunner({ ...options, environment: await environmentOf(env, envFiles) });
    }
    case 'image': {
      const { createImageRunner } = await import('../../runners/image/image-runner.ts');
      const { kind: _, env, envFiles, ...options } = target;
      return createImageRunner({ ...options, environment: await environmentOf(env, []), envFiles });
    }
  }
}

async function environmentOf(env: readonly string[], files: readonly string[]): Promise<EnvironmentChanges> {
  const { parseEnvOptions, readEnvFile } = await import('../../runners/environment/env-file.ts');
  const layers = await Promise.all(files.map((file) => readEnvFile(file)));
  return Object.assign({}, ...layers, parseEnvOptions(env));
}

/** The target for people, before there is a runner that could say it. */
export function describeTarget(target: TargetOptions): string {
  switch (target.kind) {
    case 'embedded':
      return `embedded reference runtime${target.catalog === 'empty' ? ', empty catalog' : ''}`;
    case 'socket':
      return `socket ${target.path}`;
    case 'command':
      return `command ${[target.command, ...target.args].join(' ')}`;
    case 'image':
      return `image ${target.image}`;
  }
}
