import { shellCommand } from '../../runners/exit-cleanup.ts';
import { splitHttpId } from '../case/transport.ts';
import { defaultReadyMs } from './defaults.ts';
import type { RunRequest } from './run-plan.ts';
import { wordsOf } from './target.ts';

/** Returns the POSIX shell command that runs one case, or by default all cases, again on the same target. */
export function rerunCommand(
  { target, contract, era, transport, fixtures, config, ...request }: RunRequest,
  caseId?: string,
): string {
  const { caseTimeoutMs, readyTimeoutMs = defaultReadyMs, repeat = 1 } = request;
  const over = transport === 'both' && caseId !== undefined ? splitHttpId(caseId).transport : transport;
  const { words, args } = wordsOf(target);
  return shellCommand([
    'npx',
    // npx runs on Node, and Node would interpret `--env-file` as its own option.
    ...(words.includes('--env-file') ? ['--'] : []),
    'mcp-runtime-conformance',
    ...words,
    ...(contract === undefined ? [] : ['--contract', contract]),
    ...(era === undefined ? [] : ['--era', era]),
    ...(over === undefined || over === 'grpc' ? [] : ['--transport', over]),
    ...(fixtures === undefined ? [] : ['--fixtures', fixtures]),
    ...(config === undefined ? [] : ['--config', config]),
    ...(caseTimeoutMs === undefined ? [] : ['--timeout', `${caseTimeoutMs / 1_000}`]),
    ...(readyTimeoutMs === defaultReadyMs ? [] : ['--ready-timeout', `${readyTimeoutMs / 1_000}`]),
    // An unstable case may pass once.
    ...(repeat === 1 ? [] : ['--repeat', `${repeat}`]),
    ...(caseId === undefined ? [] : ['--case', splitHttpId(caseId).id]),
    ...(args.length > 0 ? ['--', ...args] : []),
  ]);
}
