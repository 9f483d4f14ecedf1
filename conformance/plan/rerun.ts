import { defaultReadySeconds } from './command-parts.ts';
import type { RunRequest } from './options.ts';
import type { TargetOptions } from './target-options.ts';

/** The command, for a POSIX shell, that runs one case again on the same target. */
export function rerunCommand(request: RunRequest, caseId: string): string {
  const { target, selection, caseTimeoutMs, readyTimeoutMs } = request;
  const words = [
    'npx',
    // Node, which runs npx, would take the option for its own.
    ...('envFiles' in target && target.envFiles.length > 0 ? ['--'] : []),
    'mcp-runtime-conformance',
    ...targetWords(target),
    ...option('--fixtures', selection.fixtures),
    ...option('--timeout', caseTimeoutMs === undefined ? undefined : `${caseTimeoutMs / 1_000}`),
    ...option(
      '--ready-timeout',
      readyTimeoutMs === defaultReadySeconds * 1_000 ? undefined : `${readyTimeoutMs / 1_000}`,
    ),
    '--case',
    caseId,
  ];
  const args = target.kind === 'image' || target.kind === 'command' ? target.args : [];
  return [...words, ...(args.length > 0 ? ['--', ...args] : [])].map(quote).join(' ');
}

function targetWords(target: TargetOptions): readonly string[] {
  switch (target.kind) {
    case 'embedded':
      return target.catalog === 'empty' ? ['--embedded-catalog', 'empty'] : [];
    case 'socket':
      return ['--socket', target.path];
    case 'command':
      return ['--command', target.command, ...startWords(target)];
    case 'image':
      return [
        '--image',
        target.image,
        ...startWords(target),
        ...option('--transport', target.transport),
        ...option('--network', target.network),
        ...(target.mounts ?? []).flatMap((mount) => ['--mount', mount]),
        ...option('--user', target.user),
        ...option('--pull', target.pull),
        ...option('--socket-path', target.socketPath),
        ...option('--relay-image', target.relayImage),
      ];
  }
}

function startWords(target: Extract<TargetOptions, { readonly env: readonly string[] }>): readonly string[] {
  return [
    ...target.env.flatMap((variable) => ['--env', withoutSecret(variable)]),
    ...target.envFiles.flatMap((file) => ['--env-file', file]),
    ...option('--socket-env', target.socketVariable),
  ];
}

/** Reports end up in build logs: of what looks like a secret there is only the name, which takes the caller's value. */
function withoutSecret(variable: string): string {
  const [name = ''] = variable.split('=');
  return /TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH/i.test(name) ? name : variable;
}

function option(flag: string, value: string | undefined): readonly string[] {
  return value === undefined ? [] : [flag, value];
}

/** A word as a POSIX shell takes it. */
export function quote(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
